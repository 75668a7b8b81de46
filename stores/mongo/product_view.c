#include "stores/mongo/product_view.h"

static int64_t public_available(const struct product_variant *variant) {
    bool is_plenty = variant->available > PRODUCT_PUBLIC_AVAILABLE_MAX;
    return is_plenty ? PRODUCT_PUBLIC_AVAILABLE_MAX : variant->available;
}

void product_view_apply(enum product_view view, struct product *product) {
    for (size_t i = 0; view == PRODUCT_VIEW_PUBLIC && i < product->variants.count; i++) {
        struct product_variant *variant = &product->variants.items[i];
        variant->available = public_available(variant);
        variant->stock = INT64_ABSENT;
    }
}

bool product_view_shows_other_stock(const struct product *before, const struct product *after) {
    if (before->in_stock != after->in_stock || before->variants.count != after->variants.count) {
        return true;
    }
    for (size_t i = 0; i < after->variants.count; i++) {
        const struct product_variant *old = &before->variants.items[i];
        const struct product_variant *new = &after->variants.items[i];
        if (!str_equals(old->id, new->id) || old->in_stock != new->in_stock ||
            public_available(old) != public_available(new)) {
            return true;
        }
    }
    return false;
}
