#include "stores/product.h"

const char *const product_status_names[] = {"draft", "active", "archived", NULL};

bool product_id_is_valid(struct str id) {
    if (id.size != PRODUCT_ID_BYTES) {
        return false;
    }
    for (size_t i = 0; i < id.size; i++) {
        char digit = id.data[i];
        if ((digit < '0' || digit > '9') && (digit < 'a' || digit > 'f')) {
            return false;
        }
    }
    return true;
}

static void derive_variant(struct product_variant *variant) {
    if (!variant->track_stock) {
        variant->stock = INT64_ABSENT;
        variant->available = INT64_ABSENT;
        variant->in_stock = true;
        return;
    }
    variant->stock = variant->stock == INT64_ABSENT ? 0 : variant->stock;
    variant->available = variant->available < 0 ? 0 : variant->available;
    variant->in_stock = variant->allow_backorder || variant->available > 0;
}

void product_derive_stock(struct product *product) {
    product->in_stock = false;
    for (size_t i = 0; i < product->variants.count; i++) {
        struct product_variant *variant = &product->variants.items[i];
        derive_variant(variant);
        product->in_stock = product->in_stock || variant->in_stock;
    }
}
