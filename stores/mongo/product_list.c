#include "stores/mongo/category_document.h"
#include "stores/mongo/product_document.h"
#include "stores/mongo/product_view.h"
#include "stores/product_store.h"

const char *const product_sort_names[] = {"newest", "price", "-price", "name", NULL};

enum key_kind { KEY_DATE, KEY_INT64, KEY_STR };

struct sort_row {
    const char *key;
    enum key_kind kind;
    int32_t direction; /* of the key and of _id, which tells apart what has the same key */
};

/* Each is an index of migrations/mongo, read forwards or backwards. */
static const struct sort_row sort_rows[] = {
    [PRODUCT_SORT_NEWEST] = {"created_at", KEY_DATE, -1},
    [PRODUCT_SORT_PRICE] = {"price", KEY_INT64, 1},
    [PRODUCT_SORT_PRICE_DESCENDING] = {"price", KEY_INT64, -1},
    [PRODUCT_SORT_NAME] = {"sort_name", KEY_STR, 1},
};

static const struct sort_row *sort_of(const struct product_query *query) {
    CHECK((size_t)query->sort < COUNT_OF(sort_rows));
    return &sort_rows[query->sort];
}

static void put_key(bson_t *document, const char *key, const struct sort_row *sort,
                    const struct product_position *position) {
    if (sort->kind == KEY_DATE) {
        CHECK(BSON_APPEND_DATE_TIME(document, key, position->number));
    } else if (sort->kind == KEY_INT64) {
        CHECK(BSON_APPEND_INT64(document, key, position->number));
    } else {
        mongo_put_str(document, key, position->text);
    }
}

/* One clause of the $and: {key: {operator: the position's key}}. */
static void put_bound(bson_t *document, const struct sort_row *sort, const char *operator_name,
                      const struct product_position *position) {
    bson_t bound;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(document, sort->key, &bound));
    put_key(&bound, operator_name, sort, position);
    CHECK(bson_append_document_end(document, &bound));
}

/*
 * What comes after the position: a greater key, or the same key and a greater _id (or less, when
 * the direction is down). The first clause says nothing new but bounds the walk along the index.
 */
static void put_after(const struct sort_row *sort, const struct product_position *position,
                      bson_t *filter) {
    const char *beyond = sort->direction > 0 ? "$gt" : "$lt";
    const char *from = sort->direction > 0 ? "$gte" : "$lte";
    bson_t all;
    bson_t clause;
    bson_t either;
    bson_t side;
    bson_t bound;
    CHECK(BSON_APPEND_ARRAY_BEGIN(filter, "$and", &all));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&all, "0", &clause));
    put_bound(&clause, sort, from, position);
    CHECK(bson_append_document_end(&all, &clause));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&all, "1", &clause));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&clause, "$or", &either));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&either, "0", &side));
    put_bound(&side, sort, beyond, position);
    CHECK(bson_append_document_end(&either, &side));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&either, "1", &side));
    put_key(&side, sort->key, sort, position);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&side, "_id", &bound));
    mongo_put_id(&bound, beyond, position->id);
    CHECK(bson_append_document_end(&side, &bound));
    CHECK(bson_append_document_end(&either, &side));
    CHECK(bson_append_array_end(&clause, &either));
    CHECK(bson_append_document_end(&all, &clause));
    CHECK(bson_append_array_end(filter, &all));
}

/* Always names the status, which leads every index; "any" names them all. */
static void put_status(const struct product_query *query, bson_t *filter) {
    bool is_public = query->view == PRODUCT_VIEW_PUBLIC;
    if (is_public || query->status != PRODUCT_STATUS_ANY) {
        const char *name = product_status_names[is_public ? PRODUCT_ACTIVE : (int)query->status];
        mongo_put_str(filter, "status", str_of(name));
        return;
    }
    bson_t condition;
    bson_t names;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(filter, "status", &condition));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&condition, "$in", &names));
    for (uint32_t i = 0; product_status_names[i] != NULL; i++) {
        char buffer[16];
        const char *key = NULL;
        bson_uint32_to_string(i, &key, buffer, sizeof(buffer));
        mongo_put_str(&names, key, str_of(product_status_names[i]));
    }
    CHECK(bson_append_array_end(&condition, &names));
    CHECK(bson_append_document_end(filter, &condition));
}

static void put_filter(const struct product_query *query, struct str category_id, bson_t *filter) {
    mongo_put_id(filter, "category_path", category_id);
    put_status(query, filter);
    mongo_put_str(filter, "brand", query->brand);
    mongo_put_str(filter, "tags", query->tag);
    if (query->in_stock_only) {
        CHECK(BSON_APPEND_BOOL(filter, "in_stock", true));
    }
    if (query->min_price != INT64_ABSENT || query->max_price != INT64_ABSENT) {
        bson_t range;
        CHECK(BSON_APPEND_DOCUMENT_BEGIN(filter, "price", &range));
        mongo_put_int64(&range, "$gte", query->min_price);
        /* Not $lte: SecantusDB for Python would leave out who costs exactly that. */
        if (query->max_price != INT64_ABSENT) {
            mongo_put_int64(&range, "$lt", query->max_price + 1);
        }
        CHECK(bson_append_document_end(filter, &range));
    }
}

static void put_options(const struct product_query *query, bson_t *options) {
    const struct sort_row *sort = sort_of(query);
    bson_t order;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(options, "sort", &order));
    CHECK(BSON_APPEND_INT32(&order, sort->key, sort->direction));
    CHECK(BSON_APPEND_INT32(&order, "_id", sort->direction));
    CHECK(bson_append_document_end(options, &order));
    /* One more than is shown tells whether there are more. */
    mongo_put_int64(options, "limit", (int64_t)query->limit + 1);
    mongo_put_int64(options, "skip", (int64_t)query->skip);
}

struct page_reader {
    struct arena *arena;
    struct product_record *records;
    size_t count;   /* decoded, at most `limit` */
    size_t matched; /* sent by the server, at most limit + 1 */
    size_t limit;
};

/* One damaged document (logged) must not take all lists down with it: it is left out. */
static struct fault read_record(void *context, const bson_t *document) {
    struct page_reader *reader = context;
    reader->matched++;
    if (reader->matched > reader->limit) {
        return fault_none();
    }
    struct product_record *record = &reader->records[reader->count];
    if (!fault_occurred(product_document_decode(document, reader->arena, record))) {
        reader->count++;
    }
    ENSURE(!arena_is_exhausted(reader->arena), FAULT_ANSWER_TOO_LARGE);
    return fault_none();
}

static struct product_position position_of(const struct sort_row *sort,
                                           const struct product_record *record) {
    struct product_position position = {.id = record->product.id};
    if (sort->kind == KEY_STR) {
        position.text = record->sort_name;
    } else {
        position.number =
            sort->kind == KEY_DATE ? record->product.created_at_ms : record->product.price;
    }
    return position;
}

static struct fault read_page(struct mongo_store *store, struct arena *arena,
                              const struct product_query *query, struct str category_id,
                              struct product_page *page) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    struct page_reader reader = {.arena = arena, .limit = query->limit};
    reader.records = arena_alloc_array(arena, query->limit, sizeof(*reader.records));
    put_filter(query, category_id, &filter);
    if (query->after != NULL) {
        put_after(sort_of(query), query->after, &filter);
    }
    put_options(query, &options);
    TRY(mongo_connection_find(store, "product.list", "products", &filter, &options, read_record,
                              &reader));
    TRY(product_records_complete(store, arena, reader.records, reader.count));
    page->products.items = arena_alloc_array(arena, reader.count, sizeof(struct product));
    page->products.count = reader.count;
    for (size_t i = 0; i < reader.count; i++) {
        page->products.items[i] = reader.records[i].product;
        product_view_apply(query->view, &page->products.items[i]);
    }
    if (reader.count > 0) {
        page->has_more = reader.matched > query->limit;
        page->last = position_of(sort_of(query), &reader.records[reader.count - 1]);
    }
    return fault_none();
}

static struct fault read_total(struct mongo_store *store, const struct product_query *query,
                               struct str category_id, struct product_page *page) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    bson_t filter;
    mongo_put_str(&command, "count", STR("products"));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&command, "query", &filter));
    put_filter(query, category_id, &filter);
    CHECK(bson_append_document_end(&command, &filter));
    mongo_put_int64(&command, "limit", PRODUCT_TOTAL_MAX + 1);
    TRY(mongo_connection_read(store, "product.total", &command, &reply));
    int64_t total = mongo_get_int64(&reply, "n");
    page->total_is_exact = total <= PRODUCT_TOTAL_MAX;
    page->total = page->total_is_exact ? total : PRODUCT_TOTAL_MAX;
    return fault_none();
}

struct fault product_store_list(struct mongo_store *store, struct arena *arena,
                                const struct product_query *query, struct product_page *page) {
    CHECK(query->limit >= 1 && query->limit <= 100);
    *page = (struct product_page){.total = INT64_ABSENT};
    ENSURE(query->after == NULL || product_id_is_valid(query->after->id), FAULT_BAD_CURSOR);
    struct category_record category = {0};
    if (!str_is_absent(query->category)) {
        struct fault fault = category_record_find(store, arena, query->category, &category);
        if (fault_is(fault, FAULT_NOT_FOUND)) {
            page->total = query->with_total ? 0 : INT64_ABSENT;
            page->total_is_exact = query->with_total;
            return fault_none();
        }
        TRY(fault);
    }
    TRY(read_page(store, arena, query, category.id, page));
    return query->with_total ? read_total(store, query, category.id, page) : fault_none();
}
