#include "stores/mongo/mongo_command.h"
#include "stores/mongo/product_candidates.h"
#include "stores/mongo/product_document.h"
#include "stores/mongo/product_filter.h"
#include "stores/mongo/product_view.h"
#include "stores/product_store.h"

const char *const product_sort_names[] = {"newest", "price", "-price", "name", "relevance", NULL};

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
                      bson_t *all, uint32_t *count) {
    const char *beyond = sort->direction > 0 ? "$gt" : "$lt";
    const char *from = sort->direction > 0 ? "$gte" : "$lte";
    bson_t clause;
    bson_t either;
    bson_t side;
    bson_t bound;
    CHECK(*count == 0);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(all, "0", &clause));
    put_bound(&clause, sort, from, position);
    CHECK(bson_append_document_end(all, &clause));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(all, "1", &clause));
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
    CHECK(bson_append_document_end(all, &clause));
    *count = 2;
}

/* What is to be shown from here on. */
static void put_rest(const struct product_filter *filter, bson_t *document) {
    const struct product_query *query = filter->query;
    bson_t all;
    uint32_t count = 0;
    if (query->after == NULL) {
        product_filter_put_whole(filter, FILTER_FOR_ORDER, document);
        return;
    }
    product_filter_put(filter, FILTER_FOR_ORDER, document);
    CHECK(BSON_APPEND_ARRAY_BEGIN(document, "$and", &all));
    put_after(sort_of(query), query->after, &all, &count);
    product_match_put(&filter->match, &all, &count);
    CHECK(bson_append_array_end(document, &all));
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
    product_document_put_projection(options);
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

static void show(const struct product_query *query, const struct product_record *records,
                 size_t count, struct arena *arena, struct product_page *page) {
    page->products.items = arena_alloc_array(arena, count, sizeof(struct product));
    page->products.count = count;
    for (size_t i = 0; i < count; i++) {
        page->products.items[i] = records[i].product;
        product_view_apply(query->view, &page->products.items[i]);
    }
}

static struct fault read_page(struct mongo_store *store, struct arena *arena,
                              const struct product_filter *filter, struct product_page *page) {
    MONGO_BSON(document);
    MONGO_BSON(options);
    const struct product_query *query = filter->query;
    struct page_reader reader = {.arena = arena, .limit = query->limit};
    reader.records = arena_alloc_array(arena, query->limit, sizeof(*reader.records));
    put_rest(filter, &document);
    put_options(query, &options);
    TRY(mongo_connection_find(store, "product.list", "products", &document, &options, read_record,
                              &reader));
    TRY(product_records_complete(store, arena, reader.records, reader.count));
    show(query, reader.records, reader.count, arena, page);
    if (reader.count > 0) {
        page->has_more = reader.matched > query->limit;
        page->last = position_of(sort_of(query), &reader.records[reader.count - 1]);
    }
    return fault_none();
}

/* The products of a page by relevance; what has been changed so that it no longer fits is left out.
 */
static struct fault read_ranked(struct mongo_store *store, struct arena *arena,
                                const struct product_filter *filter,
                                const struct product_candidates *candidates,
                                struct product_page *page) {
    const struct product_query *query = filter->query;
    size_t found = 0;
    struct product_record *records = arena_alloc_array(arena, query->limit, sizeof(*records));
    TRY(product_candidates_read_page(store, arena, filter, candidates, records, &found));
    TRY(product_records_complete(store, arena, records, found));
    show(query, records, found, arena, page);
    return fault_none();
}

static struct fault read_total(struct mongo_store *store, const struct product_filter *filter,
                               struct product_page *page) {
    MONGO_BSON(document);
    product_filter_put_whole(filter, FILTER_FOR_ALL, &document);
    return mongo_command_count_up_to(store, "product.total", "products", &document,
                                     PRODUCT_TOTAL_MAX, &page->total, &page->total_is_exact);
}

/* Candidates are read for what they are ranked by, for their facets, or for both. */
static struct fault read_products(struct mongo_store *store, struct arena *arena,
                                  const struct product_filter *filter, struct product_page *page) {
    const struct product_query *query = filter->query;
    struct product_candidates candidates = {0};
    bool is_ranked = query->sort == PRODUCT_SORT_RELEVANCE;
    if (is_ranked || query->facets != 0) {
        TRY(product_candidates_read(store, arena, filter, &candidates));
        page->facets = candidates.facets;
    }
    TRY(is_ranked ? read_ranked(store, arena, filter, &candidates, page)
                  : read_page(store, arena, filter, page));
    bool is_counted = is_ranked && !candidates.is_cut;
    if (query->with_total && is_counted) {
        page->total = (int64_t)candidates.count;
        page->total_is_exact = true;
        return fault_none();
    }
    return query->with_total ? read_total(store, filter, page) : fault_none();
}

struct fault product_store_list(struct mongo_store *store, struct arena *arena,
                                const struct product_query *query, struct product_page *page) {
    CHECK(query->limit >= 1 && query->limit <= 100);
    CHECK(query->sort != PRODUCT_SORT_RELEVANCE || query->after == NULL);
    *page = (struct product_page){.total = INT64_ABSENT};
    ENSURE(query->after == NULL || product_id_is_valid(query->after->id), FAULT_BAD_CURSOR);
    ENSURE(query->sort != PRODUCT_SORT_RELEVANCE ||
               query->skip + query->limit <= PRODUCT_CANDIDATES_MAX,
           FAULT_TOO_DEEP);
    struct product_filter filter;
    struct fault fault = product_filter_resolve(store, arena, query, &filter);
    if (fault_is(fault, FAULT_NOT_FOUND)) {
        page->total = query->with_total ? 0 : INT64_ABSENT;
        page->total_is_exact = query->with_total;
        return fault_none();
    }
    TRY(fault);
    return read_products(store, arena, &filter, page);
}
