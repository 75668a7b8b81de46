#include "server/catalogue/csv_reader.h"

#include <string.h>

#define NO_BYTE (-1)
#define NO_SEPARATOR 0

static const char byte_order_mark[] = "\xEF\xBB\xBF";

void csv_reader_init(struct csv_reader *reader, struct csv_source source) {
    *reader = (struct csv_reader){.source = source};
    buf_init(&reader->text, CSV_ROW_MAX_BYTES);
}

void csv_reader_release(struct csv_reader *reader) {
    buf_release(&reader->text);
}

static void fill(struct csv_reader *reader) {
    ptrdiff_t size =
        reader->source.read(reader->source.context, reader->bytes, sizeof(reader->bytes));
    CHECK(size <= (ptrdiff_t)sizeof(reader->bytes));
    reader->has_failed = size < 0;
    reader->is_at_end = size <= 0;
    reader->size = size > 0 ? (size_t)size : 0;
    reader->bytes_read += (int64_t)reader->size;
    reader->at = 0;
}

/* The next byte without taking it; NO_BYTE at the end. */
static int peek_byte(struct csv_reader *reader) {
    if (reader->at == reader->size && !reader->is_at_end) {
        fill(reader);
    }
    return reader->at < reader->size ? (unsigned char)reader->bytes[reader->at] : NO_BYTE;
}

static int take_byte(struct csv_reader *reader) {
    int byte = peek_byte(reader);
    reader->at += byte == NO_BYTE ? 0 : 1;
    return byte;
}

/* The first one is the one to be told. */
static void note(struct csv_reader *reader, const char *problem) {
    if (reader->problem == NULL) {
        reader->problem = problem;
        reader->good_cells = reader->cell_count > 0 ? reader->cell_count - 1 : 0;
    }
}

static void begin_cell(struct csv_reader *reader) {
    if (reader->cell_count == CSV_COLUMNS_MAX) {
        note(reader, "The row has more than 200 columns.");
        return;
    }
    reader->cell_starts[reader->cell_count++] = reader->text.size;
}

static void add_byte(struct csv_reader *reader, int byte) {
    if (byte == '\0') {
        note(reader, "The row has a NUL character.");
    }
    if (reader->cell_count > 0 &&
        reader->text.size - reader->cell_starts[reader->cell_count - 1] >= CSV_CELL_MAX_BYTES) {
        note(reader, "The row has a cell of more than 1 MiB.");
    }
    /* The rest of a row that is refused is passed over, not kept. */
    if (reader->problem == NULL) {
        buf_append_byte(&reader->text, (char)byte);
        if (buf_is_overflowed(&reader->text)) {
            note(reader, "The row has more than 2 MiB.");
        }
    }
}

/* Behind the opening quote; stops behind the closing one. */
static void read_quoted(struct csv_reader *reader) {
    for (;;) {
        int byte = take_byte(reader);
        if (byte == NO_BYTE) {
            note(reader, "A quote that opens in this row is never closed.");
            return;
        }
        if (byte == '"') {
            if (peek_byte(reader) != '"') {
                return;
            }
            (void)take_byte(reader);
        }
        add_byte(reader, byte);
    }
}

/* Takes the end of a row, in whichever form: CR LF, LF, CR. */
static bool take_row_end(struct csv_reader *reader) {
    int byte = peek_byte(reader);
    if (byte == NO_BYTE) {
        return true;
    }
    if (byte != '\r' && byte != '\n') {
        return false;
    }
    (void)take_byte(reader);
    if (byte == '\r' && peek_byte(reader) == '\n') {
        (void)take_byte(reader);
    }
    return true;
}

/* The first that stands outside of quotes is the file's, for good. */
static bool is_separator(struct csv_reader *reader, int byte) {
    if (reader->separator == NO_SEPARATOR && (byte == ',' || byte == ';')) {
        reader->separator = byte;
    }
    return byte == reader->separator;
}

/* False when the cell was the row's last. */
static bool read_cell(struct csv_reader *reader) {
    begin_cell(reader);
    bool is_quoted = peek_byte(reader) == '"';
    if (is_quoted) {
        (void)take_byte(reader);
        read_quoted(reader);
    }
    while (!take_row_end(reader)) {
        int byte = take_byte(reader);
        if (is_separator(reader, byte)) {
            return true;
        }
        if (is_quoted) {
            note(reader, "A cell goes on after its closing quote; a quote inside a cell is "
                         "written twice.");
        } else if (byte == '"') {
            note(reader, "A quote stands inside a cell that is not quoted; put the cell in quotes "
                         "and write the quote twice.");
        }
        add_byte(reader, byte);
    }
    return false;
}

static void skip_byte_order_mark(struct csv_reader *reader) {
    /* A source may hand out single bytes, so they are taken as they come. */
    size_t matched = 0;
    while (matched < 3 && peek_byte(reader) == (unsigned char)byte_order_mark[matched]) {
        (void)take_byte(reader);
        matched++;
    }
    if (matched == 1 || matched == 2) {
        note(reader, "The file is not UTF-8.");
    }
    int byte = peek_byte(reader);
    if (matched == 0 && (byte == 0xFE || byte == 0xFF)) {
        note(reader, "The file is UTF-16; save it as CSV in UTF-8.");
    }
}

static void hand_out(struct csv_reader *reader, struct csv_row *row) {
    row->number = reader->row_number;
    row->problem = reader->problem;
    row->cell_count = reader->problem == NULL ? reader->cell_count : reader->good_cells;
    const char *text = buf_str(&reader->text).data;
    for (size_t i = 0; i < row->cell_count; i++) {
        size_t end = i + 1 < reader->cell_count ? reader->cell_starts[i + 1] : reader->text.size;
        row->cells[i] = (struct str){text + reader->cell_starts[i], end - reader->cell_starts[i]};
    }
}

enum csv_result csv_reader_next(struct csv_reader *reader, struct csv_row *row) {
    buf_clear(&reader->text);
    reader->cell_count = 0;
    reader->problem = NULL;
    if (reader->row_number == 0) {
        skip_byte_order_mark(reader);
    }
    if (peek_byte(reader) == NO_BYTE) {
        return reader->has_failed ? CSV_READ_FAILED : CSV_END;
    }
    reader->row_number++;
    bool goes_on = true;
    while (goes_on) {
        goes_on = read_cell(reader);
    }
    if (reader->has_failed) {
        return CSV_READ_FAILED;
    }
    hand_out(reader, row);
    return CSV_ROW;
}
