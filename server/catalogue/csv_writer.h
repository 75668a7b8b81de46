/*
 * csv_writer: rows of comma-separated values (RFC 4180), and the guard of cells that a spreadsheet
 * would run.
 *
 * Rows end with CR LF. A cell is put in quotes when it has a comma, a quote, a line end, or spaces
 * at an end. A cell that begins like a formula (any apostrophes, then =, +, -, @, a tab or CR) gets
 * one apostrophe more; csv_cell_unguarded takes one off the same cells, so that every text comes
 * back as it was.
 */
#ifndef AIZY_SERVER_CATALOGUE_CSV_WRITER_H
#define AIZY_SERVER_CATALOGUE_CSV_WRITER_H

#include "base/buf.h"

/* Appends a cell, and before it a comma unless it is the row's first. */
void csv_write_cell(struct buf *out, bool is_first, struct str text);

void csv_write_row_end(struct buf *out);

/* Without the apostrophe that csv_write_cell has added. Borrowed from the cell. */
struct str csv_cell_unguarded(struct str cell);

#endif
