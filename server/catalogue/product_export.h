/*
 * product_export: the catalogue as a file in the layout of Shopify's product export.
 *
 * Every product, whatever its status, in the order of slugs: the same catalogue gives the same
 * bytes. Importing the file changes nothing; importing it into an empty catalogue makes one that is
 * exported as the same bytes again. Made SKUs are left empty, for import makes the same ones.
 */
#ifndef AIZY_SERVER_CATALOGUE_PRODUCT_EXPORT_H
#define AIZY_SERVER_CATALOGUE_PRODUCT_EXPORT_H

#include "base/buf.h"
#include "base/fault.h"
#include "stores/product_store.h"

/* The rows of the largest product: its document's bytes as JSON with each of them escaped. */
#define PRODUCT_EXPORT_PRODUCT_MAX_BYTES (8UL * PRODUCT_MAX_BYTES)
/* A page ends with the product that takes it beyond this. */
#define PRODUCT_EXPORT_PAGE_BYTES (256UL * 1024)
#define PRODUCT_EXPORT_BUF_BYTES (PRODUCT_EXPORT_PAGE_BYTES + PRODUCT_EXPORT_PRODUCT_MAX_BYTES)

/* Where an export is: zeroed before the first page. */
struct product_export {
    char after[PRODUCT_SLUG_MAX_BYTES + 1]; /* the last product's slug, with a NUL */
    bool is_begun;
    bool is_done;
    int64_t products;
};

/*
 * Appends the next page of the file to `out`, whose maximum is PRODUCT_EXPORT_BUF_BYTES and which
 * is empty. Everything that it needs for that is in `scratch`. FAULT_ANSWER_TOO_LARGE for a product
 * beyond the bounds, which the product's own rule out.
 */
MUST_USE struct fault product_export_page(struct product_export *export, struct mongo_store *store,
                                          struct arena *scratch, struct buf *out);

/* A product's rows. `text` is scratch, of the same maximum as `out`. */
void product_export_write(const struct product_walked *walked, struct arena *scratch,
                          struct buf *text, struct buf *out);

#endif
