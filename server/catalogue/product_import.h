/*
 * product_import: products from a file in the layout of Shopify's product export.
 *
 * The file is read as it comes and a product is stored as soon as its rows are complete, so memory
 * does not grow with the file (but for the handles seen, of which there are at most
 * PRODUCT_IMPORT_PRODUCTS_MAX). A product that is refused stops nobody: its errors are noted with
 * row and column, and the others are stored. Importing the same file again changes nothing.
 *
 * Handle is the slug, Vendor the brand, Type the category (made when unknown), Published false a
 * draft, option `Title` with the value `Default Title` no option, Body (HTML) the description as it
 * is. Without a Variant Inventory Tracker stock is not tracked; a quantity below zero counts as 0.
 */
#ifndef AIZY_SERVER_CATALOGUE_PRODUCT_IMPORT_H
#define AIZY_SERVER_CATALOGUE_PRODUCT_IMPORT_H

#include "base/fault.h"
#include "server/catalogue/csv_reader.h"
#include "server/catalogue/product_import_report.h"
#include "stores/product_store.h"

#define PRODUCT_IMPORT_PRODUCTS_MAX 200000

struct product_import_options {
    struct csv_source source;
    struct product_author author; /* its default_currency is that of the prices */
    bool dry_run;                 /* check everything, store nothing */
    /* Called after each product with the report as it is; NULL: nobody wants to know. */
    void (*tell)(void *context, const struct product_import_report *report);
    void *tell_context;
    /*
     * How long it waits for a product that another transaction holds: one whose process was killed
     * is ended by MongoDB after 60 s.
     */
    int64_t patience_ms;
    bool sets_stock; /* levels of variants that are tracked already are set too; else they are kept
                      */
};

/*
 * `report` is initialised. FAULT_INVALID when the file cannot be read as one of products at all:
 * then the report has the reason, as an error of row 1. A fault of the store ends the import where
 * it is; the report says what was done until then, and the same file can be imported again.
 */
MUST_USE struct fault product_import(struct mongo_store *store,
                                     const struct product_import_options *options,
                                     struct product_import_report *report);

#endif
