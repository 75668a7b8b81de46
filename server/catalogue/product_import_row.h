/*
 * product_import_row: a row of a product file, read by a table of columns.
 *
 * The columns are those of Shopify's product export, found by their names in the file's first row,
 * in any order and case; others are passed over. An empty cell is absent. One apostrophe is taken
 * off a cell that begins with apostrophes and then =, +, -, @, a tab or CR: that is how exports
 * keep spreadsheets from taking a text for a formula.
 */
#ifndef AIZY_SERVER_CATALOGUE_PRODUCT_IMPORT_ROW_H
#define AIZY_SERVER_CATALOGUE_PRODUCT_IMPORT_ROW_H

#include "server/catalogue/csv_reader.h"
#include "server/catalogue/product_import_report.h"
#include "stores/product.h"

/* Absent texts are absent strs, absent numbers INT64_ABSENT. */
struct import_row {
    int64_t number;
    struct str handle;
    struct str title, body, vendor, type, tags;
    struct str status; /* of product_status_names, or absent */
    bool is_hidden;    /* Published is false */
    struct str option_names[PRODUCT_OPTIONS_MAX];
    struct str option_values[PRODUCT_OPTIONS_MAX];
    struct str sku, tracker, barcode;
    int64_t quantity, grams, price, compare_at_price;
    bool allow_backorder;
    struct str image_src, image_alt;
    int64_t image_position;
    struct str seo_title, seo_description;
};

struct import_column;

struct import_header {
    const struct import_column *columns[CSV_COLUMNS_MAX]; /* NULL: passed over */
    size_t count;
    size_t handle_at;
};

/* False when a column is missing or comes twice; each is noted. Borrows nothing of the row. */
MUST_USE bool import_header_read(struct import_header *header, const struct csv_row *csv,
                                 struct product_import_report *report);

/* The Handle of a row, trimmed; absent when it has none. Borrowed from the row. */
struct str import_header_handle(const struct import_header *header, const struct csv_row *csv);

/*
 * Copies a row into the arena. False when a cell cannot be read; each is noted. Prices are decimals
 * of a currency with `exponent` of them.
 */
MUST_USE bool import_row_read(struct import_row *row, const struct import_header *header,
                              const struct csv_row *csv, int exponent, struct arena *arena,
                              struct product_import_report *report);

/*
 * The column that fills a field of the product, by the field's path without indexes
 * ("variants.price"); absent when none does. Options have three columns each: `index` is the
 * option's.
 */
struct str import_column_of_field(struct str field, size_t index);

#endif
