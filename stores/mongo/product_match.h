/*
 * product_match: the words of a search, resolved to what products may have for each.
 *
 * Categories are resolved when somebody searches: a product has the words of its category's name,
 * and of those above it, without carrying them.
 */
#ifndef AIZY_STORES_MONGO_PRODUCT_MATCH_H
#define AIZY_STORES_MONGO_PRODUCT_MATCH_H

#include "stores/mongo/category_index.h"
#include "stores/mongo/term_document.h"

/* More categories are not looked for in the place of one word. */
#define MATCH_CATEGORIES_MAX 50

struct match_category {
    bson_oid_t id;
    enum term_match match;
};

struct match_word {
    struct str text;
    struct term_expansion_list terms;
    int64_t products; /* that have any of the terms: an estimate */
    struct match_category *categories;
    size_t category_count;
};

struct product_match {
    struct match_word *words; /* the rarest first */
    size_t count;
    struct str last;    /* the word that was typed last */
    bool is_impossible; /* there was a query, and not one word in it */
};

/* An absent or empty `q` gives no words, which all products have. */
MUST_USE struct fault product_match_resolve(struct mongo_store *store, struct arena *arena,
                                            struct str q, const struct category_index *categories,
                                            struct product_match *match);

/* Appends to the array of an $and, from index *count on, that a product has each word. */
void product_match_put(const struct product_match *match, bson_t *all, uint32_t *count);

/* Likewise that it has each word in its name, and without a typo. */
void product_match_put_names(const struct product_match *match, bson_t *all, uint32_t *count);

/* The terms that are found without a typo: what a description is asked for. */
struct str_list product_match_terms(const struct product_match *match, struct arena *arena);

#endif
