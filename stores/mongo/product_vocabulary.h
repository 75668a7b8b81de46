/*
 * product_vocabulary: what writing a product does to the terms by which it is found.
 *
 * In its document they are {terms: {name: [], label: [], all: []}} (stores/product_terms.h), under
 * an index of terms.all; reading a product leaves them out.
 */
#ifndef AIZY_STORES_MONGO_PRODUCT_VOCABULARY_H
#define AIZY_STORES_MONGO_PRODUCT_VOCABULARY_H

#include "stores/mongo/mongo_connection.h"
#include "stores/product.h"

/*
 * Appends the terms of `after` to its document, once they are in the vocabulary. `before` (NULL: a
 * new product) had its own there already. One query, and a write when there are new terms.
 */
MUST_USE struct fault product_vocabulary_write(struct mongo_store *store, struct arena *arena,
                                               const struct product *before,
                                               const struct product *after, bson_t *document);

/* Of a product that is being removed. */
MUST_USE struct fault product_vocabulary_forget(struct mongo_store *store, struct arena *arena,
                                                const struct product *product);

#endif
