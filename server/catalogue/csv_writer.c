#include "server/catalogue/csv_writer.h"

static size_t count_apostrophes(struct str text) {
    size_t count = 0;
    while (count < text.size && text.data[count] == '\'') {
        count++;
    }
    return count;
}

static bool begins_formula(struct str text, size_t at) {
    return at < text.size && memchr("=+-@\t\r", text.data[at], 6) != NULL;
}

/* Readers that trim would else take spaces away, and some take a bare CR for the end of a row. */
static bool needs_quotes(struct str text) {
    if (text.size == 0) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        if (byte == ',' || byte == ';' || byte == '"' || byte == '\n' || byte == '\r') {
            return true;
        }
    }
    return str_trim(text).size != text.size;
}

void csv_write_cell(struct buf *out, bool is_first, struct str text) {
    bool is_guarded = begins_formula(text, count_apostrophes(text));
    bool is_quoted = needs_quotes(text);
    buf_append_str(out, is_first ? STR("") : STR(","));
    buf_append_str(out, is_quoted ? STR("\"") : STR(""));
    buf_append_str(out, is_guarded ? STR("'") : STR(""));
    struct str rest = text;
    while (rest.size > 0) {
        size_t quote = str_find_byte(rest, '"');
        buf_append_str(out, str_slice(rest, 0, quote));
        buf_append_str(out, quote < rest.size ? STR("\"\"") : STR(""));
        rest = str_slice(rest, quote + 1, rest.size);
    }
    buf_append_str(out, is_quoted ? STR("\"") : STR(""));
}

void csv_write_row_end(struct buf *out) {
    buf_append_str(out, STR("\r\n"));
}

struct str csv_cell_unguarded(struct str cell) {
    size_t apostrophes = count_apostrophes(cell);
    bool is_guarded = apostrophes > 0 && begins_formula(cell, apostrophes);
    return is_guarded ? str_slice(cell, 1, cell.size) : cell;
}
