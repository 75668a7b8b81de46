/*
 * product_rank: how relevant a product is to the words of a search.
 *
 * A candidate is read from a projection of its document: {_id, in_stock, created_at, category_path,
 * terms: {name, label}, hits}, where hits are those of its terms that fit any word without a typo.
 */
#ifndef AIZY_STORES_MONGO_PRODUCT_RANK_H
#define AIZY_STORES_MONGO_PRODUCT_RANK_H

#include "stores/mongo/product_match.h"

struct product_candidate {
    bson_oid_t id;
    int64_t created_at_ms;
    int score;    /* what its words count, together */
    int cover;    /* percent of the words of its name that the query has */
    bool in_name; /* every word is in its name, without a typo */
    bool in_stock;
};

/* False for a document without an id. */
MUST_USE bool product_rank_read(const struct product_match *match, const bson_t *document,
                                struct product_candidate *candidate);

/* For qsort: the most relevant first. */
int product_rank_compare(const void *left, const void *right);

#endif
