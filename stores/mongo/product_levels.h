/*
 * product_levels: the levels of stock of products, in the collection `inventory`.
 *
 * One document per SKU: {_id: sku, product_id, stock, reserved, low_at, updated_at}. It exists for
 * each variant that tracks stock; one whose variant stopped tracking stays, in case it starts
 * again.
 */
#ifndef AIZY_STORES_MONGO_PRODUCT_LEVELS_H
#define AIZY_STORES_MONGO_PRODUCT_LEVELS_H

#include "stores/mongo/product_document.h"

/* Fills in stock and available of the variants, and what follows from them. One query. */
MUST_USE struct fault product_levels_read(struct mongo_store *store, struct arena *arena,
                                          struct product_record *records, size_t count);

/*
 * Within a transaction: makes the levels those of `after`. `before` (NULL: a new product) says
 * which variants there were, by id: a changed SKU moves its document, a variant that is gone loses
 * it, `stock_given` sets the stock. FAULT_SKU_TAKEN.
 */
MUST_USE struct fault product_levels_write(struct mongo_store *store, const struct product *before,
                                           const struct product *after);

/* Within a transaction: removes all levels of the product. */
MUST_USE struct fault product_levels_remove(struct mongo_store *store, struct str product_id);

#endif
