/*
 * csv_reader: rows of comma-separated values (RFC 4180), read as they come and never more than one
 * at a time.
 *
 * Beyond RFC 4180 it takes what spreadsheets write: a byte order mark at the start, LF and CR alone
 * as the end of a row, no end after the last one, and semicolons between cells (where the comma is
 * the decimal point): whichever of comma and semicolon comes first in the file separates all of its
 * cells. Cells are bytes; whether they are UTF-8 is for
 * the user to ask. A row that breaks the rules (a quote inside a bare cell, text after a closing
 * quote, a quote that is never closed, a NUL) or the bounds is handed out with `problem` set and
 * reading goes on with the next row.
 *
 * (Debian's libcsv was considered: it ends at the first wrong quote, and puts no bound on a cell.)
 */
#ifndef AIZY_SERVER_CATALOGUE_CSV_READER_H
#define AIZY_SERVER_CATALOGUE_CSV_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* The largest product that there can be fits, its attributes as JSON and all. */
#define CSV_CELL_MAX_BYTES (1024UL * 1024)
#define CSV_ROW_MAX_BYTES (2 * CSV_CELL_MAX_BYTES)
#define CSV_COLUMNS_MAX 200

/* Where bytes come from: read() of a file, the parts of a body. */
struct csv_source {
    /* The number of bytes put into `bytes`: 0 at the end, -1 when reading fails. */
    ptrdiff_t (*read)(void *context, char *bytes, size_t size);
    void *context;
};

/* Everything lives until the next row is read. */
struct csv_row {
    int64_t number; /* as a spreadsheet shows it: from 1, lines inside a cell do not count */
    struct str cells[CSV_COLUMNS_MAX];
    size_t cell_count;
    /* A static sentence; then there are only the cells before the one that it is about. NULL: none.
     */
    const char *problem;
};

enum csv_result { CSV_ROW, CSV_END, CSV_READ_FAILED };

struct csv_reader {
    struct csv_source source;
    int64_t bytes_read; /* handed out by the source */
    char bytes[16 * 1024];
    size_t size, at;
    bool is_at_end, has_failed;
    struct buf text; /* the cells of the row, one after the other */
    size_t cell_starts[CSV_COLUMNS_MAX];
    size_t cell_count;
    const char *problem;
    int separator;     /* 0: none has been met */
    size_t good_cells; /* of a row with a problem */
    int64_t row_number;
};

/* Borrows the source. */
void csv_reader_init(struct csv_reader *reader, struct csv_source source);
void csv_reader_release(struct csv_reader *reader);

/* A blank line is a row of one empty cell. */
enum csv_result csv_reader_next(struct csv_reader *reader, struct csv_row *row);

#endif
