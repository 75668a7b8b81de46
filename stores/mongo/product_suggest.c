#include <stdlib.h>

#include "stores/mongo/product_candidates.h"
#include "stores/product_store.h"

/* Of the products that are found, the names of so many are looked through for words. */
#define NAMES_MAX 100

#define WORDS_MAX 200

struct word_count {
    struct str word; /* as the name spells it */
    struct str term;
    size_t count;
};

struct reader {
    struct arena *arena;
    const struct product_candidates *candidates;
    size_t wanted; /* of the candidates */
    size_t limit;
    struct product_suggestion *items; /* by the place of their candidates */
    bool *is_there;
    struct str prefix;
    struct word_count words[WORDS_MAX];
    size_t word_count;
};

static void count_word(struct reader *reader, struct str word, struct str term) {
    for (size_t i = 0; i < reader->word_count; i++) {
        if (str_equals(reader->words[i].term, term)) {
            reader->words[i].count++;
            return;
        }
    }
    if (reader->word_count < WORDS_MAX) {
        reader->words[reader->word_count++] =
            (struct word_count){arena_copy(reader->arena, word), term, 1};
    }
}

static bool is_edge(char byte) {
    return memchr("\"'()[]{},.;:!?&/-+", byte, 18) != NULL;
}

static struct str without_edges(struct str word) {
    while (word.size > 0 && is_edge(word.data[0])) {
        word = str_slice(word, 1, word.size);
    }
    while (word.size > 0 && is_edge(word.data[word.size - 1])) {
        word.size--;
    }
    return word;
}

/* Words between spaces that are one term, which the prefix begins. */
static void count_words(struct reader *reader, struct str name) {
    struct str rest = name;
    struct str word;
    while (str_next(&rest, ' ', &word)) {
        word = without_edges(word);
        struct str_list terms = term_query(word, reader->arena);
        bool fits = terms.count == 1 && !str_is_empty(reader->prefix) &&
                    str_starts_with(terms.items[0], reader->prefix);
        if (fits) {
            count_word(reader, word, terms.items[0]);
        }
    }
}

static struct str cover_of(const bson_t *document) {
    bson_iter_t start;
    bson_iter_t url;
    bool has_url = bson_iter_init(&start, document) &&
                   bson_iter_find_descendant(&start, "images.0.url", &url) &&
                   BSON_ITER_HOLDS_UTF8(&url);
    return has_url ? str_of(bson_iter_utf8(&url, NULL)) : (struct str){0};
}

static void read_suggestion(const struct reader *reader, const bson_t *document, const char *id,
                            struct product_suggestion *suggestion) {
    bson_iter_t at;
    struct arena *arena = reader->arena;
    *suggestion = (struct product_suggestion){
        .id = arena_copy(arena, str_of(id)),
        .slug = arena_copy(arena, mongo_get_str(document, "slug")),
        .name = arena_copy(arena, mongo_get_str(document, "name")),
        .price = mongo_get_int64(document, "price"),
        .currency = arena_copy(arena, mongo_get_str(document, "currency")),
        .in_stock = bson_iter_init_find(&at, document, "in_stock") && bson_iter_as_bool(&at),
        .image = arena_copy(arena, cover_of(document)),
    };
}

static struct fault read_found(void *context, const bson_t *document) {
    struct reader *reader = context;
    bson_iter_t at;
    char id[PRODUCT_ID_BYTES + 1];
    if (!bson_iter_init_find(&at, document, "_id") || !BSON_ITER_HOLDS_OID(&at)) {
        return fault_none();
    }
    bson_oid_to_string(bson_iter_oid(&at), id);
    count_words(reader, mongo_get_str(document, "name"));
    for (size_t i = 0; i < reader->wanted && i < reader->limit; i++) {
        if (bson_oid_equal(&reader->candidates->items[i].id, bson_iter_oid(&at))) {
            read_suggestion(reader, document, id, &reader->items[i]);
            reader->is_there[i] = true;
        }
    }
    return fault_none();
}

static void put_members(bson_t *options) {
    static const char *const names[] = {"slug",     "name",     "price",
                                        "currency", "in_stock", "images.url"};
    bson_t members;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(options, "projection", &members));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        CHECK(BSON_APPEND_INT32(&members, names[i], 1));
    }
    CHECK(bson_append_document_end(options, &members));
    mongo_put_int64(options, "batchSize", NAMES_MAX + 1);
}

static void put_ids(const struct reader *reader, bson_t *document) {
    bson_t condition;
    bson_t ids;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(document, "_id", &condition));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&condition, "$in", &ids));
    for (size_t i = 0; i < reader->wanted; i++) {
        char buffer[16];
        const char *index = NULL;
        bson_uint32_to_string((uint32_t)i, &index, buffer, sizeof(buffer));
        CHECK(BSON_APPEND_OID(&ids, index, &reader->candidates->items[i].id));
    }
    CHECK(bson_append_array_end(&condition, &ids));
    CHECK(bson_append_document_end(document, &condition));
}

static int compare_counts(const void *left_item, const void *right_item) {
    const struct word_count *left = left_item;
    const struct word_count *right = right_item;
    if (left->count != right->count) {
        return left->count > right->count ? -1 : 1;
    }
    size_t size = left->term.size < right->term.size ? left->term.size : right->term.size;
    int order = memcmp(left->term.data, right->term.data, size);
    return order != 0 ? order : (left->term.size > right->term.size ? 1 : -1);
}

static void give_words(struct reader *reader, struct product_suggestions *suggestions) {
    size_t count = reader->word_count;
    qsort(reader->words, count, sizeof(reader->words[0]), compare_counts);
    count = count < PRODUCT_SUGGESTED_WORDS_MAX ? count : PRODUCT_SUGGESTED_WORDS_MAX;
    suggestions->words.items = arena_alloc_array(reader->arena, count, sizeof(struct str));
    suggestions->words.count = count;
    for (size_t i = 0; i < count; i++) {
        suggestions->words.items[i] = reader->words[i].word;
    }
}

static struct fault read_best(struct mongo_store *store, const struct product_query *query,
                              struct reader *reader, struct product_suggestions *suggestions) {
    MONGO_BSON(document);
    MONGO_BSON(options);
    bool is_there[PRODUCT_SUGGESTIONS_MAX] = {false};
    reader->is_there = is_there;
    put_ids(reader, &document);
    product_filter_put_status(query, &document);
    put_members(&options);
    TRY(mongo_connection_find(store, "product.suggest", "products", &document, &options, read_found,
                              reader));
    give_words(reader, suggestions);
    suggestions->products.items = reader->items;
    for (size_t i = 0; i < reader->limit; i++) {
        if (is_there[i]) {
            reader->items[suggestions->products.count++] = reader->items[i];
        }
    }
    return fault_none();
}

struct fault product_store_suggest(struct mongo_store *store, struct arena *arena, struct str q,
                                   size_t limit, struct product_suggestions *suggestions) {
    const struct product_query query = {.view = PRODUCT_VIEW_PUBLIC,
                                        .min_price = INT64_ABSENT,
                                        .max_price = INT64_ABSENT,
                                        .q = q,
                                        .sort = PRODUCT_SORT_RELEVANCE,
                                        .limit = limit};
    struct product_filter filter;
    struct product_candidates candidates;
    CHECK(limit >= 1 && limit <= PRODUCT_SUGGESTIONS_MAX);
    *suggestions = (struct product_suggestions){0};
    if (str_is_empty(q)) {
        return fault_none();
    }
    struct fault fault = product_filter_resolve(store, arena, &query, &filter);
    if (fault_is(fault, FAULT_NOT_FOUND)) {
        return fault_none();
    }
    TRY(fault);
    TRY(product_candidates_read(store, arena, &filter, &candidates));
    if (candidates.count == 0) {
        return fault_none();
    }
    struct reader *reader = ARENA_NEW(arena, struct reader);
    reader->arena = arena;
    reader->candidates = &candidates;
    reader->wanted = candidates.count < NAMES_MAX ? candidates.count : NAMES_MAX;
    reader->limit = limit;
    reader->items = arena_alloc_array(arena, limit, sizeof(*reader->items));
    reader->prefix = filter.match.last;
    return read_best(store, &query, reader, suggestions);
}
