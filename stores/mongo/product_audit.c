#include "stores/mongo/product_audit.h"

#include "stores/mongo/catalogue_audit.h"

struct fault product_audit_write(struct mongo_store *store, const char *action,
                                 const struct product *product, const bson_t *before,
                                 const bson_t *after, bool is_stock_changed,
                                 const struct product_author *author) {
    const struct catalogue_change change = {
        .action = action,
        .subject = "product",
        .id = product->id,
        .name = product->slug,
        .before = before,
        .after = after,
        .also = is_stock_changed ? "stock" : NULL,
    };
    return catalogue_audit_write(store, &change, author);
}
