#include "stores/mongo/catalogue_audit.h"

#include "base/clock.h"
#include "stores/mongo/mongo_command.h"

/* What every change moves says nothing. */
static bool is_worth_naming(const char *key) {
    static const char *const always[] = {"version", "stock_seq", "created_at", "updated_at",
                                         "_id",     "old_slugs", "due",        "terms"};
    if (str_starts_with(str_of(key), STR("removal_"))) {
        return false;
    }
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

static void put_changed(const struct catalogue_change *change, bson_t *document) {
    bson_t changed;
    uint32_t count = 0;
    CHECK(BSON_APPEND_ARRAY_BEGIN(document, "changed", &changed));
    put_differences(change->after, change->before, false, &changed, &count);
    put_differences(change->before, change->after, true, &changed, &count);
    if (change->also != NULL) {
        char buffer[16];
        const char *key = NULL;
        bson_uint32_to_string(count, &key, buffer, sizeof(buffer));
        mongo_put_str(&changed, key, str_of(change->also));
    }
    CHECK(bson_append_array_end(document, &changed));
}

struct fault catalogue_audit_write(struct mongo_store *store, const struct catalogue_change *change,
                                   const struct product_author *author) {
    MONGO_BSON(document);
    bson_oid_t id;
    bson_oid_init(&id, NULL);
    CHECK(BSON_APPEND_OID(&document, "_id", &id));
    CHECK(BSON_APPEND_DATE_TIME(&document, "at", clock_now_ms()));
    mongo_put_str(&document, "action", str_of(change->action));
    mongo_put_str(&document, "subject", str_of(change->subject));
    mongo_put_id(&document, "subject_id", change->id);
    mongo_put_str(&document, "subject_name", change->name);
    put_changed(change, &document);
    mongo_put_int64(&document, "user_id", author->user_id == 0 ? INT64_ABSENT : author->user_id);
    mongo_put_str(&document, "address", author->address);
    mongo_put_str(&document, "request_id", author->request_id);
    return mongo_command_insert(store, "audit.write", "audit", &document);
}
