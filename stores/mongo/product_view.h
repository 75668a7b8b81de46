/*
 * product_view: what a reader may see of a product.
 */
#ifndef AIZY_STORES_MONGO_PRODUCT_VIEW_H
#define AIZY_STORES_MONGO_PRODUCT_VIEW_H

#include "stores/product_store.h"

/* Of the public view: levels are counted up to PRODUCT_PUBLIC_AVAILABLE_MAX, `stock` is hidden. */
void product_view_apply(enum product_view view, struct product *product);

/* Whether the public sees other stock than before, so that stock_seq has to move. */
bool product_view_shows_other_stock(const struct product *before, const struct product *after);

#endif
