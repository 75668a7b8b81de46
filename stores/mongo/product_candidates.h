/*
 * product_candidates: what a search finds, ranked, and counted by facets.
 */
#ifndef AIZY_STORES_MONGO_PRODUCT_CANDIDATES_H
#define AIZY_STORES_MONGO_PRODUCT_CANDIDATES_H

#include "stores/mongo/product_document.h"
#include "stores/mongo/product_filter.h"
#include "stores/mongo/product_rank.h"

struct product_candidates {
    struct product_candidate *items; /* the most relevant first; empty unless sorted by relevance */
    size_t count;
    bool is_cut; /* there are more */
    struct product_facets facets;
};

/* One query; a second one when more than PRODUCT_CANDIDATES_MAX are to be ranked. */
MUST_USE struct fault product_candidates_read(struct mongo_store *store, struct arena *arena,
                                              const struct product_filter *filter,
                                              struct product_candidates *candidates);

/* The whole products of the query's page, *found of them into `records` (query->limit of them). */
MUST_USE struct fault product_candidates_read_page(struct mongo_store *store, struct arena *arena,
                                                   const struct product_filter *filter,
                                                   const struct product_candidates *candidates,
                                                   struct product_record *records, size_t *found);

#endif
