/*
 * csv_fixture: what tests and fuzz targets of CSV share.
 */
#ifndef AIZY_TESTS_UNIT_CSV_FIXTURE_H
#define AIZY_TESTS_UNIT_CSV_FIXTURE_H

#include "server/catalogue/csv_reader.h"

/* A text that is handed out from its beginning. */
struct csv_text {
    struct str rest;
    size_t part_size; /* the most that it hands out at once */
    bool fails;       /* where it ends, reading fails */
};

static inline ptrdiff_t csv_text_read(void *context, char *bytes, size_t size) {
    struct csv_text *text = context;
    if (text->rest.size == 0 && text->fails) {
        return -1;
    }
    struct str part = str_slice(text->rest, 0, size < text->part_size ? size : text->part_size);
    memcpy(bytes, part.data, part.size);
    text->rest = str_slice(text->rest, part.size, SIZE_MAX);
    return (ptrdiff_t)part.size;
}

/* Borrows the text. */
static inline struct csv_source csv_text_source(struct csv_text *text) {
    return (struct csv_source){csv_text_read, text};
}

static inline bool csv_is_run_by_spreadsheets(struct str cell) {
    return cell.size > 0 && memchr("=+-@\t\r", cell.data[0], 6) != NULL;
}

#endif
