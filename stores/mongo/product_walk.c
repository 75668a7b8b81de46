#include "stores/mongo/product_document.h"
#include "stores/product_store.h"

struct walk_reader {
    struct arena *arena;
    struct product_record *records;
    size_t count; /* decoded */
    size_t limit;
    size_t matched; /* at most limit + 1 */
    struct str last;
};

static struct fault read_record(void *context, const bson_t *document) {
    struct walk_reader *reader = context;
    if (reader->matched++ == reader->limit) {
        return fault_none();
    }
    reader->last = arena_copy(reader->arena, mongo_get_str(document, "slug"));
    struct product_record *record = &reader->records[reader->count];
    if (!fault_occurred(product_document_decode(document, reader->arena, record))) {
        reader->count++;
    }
    ENSURE(!arena_is_exhausted(reader->arena), FAULT_ANSWER_TOO_LARGE);
    return fault_none();
}

static struct fault read_records(struct mongo_store *store, struct str after,
                                 struct walk_reader *reader) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    bson_t part;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&filter, "slug", &part));
    mongo_put_str(&part, "$gt", str_is_absent(after) ? STR("") : after);
    CHECK(bson_append_document_end(&filter, &part));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&options, "sort", &part));
    CHECK(BSON_APPEND_INT32(&part, "slug", 1));
    CHECK(bson_append_document_end(&options, &part));
    mongo_put_int64(&options, "limit", (int64_t)reader->limit + 1);
    return mongo_connection_find(store, "product.walk", "products", &filter, &options, read_record,
                                 reader);
}

struct name_reader {
    struct arena *arena;
    struct product_walk *walk;
};

static struct fault copy_names(void *context, const bson_t *document) {
    const struct name_reader *reader = context;
    struct product_walk *walk = reader->walk;
    struct str slug = mongo_get_str(document, "slug");
    struct str name = arena_copy(reader->arena, mongo_get_str(document, "name"));
    for (size_t i = 0; i < walk->count; i++) {
        if (str_equals(walk->items[i].product.category, slug)) {
            walk->items[i].category_name = name;
        }
    }
    return fault_none();
}

/* The first of each category names it. */
static bool is_named_already(const struct product_walk *walk, size_t index) {
    struct str slug = walk->items[index].product.category;
    bool is_named = str_is_absent(slug);
    for (size_t i = 0; i < index && !is_named; i++) {
        is_named = str_equals(walk->items[i].product.category, slug);
    }
    return is_named;
}

static struct fault read_names(struct mongo_store *store, struct arena *arena,
                               struct product_walk *walk) {
    MONGO_BSON(filter);
    bson_t condition;
    bson_t slugs;
    uint32_t size = 0;
    struct name_reader reader = {arena, walk};
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&filter, "slug", &condition));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&condition, "$in", &slugs));
    for (size_t i = 0; i < walk->count; i++) {
        if (!is_named_already(walk, i)) {
            char buffer[16];
            const char *key = NULL;
            bson_uint32_to_string(size++, &key, buffer, sizeof(buffer));
            mongo_put_str(&slugs, key, walk->items[i].product.category);
        }
    }
    CHECK(bson_append_array_end(&condition, &slugs));
    CHECK(bson_append_document_end(&filter, &condition));
    return size == 0 ? fault_none()
                     : mongo_connection_find(store, "category.names", "categories", &filter, NULL,
                                             copy_names, &reader);
}

struct fault product_store_walk(struct mongo_store *store, struct arena *arena, struct str after,
                                size_t limit, struct product_walk *walk) {
    CHECK(limit >= 1 && limit <= PRODUCT_WALK_LIMIT_MAX);
    struct walk_reader reader = {.arena = arena, .limit = limit, .last = after};
    *walk = (struct product_walk){0};
    reader.records = arena_alloc_array(arena, limit, sizeof(*reader.records));
    TRY(read_records(store, after, &reader));
    TRY(product_records_complete(store, arena, reader.records, reader.count));
    walk->items = arena_alloc_array(arena, reader.count, sizeof(*walk->items));
    walk->count = reader.count;
    walk->has_more = reader.matched > limit;
    walk->last = reader.last;
    for (size_t i = 0; i < reader.count; i++) {
        walk->items[i].product = reader.records[i].product;
    }
    return read_names(store, arena, walk);
}
