#include "stores/category_store.h"

#include "base/clock.h"
#include "stores/mongo/category_document.h"
#include "stores/mongo/mongo_transaction.h"

struct put {
    struct arena *arena;
    const struct category *category;
};

static struct fault update_category(struct mongo_store *store, const struct category_record *record,
                                    const struct category *category) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    bson_t updates;
    bson_t update;
    bson_t part;
    bson_t set;
    mongo_put_str(&command, "update", STR("categories"));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&command, "updates", &updates));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&updates, "0", &update));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "q", &part));
    mongo_put_id(&part, "_id", record->id);
    CHECK(bson_append_document_end(&update, &part));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "u", &part));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&part, "$set", &set));
    mongo_put_str(&set, "name", category->name);
    mongo_put_int64(&set, "position", category->position);
    CHECK(BSON_APPEND_DATE_TIME(&set, "updated_at", clock_now_ms()));
    CHECK(bson_append_document_end(&part, &set));
    CHECK(bson_append_document_end(&update, &part));
    CHECK(bson_append_document_end(&updates, &update));
    CHECK(bson_append_array_end(&command, &updates));
    return mongo_connection_write(store, "category.update", &command, &reply);
}

static struct fault put_body(struct mongo_store *store, void *context) {
    const struct put *put = context;
    const struct category *category = put->category;
    struct category_record parent = {0};
    struct category_record record;
    if (!str_is_absent(category->parent)) {
        TRY(category_record_find(store, put->arena, category->parent, &parent));
    }
    struct fault fault = category_record_find(store, put->arena, category->slug, &record);
    if (fault_is(fault, FAULT_NOT_FOUND)) {
        return category_record_insert(store, put->arena, str_is_absent(parent.id) ? NULL : &parent,
                                      category->slug, category->name, category->position, &record);
    }
    TRY(fault);
    ENSURE(str_equals(record.parent_id, parent.id), FAULT_CONFLICT);
    bool is_same = str_equals(record.name, category->name) && record.position == category->position;
    return is_same ? fault_none() : update_category(store, &record, category);
}

struct fault category_store_put(struct mongo_store *store, struct arena *arena,
                                const struct category *category) {
    struct put put = {arena, category};
    ENSURE(product_slug_is_valid(category->slug), FAULT_INVALID);
    ENSURE(!str_is_empty(category->name) && str_is_utf8(category->name) &&
               str_utf8_length(category->name) <= PRODUCT_NAME_MAX_CHARACTERS,
           FAULT_INVALID);
    return mongo_transaction_run(store, put_body, &put);
}
