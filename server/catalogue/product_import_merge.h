/*
 * product_import_merge: what a file leaves unsaid of a product that is there already stays as it
 * is.
 */
#ifndef AIZY_SERVER_CATALOGUE_PRODUCT_IMPORT_MERGE_H
#define AIZY_SERVER_CATALOGUE_PRODUCT_IMPORT_MERGE_H

#include "server/catalogue/product_row.h"
#include "stores/product_store.h"

struct import_merge {
    const struct product_header *header;
    bool sets_stock; /* also of variants whose stock is tracked already */
};

/*
 * A product_import_fill, whose context is a struct import_merge: members of variants and images
 * without a column, and levels that are to be kept. Variants are found again by SKU, else by
 * options, images by their address.
 */
void import_merge_fill(void *context, const struct product *known, struct arena *arena,
                       struct product_edit *edit);

#endif
