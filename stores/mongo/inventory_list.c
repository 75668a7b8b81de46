#include "stores/mongo/inventory_ledger.h"
#include "stores/mongo/mongo_command.h"
#include "stores/mongo/mongo_document.h"

struct fault inventory_store_find(struct mongo_store *store, struct arena *arena, struct str sku,
                                  struct inventory_level *level) {
    MONGO_BSON(filter);
    struct mongo_page page = {arena, "inventory", &level_shape, level, .limit = 1};
    *level = (struct inventory_level){0};
    mongo_put_str(&filter, "_id", sku);
    TRY(mongo_connection_find(store, "inventory.find", "inventory", &filter, NULL, mongo_page_read,
                              &page));
    ENSURE(page.count == 1, page.matched == 0 ? FAULT_NOT_FOUND : FAULT_INTERNAL);
    return fault_none();
}

static void put_what(const struct inventory_query *query, bson_t *filter) {
    if (query->filter == INVENTORY_LOW) {
        CHECK(BSON_APPEND_BOOL(filter, "is_low", true));
    } else if (query->filter == INVENTORY_AT_MOST) {
        bson_t bound;
        /* Not $lte: SecantusDB for Python would leave out what has exactly that. */
        CHECK(BSON_APPEND_DOCUMENT_BEGIN(filter, "available", &bound));
        mongo_put_int64(&bound, "$lt", query->available_max + 1);
        CHECK(bson_append_document_end(filter, &bound));
    }
}

/* {member: {$gt: what the position has}}. */
static void put_sku_after(const struct inventory_position *after, bson_t *filter) {
    bson_t bound;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(filter, "_id", &bound));
    mongo_put_str(&bound, "$gt", after->sku);
    CHECK(bson_append_document_end(filter, &bound));
}

/* Scarcer ones come first: more is available, or the same and a later SKU. */
static void put_scarcity_after(const struct inventory_position *after, bson_t *filter) {
    bson_t either;
    bson_t side;
    bson_t bound;
    CHECK(BSON_APPEND_ARRAY_BEGIN(filter, "$or", &either));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&either, "0", &side));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&side, "available", &bound));
    mongo_put_int64(&bound, "$gt", after->available);
    CHECK(bson_append_document_end(&side, &bound));
    CHECK(bson_append_document_end(&either, &side));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&either, "1", &side));
    mongo_put_int64(&side, "available", after->available);
    put_sku_after(after, &side);
    CHECK(bson_append_document_end(&either, &side));
    CHECK(bson_append_array_end(filter, &either));
}

static void put_options(const struct inventory_query *query, bson_t *options) {
    bson_t order;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(options, "sort", &order));
    if (query->filter != INVENTORY_ALL) {
        CHECK(BSON_APPEND_INT32(&order, "available", 1));
    }
    CHECK(BSON_APPEND_INT32(&order, "_id", 1));
    CHECK(bson_append_document_end(options, &order));
    mongo_put_int64(options, "limit", (int64_t)query->limit + 1);
    mongo_put_int64(options, "skip", (int64_t)query->skip);
}

struct fault inventory_store_list(struct mongo_store *store, struct arena *arena,
                                  const struct inventory_query *query,
                                  struct inventory_page *page) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    struct mongo_page read = {arena, "inventory", &level_shape, .limit = query->limit};
    *page = (struct inventory_page){.total = INT64_ABSENT};
    read.items = arena_alloc_array(arena, query->limit, read.shape->struct_size);
    put_what(query, &filter);
    if (query->with_total) {
        TRY(mongo_command_count_up_to(store, "inventory.total", "inventory", &filter,
                                      INVENTORY_TOTAL_MAX, &page->total, &page->total_is_exact));
    }
    if (query->after != NULL && query->filter == INVENTORY_ALL) {
        put_sku_after(query->after, &filter);
    } else if (query->after != NULL) {
        put_scarcity_after(query->after, &filter);
    }
    put_options(query, &options);
    TRY(mongo_connection_find(store, "inventory.list", "inventory", &filter, &options,
                              mongo_page_read, &read));
    page->levels = (struct inventory_level_list){read.items, read.count};
    page->has_more = read.matched > query->limit && read.count > 0;
    return fault_none();
}

static void put_newest_first(const struct movement_query *query, bson_t *options) {
    bson_t order;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(options, "sort", &order));
    CHECK(BSON_APPEND_INT32(&order, "variant_id", -1));
    CHECK(BSON_APPEND_INT32(&order, "seq", -1));
    CHECK(bson_append_document_end(options, &order));
    mongo_put_int64(options, "limit", (int64_t)query->limit + 1);
    mongo_put_int64(options, "skip", (int64_t)query->skip);
}

struct fault inventory_store_movements(struct mongo_store *store, struct arena *arena,
                                       struct str sku, const struct movement_query *query,
                                       struct movement_page *page) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    struct inventory_level level;
    struct mongo_page read = {arena, "movements", &movement_shape, .limit = query->limit};
    *page = (struct movement_page){.total = INT64_ABSENT};
    TRY(inventory_store_find(store, arena, sku, &level));
    read.items = arena_alloc_array(arena, query->limit, read.shape->struct_size);
    mongo_put_id(&filter, "variant_id", level.variant_id);
    if (query->with_total) {
        TRY(mongo_command_count_up_to(store, "movement.total", "movements", &filter,
                                      INVENTORY_TOTAL_MAX, &page->total, &page->total_is_exact));
    }
    if (query->before_seq != INT64_ABSENT) {
        bson_t bound;
        CHECK(BSON_APPEND_DOCUMENT_BEGIN(&filter, "seq", &bound));
        mongo_put_int64(&bound, "$lt", query->before_seq);
        CHECK(bson_append_document_end(&filter, &bound));
    }
    put_newest_first(query, &options);
    TRY(mongo_connection_find(store, "movement.list", "movements", &filter, &options,
                              mongo_page_read, &read));
    page->movements = (struct movement_list){read.items, read.count};
    page->has_more = read.matched > query->limit && read.count > 0;
    return fault_none();
}
