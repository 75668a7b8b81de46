/*
 * product_row: a row of a product file, read and written by one table of columns.
 *
 * The columns are those of Shopify's product export, and a few of our own for what it has no place
 * for: Type Slug, Currency, Options, Variant Title, Attributes. When reading they are found by
 * their names in the file's first row, in any order and case; others are passed over. An empty cell
 * is absent.
 */
#ifndef AIZY_SERVER_CATALOGUE_PRODUCT_ROW_H
#define AIZY_SERVER_CATALOGUE_PRODUCT_ROW_H

#include "server/catalogue/csv_reader.h"
#include "server/catalogue/product_import_report.h"
#include "stores/product.h"

/* Absent texts are absent strs, absent numbers INT64_ABSENT, absent lists have no items. */
struct product_row {
    int64_t number;
    struct str handle;
    struct str title, body, vendor, type, type_slug;
    struct str_list tags;
    struct str published; /* "true", "false" or absent */
    struct str status;    /* of product_status_names, or absent */
    struct str currency;
    struct str option_names[PRODUCT_OPTIONS_MAX];
    struct str option_values[PRODUCT_OPTIONS_MAX];
    struct product_option_list options; /* where the rows alone would not say all of them */
    struct str sku, variant_title, tracker, barcode;
    struct str policy; /* "deny", "continue" or absent */
    int64_t quantity, grams, price, compare_at_price;
    struct str image_src, image_alt;
    int64_t image_position;
    struct str seo_title, seo_description;
    struct str_pair_list attributes;
};

/* Everything absent. */
void product_row_clear(struct product_row *row);

struct product_column;

struct product_header {
    const struct product_column *columns[CSV_COLUMNS_MAX]; /* NULL: passed over */
    size_t count;
    size_t handle_at;
    size_t currency_at;
};

/*
 * False when a column is missing or comes twice; each is noted, and in the report's ignored_columns
 * those that are passed over. Borrows nothing of the row.
 */
MUST_USE bool product_header_read(struct product_header *header, const struct csv_row *csv,
                                  struct product_import_report *report);

/* Whether the file has the column that fills this member: offsetof(struct product_row, ...). */
bool product_header_has(const struct product_header *header, size_t member);

/* Both trimmed, absent when the cell is empty or not there, and borrowed from the row. */
struct str product_header_handle(const struct product_header *header, const struct csv_row *csv);
struct str product_header_currency(const struct product_header *header, const struct csv_row *csv);

/*
 * Copies a row into the arena. False when a cell cannot be read; each is noted. Prices are decimals
 * of a currency with `exponent` of them.
 */
MUST_USE bool product_row_read(struct product_row *row, const struct product_header *header,
                               const struct csv_row *csv, int exponent, struct arena *arena,
                               struct product_import_report *report);

/* The first row of a file, and a row of it. `text` is scratch. */
void product_row_write_header(struct buf *out);
void product_row_write(const struct product_row *row, int exponent, struct buf *text,
                       struct buf *out);

/*
 * The column that fills a field of the product, by the field's path without indexes
 * ("variants.price"); absent when none does. Options have three columns each: `index` is the
 * option's.
 */
struct str product_column_of_field(struct str field, size_t index);

#endif
