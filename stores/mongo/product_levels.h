/*
 * product_levels: the levels of stock of products, in the collection `inventory`.
 *
 * One level (stores/inventory_store.h) for each variant that tracks stock; one whose variant
 * stopped tracking stays, in case it starts again.
 */
#ifndef AIZY_STORES_MONGO_PRODUCT_LEVELS_H
#define AIZY_STORES_MONGO_PRODUCT_LEVELS_H

#include "stores/mongo/product_document.h"
#include "stores/mongo/product_save.h"

/* Fills in stock and available of the variants, and what follows from them. One query. */
MUST_USE struct fault product_levels_read(struct mongo_store *store, struct arena *arena,
                                          struct product_record *records, size_t count);

/*
 * Within a transaction: makes the levels those of `after`, with a movement for each change.
 * `before` (NULL: a new product) says which variants there were, by id: a changed SKU moves its
 * level, a variant that is gone loses it, `stock_given` sets the stock. FAULT_SKU_TAKEN;
 * FAULT_INVALID, with a violation, for a stock below what is reserved, unless backorder is allowed.
 */
MUST_USE struct fault product_levels_write(struct mongo_store *store,
                                           const struct product_save *save,
                                           const struct product *before,
                                           const struct product *after);

/* Within a transaction: removes all levels of the product. */
MUST_USE struct fault product_levels_remove(struct mongo_store *store,
                                            const struct product_save *save, struct str product_id);

#endif
