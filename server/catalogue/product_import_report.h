/*
 * product_import_report: what came of an import.
 */
#ifndef AIZY_SERVER_CATALOGUE_PRODUCT_IMPORT_REPORT_H
#define AIZY_SERVER_CATALOGUE_PRODUCT_IMPORT_REPORT_H

#include <stdint.h>

#include "base/arena.h"

/* Further ones are counted but not kept. */
#define PRODUCT_IMPORT_ERRORS_MAX 1000
#define PRODUCT_IMPORT_IGNORED_MAX 200

struct product_import_error {
    int64_t row;       /* as a spreadsheet shows it: the header is row 1 */
    struct str column; /* absent: the row as a whole */
    struct str message;
};

struct product_import_error_list {
    struct product_import_error *items;
    size_t count;
};

/* The counts are of products. */
struct product_import_report {
    struct arena *arena;
    int64_t created;
    int64_t updated;
    int64_t unchanged;
    int64_t rejected;
    struct product_import_error_list errors;
    int64_t errors_dropped;
    struct str_list ignored_columns; /* of the header, that nothing is read from */
    int64_t rows;                    /* read so far, the header among them */
    int64_t bytes;                   /* of the file, read so far */
};

/* Borrows the arena, in which every error lives. */
void product_import_report_init(struct product_import_report *report, struct arena *arena);

/* Products so far, whatever came of them. */
int64_t product_import_report_products(const struct product_import_report *report);

/* Copies the name of a column that is passed over; what is no text is left out. */
void product_import_report_ignore(struct product_import_report *report, struct str column);

/* Copies everything. */
PRINTF_LIKE(4, 5)
void product_import_report_add(struct product_import_report *report, int64_t row, struct str column,
                               const char *format, ...);

#endif
