#include "stores/mongo/product_media.h"

#include "base/clock.h"
#include "stores/media_store.h"

/* Statements of an update command on `media`. */
struct updates {
    bson_t command;
    bson_t list;
    uint32_t count;
};

static bool is_ours(struct str url) {
    return str_starts_with(url, STR(MEDIA_URL_PREFIX));
}

static bool names_url(const struct product *product, size_t count, struct str url) {
    for (size_t i = 0; i < count; i++) {
        if (str_equals(product->images.items[i].url, url)) {
            return true;
        }
    }
    return false;
}

/* Whether image `index` is one of ours that `other` does not name, and comes here first. */
static bool differs(const struct product *product, size_t index, const struct product *other) {
    struct str url = product->images.items[index].url;
    return is_ours(url) && !names_url(product, index, url) &&
           (other == NULL || !names_url(other, other->images.count, url));
}

static void begin_statement(struct updates *updates, bson_t *statement) {
    char buffer[16];
    const char *key = NULL;
    bson_uint32_to_string(updates->count++, &key, buffer, sizeof(buffer));
    CHECK(bson_append_document_begin(&updates->list, key, -1, statement));
}

/* {$set: {state: state, since: now}} */
static void put_state(const char *state, bson_t *change) {
    bson_t set;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(change, "$set", &set));
    mongo_put_str(&set, "state", str_of(state));
    CHECK(BSON_APPEND_DATE_TIME(&set, "since", clock_now_ms()));
    CHECK(bson_append_document_end(change, &set));
}

/* {$addToSet: {products: product}} or {$pull: ...} */
static void put_product(const char *operator, struct str product_id, bson_t *change) {
    bson_t inner;
    CHECK(bson_append_document_begin(change, operator, - 1, &inner));
    mongo_put_id(&inner, "products", product_id);
    CHECK(bson_append_document_end(change, &inner));
}

/* {_id, names, state: {$in: ["pending", "used"]}} */
static void put_usable(struct str url, bson_t *filter) {
    bson_t state;
    bson_t values;
    mongo_put_str(filter, "_id", media_id_of_url(url));
    mongo_put_str(filter, "names", str_slice(url, STR(MEDIA_URL_PREFIX).size, SIZE_MAX));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(filter, "state", &state));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&state, "$in", &values));
    mongo_put_str(&values, "0", STR("pending"));
    mongo_put_str(&values, "1", STR("used"));
    CHECK(bson_append_array_end(&state, &values));
    CHECK(bson_append_document_end(filter, &state));
}

static void put_use(struct updates *updates, struct str url, struct str product_id) {
    bson_t statement;
    bson_t part;
    begin_statement(updates, &statement);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&statement, "q", &part));
    put_usable(url, &part);
    CHECK(bson_append_document_end(&statement, &part));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&statement, "u", &part));
    put_state("used", &part);
    put_product("$addToSet", product_id, &part);
    CHECK(bson_append_document_end(&statement, &part));
    CHECK(bson_append_document_end(&updates->list, &statement));
}

static void put_release(struct updates *updates, struct str url, struct str product_id) {
    bson_t statement;
    bson_t part;
    begin_statement(updates, &statement);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&statement, "q", &part));
    mongo_put_str(&part, "_id", media_id_of_url(url));
    CHECK(bson_append_document_end(&statement, &part));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&statement, "u", &part));
    put_product("$pull", product_id, &part);
    CHECK(bson_append_document_end(&statement, &part));
    CHECK(bson_append_document_end(&updates->list, &statement));
}

/* What no product names any more; runs after the release. */
static void put_doom(struct updates *updates, struct str url) {
    bson_t statement;
    bson_t part;
    bson_t products;
    begin_statement(updates, &statement);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&statement, "q", &part));
    mongo_put_str(&part, "_id", media_id_of_url(url));
    mongo_put_str(&part, "state", STR("used"));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&part, "products", &products));
    CHECK(BSON_APPEND_INT32(&products, "$size", 0));
    CHECK(bson_append_document_end(&part, &products));
    CHECK(bson_append_document_end(&statement, &part));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&statement, "u", &part));
    put_state("doomed", &part);
    CHECK(bson_append_document_end(&statement, &part));
    CHECK(bson_append_document_end(&updates->list, &statement));
}

/* *matched: documents that the statements have found, all together. */
static struct fault run(struct mongo_store *store, const char *name, struct updates *updates,
                        int64_t *matched) {
    MONGO_BSON(reply);
    CHECK(bson_append_array_end(&updates->command, &updates->list));
    TRY(mongo_connection_write(store, name, &updates->command, &reply));
    *matched = mongo_get_int64(&reply, "n");
    return fault_none();
}

static void begin_updates(struct updates *updates) {
    bson_init(&updates->command);
    updates->count = 0;
    mongo_put_str(&updates->command, "update", STR("media"));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&updates->command, "updates", &updates->list));
}

static struct fault use(struct mongo_store *store, const struct product *before,
                        const struct product *after, struct violations *violations) {
    struct updates updates;
    int64_t matched = 0;
    bool are_ids = true;
    begin_updates(&updates);
    for (size_t i = 0; i < after->images.count; i++) {
        if (differs(after, i, before)) {
            struct str url = after->images.items[i].url;
            are_ids = are_ids && !str_is_absent(media_id_of_url(url));
            if (are_ids) {
                put_use(&updates, url, after->id);
            }
        }
    }
    struct fault fault =
        are_ids && updates.count > 0 ? run(store, "media.use", &updates, &matched) : fault_none();
    bson_destroy(&updates.command);
    TRY(fault);
    if (!are_ids || matched != (int64_t)updates.count) {
        violations_add(violations, STR("images"),
                       "names an address under " MEDIA_URL_PREFIX " where no image is");
        return fault_of(FAULT_INVALID);
    }
    return fault_none();
}

static struct fault release(struct mongo_store *store, const struct product *before,
                            const struct product *after) {
    struct updates updates;
    int64_t matched = 0;
    begin_updates(&updates);
    for (size_t i = 0; i < before->images.count; i++) {
        struct str url = before->images.items[i].url;
        if (differs(before, i, after) && !str_is_absent(media_id_of_url(url))) {
            put_release(&updates, url, before->id);
            put_doom(&updates, url);
        }
    }
    struct fault fault =
        updates.count > 0 ? run(store, "media.release", &updates, &matched) : fault_none();
    bson_destroy(&updates.command);
    return fault;
}

struct fault product_media_follow(struct mongo_store *store, const struct product *before,
                                  const struct product *after, struct violations *violations) {
    if (after != NULL) {
        TRY(use(store, before, after, violations));
    }
    return before != NULL ? release(store, before, after) : fault_none();
}
