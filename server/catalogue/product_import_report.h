/*
 * product_import_report: what came of an import.
 */
#ifndef AIZY_SERVER_CATALOGUE_PRODUCT_IMPORT_REPORT_H
#define AIZY_SERVER_CATALOGUE_PRODUCT_IMPORT_REPORT_H

#include <stdint.h>

#include "base/arena.h"

/* Further ones are counted but not kept. */
#define PRODUCT_IMPORT_ERRORS_MAX 1000

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
};

/* Borrows the arena, in which every error lives. */
void product_import_report_init(struct product_import_report *report, struct arena *arena);

/* Copies everything. */
PRINTF_LIKE(4, 5)
void product_import_report_add(struct product_import_report *report, int64_t row, struct str column,
                               const char *format, ...);

#endif
