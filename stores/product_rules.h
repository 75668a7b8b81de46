/*
 * product_rules: what the parts of product_apply share (product.h is the interface).
 */
#ifndef AIZY_STORES_PRODUCT_RULES_H
#define AIZY_STORES_PRODUCT_RULES_H

#include "stores/product.h"

/* One run of product_apply. */
struct product_rules {
    struct product *product;
    const struct product_edit *edit;
    struct arena *arena;
    struct violations *violations;
};

/* product_variants.c: the variants of the edit, or its members for the single variant. */
void product_variants_apply(const struct product_rules *rules);

/* product_variants.c: titles, made SKUs, the range of prices. */
void product_variants_derive(const struct product_rules *rules);

/* product_invariants.c: notes whatever is not true of the product. */
void product_invariants_check(const struct product_rules *rules);

/* "variants[2].price", or "price" when the edit speaks of the single variant. */
struct str product_variant_field(const struct product_rules *rules, size_t index, const char *name);

/*
 * A made SKU that is unlike others: `base`, cut so that a number fits, followed by "-2", "-3", ...
 * (1 gives no number).
 */
struct str product_sku_numbered(struct str base, size_t number, struct arena *arena);

/* A label of one line: without surrounding blanks; absent when nothing is left. */
struct str product_tidy(struct str text);

#endif
