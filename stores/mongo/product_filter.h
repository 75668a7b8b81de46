/*
 * product_filter: which products a list or a search is about, as the filter of a query.
 */
#ifndef AIZY_STORES_MONGO_PRODUCT_FILTER_H
#define AIZY_STORES_MONGO_PRODUCT_FILTER_H

#include "stores/mongo/product_match.h"
#include "stores/product_store.h"

struct product_filter {
    const struct product_query *query;
    struct str category_id; /* of query->category; absent */
    struct product_match match;
    struct category_index categories; /* empty unless there are words or facets */
};

/*
 * Looks up the query's category and words. FAULT_NOT_FOUND when nothing can be found by it: an
 * unknown category, or words that are none.
 */
MUST_USE struct fault product_filter_resolve(struct mongo_store *store, struct arena *arena,
                                             const struct product_query *query,
                                             struct product_filter *filter);

/* What the products are wanted for: FILTER_FOR_ORDER along an index that has their order. */
enum product_filter_use { FILTER_FOR_ORDER, FILTER_FOR_ALL };

/*
 * The status of products that are found by something else, such as their ids: as a double negation,
 * because SecantusDB (0.5.3) goes through an index of the status wherever that is asked for by
 * equality or range, and looks at each product there is. MongoDB goes by what narrows most.
 */
void product_filter_put_status(const struct product_query *query, bson_t *document);

/* All of it but the words. */
void product_filter_put(const struct product_filter *filter, enum product_filter_use use,
                        bson_t *document);

/* All of it. */
void product_filter_put_whole(const struct product_filter *filter, enum product_filter_use use,
                              bson_t *document);

#endif
