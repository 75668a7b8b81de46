/*
 * inventory_variant: what products say about the stock of their variants.
 */
#ifndef AIZY_STORES_MONGO_INVENTORY_VARIANT_H
#define AIZY_STORES_MONGO_INVENTORY_VARIANT_H

#include "stores/mongo/mongo_connection.h"

struct inventory_variant {
    struct str sku;
    struct str id;
    struct str product_id;
    bool track_stock;
    bool allow_backorder;
    bool is_active; /* so is its product */
};

/*
 * The variants that have these SKUs, in the order of the SKUs; a SKU that nothing has leaves its
 * variant zeroed. One query.
 */
MUST_USE struct fault inventory_variants_find(struct mongo_store *store, struct arena *arena,
                                              const struct str *skus, size_t count,
                                              struct inventory_variant *variants);

#endif
