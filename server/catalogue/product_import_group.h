/*
 * product_import_group: the rows that make one product.
 *
 * Rows that follow each other with the same Handle are one product: the first has what is the
 * product's own, each row with a price, a SKU or a value of an option is a variant (the first
 * always is), each row with an Image Src is an image. A product is taken whole or not at all: one
 * bad row rejects it.
 */
#ifndef AIZY_SERVER_CATALOGUE_PRODUCT_IMPORT_GROUP_H
#define AIZY_SERVER_CATALOGUE_PRODUCT_IMPORT_GROUP_H

#include "base/violation.h"
#include "server/catalogue/product_row.h"

#define IMPORT_GROUP_ROWS_MAX (PRODUCT_VARIANTS_MAX + PRODUCT_IMAGES_MAX)
/* Of the largest description, many times over. */
#define IMPORT_GROUP_ARENA_BYTES (16UL * 1024 * 1024)

struct import_group {
    struct arena arena;  /* holds the rows and the edit */
    struct str handle;   /* absent: no rows yet */
    struct str currency; /* of the prices: the first row's, or the shop's */
    int64_t first_row;
    int64_t last_row;
    struct product_row *rows;
    size_t row_count;
    bool is_rejected; /* the reason has been noted */

    /* The numbers of the rows that gave each variant and image of the edit, for violations. */
    int64_t variant_rows[IMPORT_GROUP_ROWS_MAX];
    int64_t image_rows[IMPORT_GROUP_ROWS_MAX];
};

void import_group_init(struct import_group *group);
void import_group_release(struct import_group *group);

/* Empties it for the next product, whose first row is `row_number`. Copies the handle. */
void import_group_begin(struct import_group *group, struct str handle, int64_t row_number,
                        struct str default_currency);

/* Reads a row into the group; whatever is wrong is noted and rejects it. */
void import_group_add(struct import_group *group, const struct product_header *header,
                      const struct csv_row *csv, struct product_import_report *report);

/*
 * The edit that describes the product as far as the file has columns for it, in the group's arena.
 * A variant whose stock is tracked has stock_given. *category_name is the Type as it is written,
 * absent when there is none. False when the rows do not make a product; the reason has been noted.
 */
MUST_USE bool import_group_build(struct import_group *group, const struct product_header *header,
                                 struct product_edit *edit, struct str *category_name,
                                 struct product_import_report *report);

/* Notes each violation with the row and the column that it comes from. */
void import_group_note_violations(const struct import_group *group,
                                  const struct violations *violations,
                                  struct product_import_report *report);

#endif
