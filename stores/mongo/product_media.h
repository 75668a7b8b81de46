/*
 * product_media: the records of uploaded images follow the products that name them.
 */
#ifndef AIZY_STORES_MONGO_PRODUCT_MEDIA_H
#define AIZY_STORES_MONGO_PRODUCT_MEDIA_H

#include "stores/mongo/mongo_connection.h"
#include "stores/product.h"

/*
 * Within the transaction that saves a product (`before` NULL: a new one) or removes it (`after`
 * NULL). What it names now and did not before becomes used, and FAULT_INVALID with a violation is
 * returned when one of those is not there to be used; what it gives up is doomed, unless another
 * product names it too. Nothing is asked when images of ours neither come nor go.
 */
MUST_USE struct fault product_media_follow(struct mongo_store *store, const struct product *before,
                                           const struct product *after,
                                           struct violations *violations);

#endif
