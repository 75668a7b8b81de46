#include "stores/mongo/category_index.h"

#include <stdlib.h>

#define NAME_TERMS_MAX 20

struct reader {
    struct arena *arena;
    struct category_index *index;
};

static struct fault read_entry(void *context, const bson_t *document) {
    const struct reader *reader = context;
    bson_iter_t at;
    if (!bson_iter_init_find(&at, document, "_id") || !BSON_ITER_HOLDS_OID(&at)) {
        return fault_none();
    }
    struct category_entry *entry = &reader->index->items[reader->index->count++];
    struct term_set terms;
    entry->id = *bson_iter_oid(&at);
    entry->slug = arena_copy(reader->arena, mongo_get_str(document, "slug"));
    entry->name = arena_copy(reader->arena, mongo_get_str(document, "name"));
    term_set_init(&terms, reader->arena, NAME_TERMS_MAX);
    term_split(entry->name, &terms);
    entry->terms = term_set_list(&terms);
    ENSURE(!arena_is_exhausted(reader->arena), FAULT_ANSWER_TOO_LARGE);
    return fault_none();
}

struct fault category_index_read(struct mongo_store *store, struct arena *arena,
                                 struct category_index *index) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    bson_t part;
    struct reader reader = {arena, index};
    index->items = arena_alloc_array(arena, PRODUCT_SEARCH_CATEGORIES_MAX, sizeof(*index->items));
    index->count = 0;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&options, "projection", &part));
    CHECK(BSON_APPEND_INT32(&part, "slug", 1));
    CHECK(BSON_APPEND_INT32(&part, "name", 1));
    CHECK(bson_append_document_end(&options, &part));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&options, "sort", &part));
    CHECK(BSON_APPEND_INT32(&part, "_id", 1));
    CHECK(bson_append_document_end(&options, &part));
    mongo_put_int64(&options, "limit", PRODUCT_SEARCH_CATEGORIES_MAX);
    mongo_put_int64(&options, "batchSize", PRODUCT_SEARCH_CATEGORIES_MAX + 1);
    return mongo_connection_find(store, "category.index", "categories", &filter, &options,
                                 read_entry, &reader);
}

static int compare_id(const void *id, const void *entry) {
    return bson_oid_compare(id, &((const struct category_entry *)entry)->id);
}

const struct category_entry *category_index_find(const struct category_index *index,
                                                 const bson_oid_t *id) {
    return bsearch(id, index->items, index->count, sizeof(*index->items), compare_id);
}
