#include "stores/mongo/product_audit.h"

#include "base/clock.h"

/* What every change moves says nothing. */
static bool is_worth_naming(const char *key) {
    static const char *const always[] = {"version", "stock_seq", "created_at", "updated_at",
                                         "_id",     "old_slugs", "terms"};
    for (size_t i = 0; i < COUNT_OF(always); i++) {
        if (strcmp(always[i], key) == 0) {
            return false;
        }
    }
    return true;
}

static bool is_same_member(const bson_iter_t *left, const bson_t *other) {
    bson_iter_t right;
    if (!bson_iter_init_find(&right, other, bson_iter_key(left))) {
        return false;
    }
    MONGO_BSON(left_alone);
    MONGO_BSON(right_alone);
    CHECK(bson_append_iter(&left_alone, NULL, 0, left));
    CHECK(bson_append_iter(&right_alone, NULL, 0, &right));
    return bson_equal(&left_alone, &right_alone);
}

/* Members of `document` that `other` does not have; or, unless `only_missing`, has otherwise. */
static void put_differences(const bson_t *document, const bson_t *other, bool only_missing,
                            bson_t *changed, uint32_t *count) {
    bson_iter_t at;
    CHECK(bson_iter_init(&at, document));
    while (bson_iter_next(&at)) {
        const char *name = bson_iter_key(&at);
        bool differs = only_missing ? !bson_has_field(other, name) : !is_same_member(&at, other);
        if (differs && is_worth_naming(name)) {
            char buffer[16];
            const char *key = NULL;
            bson_uint32_to_string((*count)++, &key, buffer, sizeof(buffer));
            mongo_put_str(changed, key, str_of(name));
        }
    }
}

static void put_changed(const bson_t *before, const bson_t *after, bool is_stock_changed,
                        bson_t *document) {
    bson_t changed;
    uint32_t count = 0;
    CHECK(BSON_APPEND_ARRAY_BEGIN(document, "changed", &changed));
    put_differences(after, before, false, &changed, &count);
    put_differences(before, after, true, &changed, &count);
    if (is_stock_changed) {
        char buffer[16];
        const char *key = NULL;
        bson_uint32_to_string(count, &key, buffer, sizeof(buffer));
        mongo_put_str(&changed, key, STR("stock"));
    }
    CHECK(bson_append_array_end(document, &changed));
}

struct fault product_audit_write(struct mongo_store *store, const char *action,
                                 const struct product *product, const bson_t *before,
                                 const bson_t *after, bool is_stock_changed,
                                 const struct product_author *author) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    bson_t documents;
    bson_t document;
    bson_oid_t id;
    bson_oid_init(&id, NULL);
    mongo_put_str(&command, "insert", STR("audit"));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&command, "documents", &documents));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&documents, "0", &document));
    CHECK(BSON_APPEND_OID(&document, "_id", &id));
    CHECK(BSON_APPEND_DATE_TIME(&document, "at", clock_now_ms()));
    mongo_put_str(&document, "action", str_of(action));
    mongo_put_str(&document, "subject", STR("product"));
    mongo_put_id(&document, "subject_id", product->id);
    mongo_put_str(&document, "subject_name", product->slug);
    put_changed(before, after, is_stock_changed, &document);
    mongo_put_int64(&document, "user_id", author->user_id == 0 ? INT64_ABSENT : author->user_id);
    mongo_put_str(&document, "address", author->address);
    mongo_put_str(&document, "request_id", author->request_id);
    CHECK(bson_append_document_end(&documents, &document));
    CHECK(bson_append_array_end(&command, &documents));
    return mongo_connection_write(store, "audit.write", &command, &reply);
}
