#include "stores/category_store.h"

#include "base/clock.h"
#include "stores/mongo/category_tree.h"
#include "stores/mongo/mongo_command.h"
#include "stores/mongo/mongo_transaction.h"

struct fault category_store_read_tree(struct mongo_store *store, struct arena *arena,
                                      struct category_list *roots) {
    return category_tree_read(store, arena, NULL, roots);
}

struct fault category_store_find(struct mongo_store *store, struct arena *arena, struct str slug,
                                 struct category_node *node) {
    struct category_record record;
    TRY(category_record_find_any(store, arena, slug, &record));
    return category_tree_show(store, arena, &record, node);
}

struct put {
    struct arena *arena;
    const struct category *category;
};

static struct fault update_category(struct mongo_store *store, const struct category_record *record,
                                    const struct category *category) {
    MONGO_BSON(filter);
    MONGO_BSON(update);
    bson_t part;
    mongo_put_id(&filter, "_id", record->id);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "$set", &part));
    mongo_put_str(&part, "name", category->name);
    mongo_put_int64(&part, "position", category->position);
    CHECK(BSON_APPEND_DATE_TIME(&part, "updated_at", clock_now_ms()));
    CHECK(bson_append_document_end(&update, &part));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "$inc", &part));
    mongo_put_int64(&part, "version", 1);
    CHECK(bson_append_document_end(&update, &part));
    return mongo_command_update(store, "category.update", "categories", &filter, &update,
                                MONGO_UPDATE_ONE, NULL);
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
