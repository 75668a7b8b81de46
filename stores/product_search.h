/*
 * product_search: what a search of the products says beside its products.
 *
 * A search (product_query.q) finds the products that have every word of it (stores/term.h): in
 * their name, brand, tags, SKUs or description, or in the name of their category or of one above
 * it; the word itself, a term that begins with it, or one that is one typo away. Of each word at
 * most so many terms and categories are looked for, the most frequent first (term_document.h).
 *
 * Relevance. Each word counts by the best place where a product has it (product_rank.c has the
 * table): a name before a label before the description, the word itself before a beginning before a
 * typo. Of those that are equal, what is in stock comes first, then who has most of its name in the
 * query, then the newest. At most PRODUCT_CANDIDATES_MAX products are ranked: when more are found,
 * those with all words in their names, then any.
 */
#ifndef AIZY_STORES_PRODUCT_SEARCH_H
#define AIZY_STORES_PRODUCT_SEARCH_H

#include "base/arena.h"
#include "base/fault.h"

struct mongo_store;

#define PRODUCT_CANDIDATES_MAX 2000

/* More categories than this are not searched by name. */
#define PRODUCT_SEARCH_CATEGORIES_MAX 1000

enum product_facet {
    PRODUCT_FACET_CATEGORY,
    PRODUCT_FACET_BRAND,
    PRODUCT_FACET_TAG,
    PRODUCT_FACET_PRICE,
    PRODUCT_FACET_COUNT
};

/* "category", "brand", "tag", "price", NULL: by enum product_facet. */
extern const char *const product_facet_names[];

#define PRODUCT_FACET_VALUES_MAX 50

/* The value is what the filter of this name takes; of a category its slug. */
struct product_facet_value {
    struct str value;
    struct str name; /* of a category */
    int64_t count;
};

struct product_facet_value_list {
    struct product_facet_value *items;
    size_t count;
};

/* Both ends belong to it, as with the filters min_price and max_price. */
struct product_price_range {
    int64_t min_price;
    int64_t max_price;
    int64_t count;
};

struct product_price_range_list {
    struct product_price_range *items;
    size_t count;
};

/*
 * How many of the products that the query finds (all its filters applied) have what: the most
 * frequent PRODUCT_FACET_VALUES_MAX values of each facet that was asked for. A product counts for
 * its category and for each above it. Price ranges go from 1, 2 or 5 times a power of ten to the
 * next, in minor units; those without a product are left out.
 */
struct product_facets {
    struct product_facet_value_list categories;
    struct product_facet_value_list brands;
    struct product_facet_value_list tags;
    struct product_price_range_list prices;
    bool is_estimated; /* only PRODUCT_CANDIDATES_MAX of the products found were counted */
};

/* As-you-type completions. */
#define PRODUCT_SUGGESTIONS_MAX 10
#define PRODUCT_SUGGESTED_WORDS_MAX 5

struct product_suggestion {
    struct str id;
    struct str slug;
    struct str name;
    int64_t price;
    struct str currency;
    bool in_stock;
    struct str image; /* the cover's address; absent */
};

struct product_suggestion_list {
    struct product_suggestion *items;
    size_t count;
};

struct product_suggestions {
    struct str_list words; /* that the last word of the query begins, in public products' names */
    struct product_suggestion_list products;
};

/* Of active products; `limit` 1 to PRODUCT_SUGGESTIONS_MAX. */
MUST_USE struct fault product_store_suggest(struct mongo_store *store, struct arena *arena,
                                            struct str q, size_t limit,
                                            struct product_suggestions *suggestions);

#endif
