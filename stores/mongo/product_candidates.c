#include "stores/mongo/product_candidates.h"

#include <stdlib.h>

#include "stores/mongo/product_facets.h"

#define READ_MAX (PRODUCT_CANDIDATES_MAX + 1)

struct reader {
    const struct product_filter *filter;
    struct product_candidates *candidates;
    struct facet_counter *facets; /* NULL: none */
    bool is_ranking;
    size_t read;
};

static bool is_ranking(const struct product_query *query) {
    return query->sort == PRODUCT_SORT_RELEVANCE;
}

static struct fault read_candidate(void *context, const bson_t *document) {
    struct reader *reader = context;
    struct product_candidates *candidates = reader->candidates;
    struct product_candidate candidate;
    reader->read++;
    if (reader->read > PRODUCT_CANDIDATES_MAX) {
        candidates->is_cut = true;
        return fault_none();
    }
    if (reader->facets != NULL) {
        product_facets_note(reader->facets, document);
    }
    if (reader->is_ranking && product_rank_read(&reader->filter->match, document, &candidate)) {
        candidates->items[candidates->count++] = candidate;
    }
    return fault_none();
}

/* $setIntersection takes the terms for what they are: no term begins with '$'. */
static void put_hits(const struct product_match *match, struct arena *arena, bson_t *members) {
    bson_t expression;
    bson_t arguments;
    const struct str_list terms = product_match_terms(match, arena);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(members, "hits", &expression));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&expression, "$setIntersection", &arguments));
    mongo_put_str(&arguments, "0", STR("$terms.all"));
    mongo_put_strs(&arguments, "1", &terms);
    CHECK(bson_append_array_end(&expression, &arguments));
    CHECK(bson_append_document_end(members, &expression));
}

static void put_projection(const struct product_filter *filter, struct arena *arena,
                           bson_t *options) {
    static const char *const ranked[] = {"in_stock", "created_at", "category_path", "terms.name",
                                         "terms.label"};
    static const char *const counted[] = {"brand", "tags", "price"};
    const struct product_query *query = filter->query;
    bson_t members;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(options, "projection", &members));
    for (size_t i = 0; i < COUNT_OF(ranked) && is_ranking(query); i++) {
        CHECK(BSON_APPEND_INT32(&members, ranked[i], 1));
    }
    for (size_t i = 0; i < COUNT_OF(counted) && query->facets != 0; i++) {
        CHECK(BSON_APPEND_INT32(&members, counted[i], 1));
    }
    if (query->facets != 0 && !is_ranking(query)) {
        CHECK(BSON_APPEND_INT32(&members, "category_path", 1));
    }
    if (is_ranking(query) && filter->match.count > 0) {
        put_hits(&filter->match, arena, &members);
    }
    CHECK(bson_append_document_end(options, &members));
}

static struct fault find(struct mongo_store *store, struct arena *arena, const char *name,
                         const bson_t *document, struct reader *reader) {
    MONGO_BSON(options);
    put_projection(reader->filter, arena, &options);
    mongo_put_int64(&options, "limit", READ_MAX);
    /* All at once: the server's first answer would be 101 of them. */
    mongo_put_int64(&options, "batchSize", READ_MAX + 1);
    return mongo_connection_find(store, name, "products", document, &options, read_candidate,
                                 reader);
}

/*
 * Of more than can be ranked, those with every word in their names matter most: they come first,
 * then as many of the others as there is room.
 */
static struct fault prefer_names(struct mongo_store *store, struct arena *arena,
                                 const struct product_filter *filter,
                                 struct product_candidates *candidates) {
    MONGO_BSON(document);
    bson_t all;
    uint32_t count = 0;
    const struct product_candidates any = *candidates;
    struct reader reader = {.filter = filter, .candidates = candidates, .is_ranking = true};
    candidates->items = arena_alloc_array(arena, READ_MAX, sizeof(*candidates->items));
    candidates->count = 0;
    product_filter_put(filter, FILTER_FOR_ALL, &document);
    CHECK(BSON_APPEND_ARRAY_BEGIN(&document, "$and", &all));
    product_match_put(&filter->match, &all, &count);
    product_match_put_names(&filter->match, &all, &count);
    CHECK(bson_append_array_end(&document, &all));
    TRY(find(store, arena, "product.named", &document, &reader));
    for (size_t i = 0; i < any.count && candidates->count < PRODUCT_CANDIDATES_MAX; i++) {
        if (!any.items[i].in_name) {
            candidates->items[candidates->count++] = any.items[i];
        }
    }
    return fault_none();
}

struct fault product_candidates_read(struct mongo_store *store, struct arena *arena,
                                     const struct product_filter *filter,
                                     struct product_candidates *candidates) {
    MONGO_BSON(document);
    const struct product_query *query = filter->query;
    struct reader reader = {
        .filter = filter, .candidates = candidates, .is_ranking = is_ranking(query)};
    *candidates = (struct product_candidates){0};
    if (reader.is_ranking) {
        candidates->items = arena_alloc_array(arena, READ_MAX, sizeof(*candidates->items));
    }
    if (query->facets != 0) {
        reader.facets = product_facets_begin(arena, query->facets, &filter->categories);
    }
    product_filter_put_whole(filter, FILTER_FOR_ALL, &document);
    TRY(find(store, arena, "product.search", &document, &reader));
    if (reader.facets != NULL) {
        product_facets_end(reader.facets, &candidates->facets);
        candidates->facets.is_estimated = candidates->is_cut;
    }
    if (candidates->is_cut && reader.is_ranking && filter->match.count > 0) {
        TRY(prefer_names(store, arena, filter, candidates));
    }
    if (candidates->count > 1) {
        qsort(candidates->items, candidates->count, sizeof(*candidates->items),
              product_rank_compare);
    }
    return fault_none();
}

struct page_reader {
    struct arena *arena;
    const struct product_candidate *wanted;
    size_t wanted_count;
    struct product_record *records; /* by the place of their candidates */
    bool *is_there;
};

/* A damaged document (logged) is left out, as from a list. */
static struct fault read_record(void *context, const bson_t *document) {
    const struct page_reader *reader = context;
    bson_iter_t at;
    if (!bson_iter_init_find(&at, document, "_id") || !BSON_ITER_HOLDS_OID(&at)) {
        return fault_none();
    }
    for (size_t i = 0; i < reader->wanted_count; i++) {
        if (bson_oid_equal(&reader->wanted[i].id, bson_iter_oid(&at))) {
            reader->is_there[i] = !fault_occurred(
                product_document_decode(document, reader->arena, &reader->records[i]));
        }
    }
    ENSURE(!arena_is_exhausted(reader->arena), FAULT_ANSWER_TOO_LARGE);
    return fault_none();
}

static void put_ids(const struct page_reader *reader, bson_t *document) {
    bson_t condition;
    bson_t ids;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(document, "_id", &condition));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&condition, "$in", &ids));
    for (size_t i = 0; i < reader->wanted_count; i++) {
        char buffer[16];
        const char *index = NULL;
        bson_uint32_to_string((uint32_t)i, &index, buffer, sizeof(buffer));
        CHECK(BSON_APPEND_OID(&ids, index, &reader->wanted[i].id));
    }
    CHECK(bson_append_array_end(&condition, &ids));
    CHECK(bson_append_document_end(document, &condition));
}

struct fault product_candidates_read_page(struct mongo_store *store, struct arena *arena,
                                          const struct product_filter *filter,
                                          const struct product_candidates *candidates,
                                          struct product_record *records, size_t *found) {
    MONGO_BSON(document);
    MONGO_BSON(options);
    const struct product_query *query = filter->query;
    size_t skip = query->skip < candidates->count ? query->skip : candidates->count;
    size_t rest = candidates->count - skip;
    bool is_there[100] = {false};
    struct page_reader reader = {arena, candidates->items + skip,
                                 rest < query->limit ? rest : query->limit, records, is_there};
    *found = 0;
    if (reader.wanted_count == 0) {
        return fault_none();
    }
    CHECK(reader.wanted_count <= COUNT_OF(is_there));
    put_ids(&reader, &document);
    product_filter_put_status(query, &document);
    product_document_put_projection(&options);
    TRY(mongo_connection_find(store, "product.ranked", "products", &document, &options, read_record,
                              &reader));
    for (size_t i = 0; i < reader.wanted_count; i++) {
        if (is_there[i]) {
            records[(*found)++] = records[i];
        }
    }
    return fault_none();
}
