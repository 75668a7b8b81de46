/*
 * product_facets: counts of what the products of a search have.
 */
#ifndef AIZY_STORES_MONGO_PRODUCT_FACETS_H
#define AIZY_STORES_MONGO_PRODUCT_FACETS_H

#include "stores/mongo/category_index.h"

struct facet_counter;

/* `facets`: bits 1 << enum product_facet; `categories` outlives it. */
struct facet_counter *product_facets_begin(struct arena *arena, unsigned facets,
                                           const struct category_index *categories);

/* A product's category_path, brand, tags and price. */
void product_facets_note(struct facet_counter *counter, const bson_t *document);

void product_facets_end(struct facet_counter *counter, struct product_facets *facets);

#endif
