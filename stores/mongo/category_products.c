#include "stores/mongo/category_products.h"

#include "base/clock.h"
#include "stores/mongo/category_document.h"
#include "stores/mongo/category_guard.h"
#include "stores/mongo/mongo_command.h"
#include "stores/mongo/mongo_transaction.h"

struct batch {
    struct arena *arena;
    const struct category_pace *pace;
    struct str from_id; /* whose products */
    struct str to_id;   /* of which category they become; the same: they stay in it */
    bson_oid_t after;   /* only products with a greater id */
    bson_oid_t ids[CATEGORY_BATCH_PRODUCTS];
    size_t count;
};

static struct fault read_id(void *context, const bson_t *document) {
    struct batch *batch = context;
    bson_iter_t at;
    CHECK(batch->count < CATEGORY_BATCH_PRODUCTS);
    ENSURE(bson_iter_init_find(&at, document, "_id") && BSON_ITER_HOLDS_OID(&at), FAULT_INTERNAL);
    bson_oid_copy(bson_iter_oid(&at), &batch->ids[batch->count++]);
    return fault_none();
}

/* In the order of the index {category_id, _id}, from which alone it is answered. */
static struct fault find_ids(struct mongo_store *store, struct batch *batch) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    bson_t part;
    batch->count = 0;
    mongo_put_id(&filter, "category_id", batch->from_id);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&filter, "_id", &part));
    CHECK(BSON_APPEND_OID(&part, "$gt", &batch->after));
    CHECK(bson_append_document_end(&filter, &part));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&options, "sort", &part));
    CHECK(BSON_APPEND_INT32(&part, "category_id", 1));
    CHECK(BSON_APPEND_INT32(&part, "_id", 1));
    CHECK(bson_append_document_end(&options, &part));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&options, "projection", &part));
    CHECK(BSON_APPEND_INT32(&part, "_id", 1));
    CHECK(bson_append_document_end(&options, &part));
    mongo_put_int64(&options, "limit", CATEGORY_BATCH_PRODUCTS);
    return mongo_connection_find(store, "category.products", "products", &filter, &options, read_id,
                                 batch);
}

static void put_filter(const struct batch *batch, bson_t *filter) {
    bson_t condition;
    bson_t ids;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(filter, "_id", &condition));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&condition, "$in", &ids));
    for (size_t i = 0; i < batch->count; i++) {
        char buffer[16];
        const char *key = NULL;
        bson_uint32_to_string((uint32_t)i, &key, buffer, sizeof(buffer));
        CHECK(BSON_APPEND_OID(&ids, key, &batch->ids[i]));
    }
    CHECK(bson_append_array_end(&condition, &ids));
    CHECK(bson_append_document_end(filter, &condition));
    mongo_put_id(filter, "category_id", batch->from_id);
}

static void put_update(const struct batch *batch, const struct category_record *category,
                       bson_t *update) {
    bool is_edit = !str_equals(batch->from_id, batch->to_id);
    struct product_record place = {0};
    bson_t part;
    category_set_of_product(category, batch->arena, &place);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(update, "$set", &part));
    mongo_put_id(&part, "category_id", place.category_id);
    mongo_put_ids(&part, "category_path", &place.category_path);
    if (is_edit) {
        CHECK(BSON_APPEND_DATE_TIME(&part, "updated_at", clock_now_ms()));
    }
    CHECK(bson_append_document_end(update, &part));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(update, "$inc", &part));
    mongo_put_int64(&part, "version", is_edit ? 1 : INT64_ABSENT);
    mongo_put_int64(&part, "stock_seq", 1);
    CHECK(bson_append_document_end(update, &part));
}

static struct fault batch_body(struct mongo_store *store, void *context) {
    MONGO_BSON(filter);
    MONGO_BSON(update);
    struct batch *batch = context;
    struct category_record category;
    ENSURE(!arena_is_exhausted(batch->arena), FAULT_BUSY);
    TRY(category_record_find_by_id(store, batch->arena, batch->to_id, &category));
    TRY(find_ids(store, batch));
    if (batch->count == 0) {
        return fault_none();
    }
    put_filter(batch, &filter);
    put_update(batch, &category, &update);
    TRY(mongo_command_update(store, "category.rewrite", "products", &filter, &update,
                             MONGO_UPDATE_MANY, NULL));
    return category_guard_enter(store);
}

static struct fault rewrite(struct mongo_store *store, struct batch *batch) {
    const struct category_pace *pace = batch->pace;
    do {
        ENSURE(pace == NULL || pace->may_go_on(pace->context), FAULT_BUSY);
        TRY(mongo_transaction_run(store, batch_body, batch));
        if (batch->count > 0) {
            batch->after = batch->ids[batch->count - 1];
        }
    } while (batch->count == CATEGORY_BATCH_PRODUCTS);
    return fault_none();
}

static struct fault rewrite_all(struct mongo_store *store, struct arena *arena, struct str from_id,
                                struct str to_id, const struct category_pace *pace) {
    struct batch batch = {.arena = arena, .pace = pace, .from_id = from_id, .to_id = to_id};
    bson_oid_init_from_string(&batch.after, MONGO_ID_FIRST.data);
    struct fault fault = rewrite(store, &batch);
    return fault_is(fault, FAULT_NOT_FOUND) ? fault_none() : fault;
}

struct fault category_products_move(struct mongo_store *store, struct arena *arena,
                                    struct str from_id, struct str to_id,
                                    const struct category_pace *pace) {
    CHECK(store->session == NULL && !str_equals(from_id, to_id));
    return rewrite_all(store, arena, from_id, to_id, pace);
}

/* The mark as it was found: one that was set since is somebody else's. */
static struct fault unmark(struct mongo_store *store, const struct category_record *category) {
    MONGO_BSON(filter);
    MONGO_BSON(update);
    bson_t members;
    mongo_put_id(&filter, "_id", category->id);
    mongo_put_id(&filter, "due", category->due);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "$unset", &members));
    CHECK(BSON_APPEND_BOOL(&members, "due", true));
    CHECK(bson_append_document_end(&update, &members));
    return mongo_command_update(store, "category.unmark", "categories", &filter, &update,
                                MONGO_UPDATE_ONE, NULL);
}

static bool is_in(const struct category_record *category, struct str ancestor_id) {
    bool is_there = str_equals(category->id, ancestor_id);
    for (size_t i = 0; i < category->path.count; i++) {
        is_there = is_there || str_equals(category->path.items[i], ancestor_id);
    }
    return is_there;
}

static struct fault read_due(struct mongo_store *store, struct arena *arena,
                             struct category_record_list *list) {
    MONGO_BSON(filter);
    bson_t condition;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&filter, "due", &condition));
    mongo_put_id(&condition, "$gt", MONGO_ID_FIRST);
    CHECK(bson_append_document_end(&filter, &condition));
    return category_records_read(store, arena, &filter, NULL, list);
}

struct fault category_products_settle(struct mongo_store *store, struct arena *arena,
                                      struct str category_id, const struct category_pace *pace) {
    struct category_record_list list;
    CHECK(store->session == NULL);
    TRY(read_due(store, arena, &list));
    for (size_t i = 0; i < list.count; i++) {
        const struct category_record *category = &list.items[i];
        if (is_in(category, category_id)) {
            TRY(rewrite_all(store, arena, category->id, category->id, pace));
            TRY(unmark(store, category));
        }
    }
    return fault_none();
}

/* Ids begin with the seconds since 1970. */
static void put_id_of_time(bson_t *document, const char *key, int64_t at_ms) {
    bson_oid_t id;
    uint32_t seconds = BSON_UINT32_TO_BE((uint32_t)(at_ms > 0 ? at_ms / 1000 : 0));
    uint8_t bytes[sizeof(id.bytes)] = {0};
    memcpy(bytes, &seconds, sizeof seconds);
    bson_oid_init_from_data(&id, bytes);
    CHECK(BSON_APPEND_OID(document, key, &id));
}

struct fault category_records_overdue(struct mongo_store *store, struct arena *arena,
                                      const char *member, int64_t before_ms,
                                      struct category_record_list *list) {
    MONGO_BSON(filter);
    bson_t condition;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&filter, member, &condition));
    mongo_put_id(&condition, "$gt", MONGO_ID_FIRST);
    put_id_of_time(&condition, "$lt", before_ms);
    CHECK(bson_append_document_end(&filter, &condition));
    return category_records_read(store, arena, &filter, NULL, list);
}

/* In place of the mark that was found; *is_ours when nobody else was quicker. */
static struct fault mark_anew(struct mongo_store *store, struct arena *arena,
                              struct category_record *category, bool *is_ours) {
    MONGO_BSON(filter);
    MONGO_BSON(update);
    bson_t members;
    int64_t matched = 0;
    mongo_put_id(&filter, "_id", category->id);
    mongo_put_id(&filter, "due", category->due);
    category->due = mongo_new_id(arena);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "$set", &members));
    mongo_put_id(&members, "due", category->due);
    CHECK(bson_append_document_end(&update, &members));
    TRY(mongo_command_update(store, "category.mark", "categories", &filter, &update,
                             MONGO_UPDATE_ONE, &matched));
    *is_ours = matched == 1;
    return fault_none();
}

struct fault category_products_settle_overdue(struct mongo_store *store, struct arena *arena,
                                              int64_t before_ms, const struct category_pace *pace,
                                              size_t *count) {
    struct category_record_list list;
    CHECK(store->session == NULL);
    *count = 0;
    TRY(category_records_overdue(store, arena, "due", before_ms, &list));
    for (size_t i = 0; i < list.count; i++) {
        struct category_record *category = &list.items[i];
        bool is_ours = false;
        TRY(mark_anew(store, arena, category, &is_ours));
        if (is_ours) {
            TRY(rewrite_all(store, arena, category->id, category->id, pace));
            TRY(unmark(store, category));
            ++*count;
        }
    }
    return fault_none();
}
