#include "stores/mongo/product_match.h"

#include <stdlib.h>

/* How the word fits the category's name at best. */
static enum term_match compare_name(struct str word, const struct str_list *terms) {
    enum term_match best = TERM_NO_MATCH;
    for (size_t i = 0; i < terms->count; i++) {
        enum term_match match = term_compare(word, terms->items[i]);
        best = match > best ? match : best;
    }
    return best;
}

static void match_categories(struct match_word *word, const struct category_index *categories,
                             struct arena *arena) {
    word->categories = arena_alloc_array(arena, MATCH_CATEGORIES_MAX, sizeof(*word->categories));
    for (size_t i = 0; i < categories->count; i++) {
        const struct category_entry *entry = &categories->items[i];
        enum term_match match = compare_name(word->text, &entry->terms);
        if (match != TERM_NO_MATCH && word->category_count < MATCH_CATEGORIES_MAX) {
            word->categories[word->category_count++] = (struct match_category){entry->id, match};
        }
    }
}

static struct fault resolve_word(struct mongo_store *store, struct arena *arena,
                                 const struct category_index *categories, struct match_word *word) {
    TRY(term_documents_expand(store, arena, word->text, &word->terms));
    for (size_t i = 0; i < word->terms.count; i++) {
        word->products += word->terms.items[i].products;
    }
    match_categories(word, categories, arena);
    return fault_none();
}

/* Words that a category may stand for come last: their clause has two sides. */
static int compare_rarity(const void *left_item, const void *right_item) {
    const struct match_word *left = left_item;
    const struct match_word *right = right_item;
    bool left_is_wide = left->category_count > 0;
    bool right_is_wide = right->category_count > 0;
    if (left_is_wide != right_is_wide) {
        return left_is_wide ? 1 : -1;
    }
    return (left->products > right->products) - (left->products < right->products);
}

struct fault product_match_resolve(struct mongo_store *store, struct arena *arena, struct str q,
                                   const struct category_index *categories,
                                   struct product_match *match) {
    struct str_list words = term_query(q, arena);
    *match = (struct product_match){
        .words = arena_alloc_array(arena, words.count, sizeof(*match->words)),
        .count = words.count,
        .is_impossible = words.count == 0 && !str_is_empty(q),
    };
    for (size_t i = 0; i < words.count; i++) {
        match->words[i].text = match->last = words.items[i];
        TRY(resolve_word(store, arena, categories, &match->words[i]));
    }
    if (match->count > 1) {
        qsort(match->words, match->count, sizeof(*match->words), compare_rarity);
    }
    return fault_none();
}

/* {key: {$in: [terms]}} */
static void put_terms(bson_t *clause, const char *key, const struct match_word *word,
                      enum term_match least) {
    bson_t condition;
    bson_t terms;
    uint32_t count = 0;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(clause, key, &condition));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&condition, "$in", &terms));
    for (size_t i = 0; i < word->terms.count; i++) {
        char buffer[16];
        const char *index = NULL;
        if (word->terms.items[i].match >= least) {
            bson_uint32_to_string(count++, &index, buffer, sizeof(buffer));
            mongo_put_str(&terms, index, word->terms.items[i].term);
        }
    }
    CHECK(bson_append_array_end(&condition, &terms));
    CHECK(bson_append_document_end(clause, &condition));
}

static void put_categories(bson_t *clause, const struct match_word *word) {
    bson_t condition;
    bson_t ids;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(clause, "category_path", &condition));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&condition, "$in", &ids));
    for (size_t i = 0; i < word->category_count; i++) {
        char buffer[16];
        const char *index = NULL;
        bson_uint32_to_string((uint32_t)i, &index, buffer, sizeof(buffer));
        CHECK(BSON_APPEND_OID(&ids, index, &word->categories[i].id));
    }
    CHECK(bson_append_array_end(&condition, &ids));
    CHECK(bson_append_document_end(clause, &condition));
}

typedef void clause_put(bson_t *clause, const struct match_word *word);

static void put_word(bson_t *clause, const struct match_word *word) {
    bson_t either;
    bson_t side;
    if (word->category_count == 0) {
        put_terms(clause, "terms.all", word, TERM_FUZZY);
        return;
    }
    CHECK(BSON_APPEND_ARRAY_BEGIN(clause, "$or", &either));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&either, "0", &side));
    put_terms(&side, "terms.all", word, TERM_FUZZY);
    CHECK(bson_append_document_end(&either, &side));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&either, "1", &side));
    put_categories(&side, word);
    CHECK(bson_append_document_end(&either, &side));
    CHECK(bson_append_array_end(clause, &either));
}

static void put_name(bson_t *clause, const struct match_word *word) {
    put_terms(clause, "terms.name", word, TERM_PREFIX);
}

static void put_clauses(const struct product_match *match, clause_put *put, bson_t *all,
                        uint32_t *count) {
    for (size_t i = 0; i < match->count; i++) {
        char buffer[16];
        const char *index = NULL;
        bson_t clause;
        bson_uint32_to_string((*count)++, &index, buffer, sizeof(buffer));
        CHECK(BSON_APPEND_DOCUMENT_BEGIN(all, index, &clause));
        put(&clause, &match->words[i]);
        CHECK(bson_append_document_end(all, &clause));
    }
}

void product_match_put(const struct product_match *match, bson_t *all, uint32_t *count) {
    put_clauses(match, put_word, all, count);
}

void product_match_put_names(const struct product_match *match, bson_t *all, uint32_t *count) {
    put_clauses(match, put_name, all, count);
}

struct str_list product_match_terms(const struct product_match *match, struct arena *arena) {
    size_t max = match->count * (1 + TERM_EXPANSIONS_PREFIX_MAX);
    struct term_set set;
    term_set_init(&set, arena, max);
    for (size_t i = 0; i < match->count; i++) {
        const struct term_expansion_list *terms = &match->words[i].terms;
        for (size_t at = 0; at < terms->count; at++) {
            if (terms->items[at].match >= TERM_PREFIX) {
                term_set_add(&set, terms->items[at].term);
            }
        }
    }
    return term_set_list(&set);
}
