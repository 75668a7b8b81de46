/*
 * product_terms: by which terms (stores/term.h) a product is found.
 *
 * What a product says of itself, by where it says it: its name; its brand, tags and SKUs, which
 * label it; its description, without markup. Of its categories it carries nothing: those are looked
 * up when somebody searches, so that renaming or moving one is no write to products.
 */
#ifndef AIZY_STORES_PRODUCT_TERMS_H
#define AIZY_STORES_PRODUCT_TERMS_H

#include "stores/product.h"
#include "stores/term.h"

/* A description has whatever of the first is left; what does not fit is not found. */
#define PRODUCT_TERMS_MAX 500
#define PRODUCT_NAME_TERMS_MAX 100
#define PRODUCT_LABEL_TERMS_MAX 250

struct product_terms {
    struct str_list name;
    struct str_list label; /* those of name may come again */
    struct str_list all;   /* each once, those of the description too */
};

void product_terms_of(const struct product *product, struct arena *arena,
                      struct product_terms *terms);

#endif
