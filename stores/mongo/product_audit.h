/*
 * product_audit: who changed which members of a product (catalogue_audit.h).
 */
#ifndef AIZY_STORES_MONGO_PRODUCT_AUDIT_H
#define AIZY_STORES_MONGO_PRODUCT_AUDIT_H

#include "stores/mongo/product_document.h"
#include "stores/product_store.h"

/*
 * Within the transaction of the change. `action` is "product.create", "product.update" or
 * "product.remove"; what is named as changed are the members in which the documents differ (either
 * may be empty), and "stock" when `is_stock_changed`. Values are not kept.
 */
MUST_USE struct fault product_audit_write(struct mongo_store *store, const char *action,
                                          const struct product *product, const bson_t *before,
                                          const bson_t *after, bool is_stock_changed,
                                          const struct product_author *author);

#endif
