/* csv_reader: rows do not depend on how the bytes come; written in quotes they read the same. */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/csv_fixture.h"

/* The row in quotes, the byte order mark and all. */
static void append_row(struct buf *out, const struct csv_row *row) {
    for (size_t i = 0; i < row->cell_count; i++) {
        buf_append_str(out, i == 0 ? STR("\"") : STR(",\""));
        for (size_t at = 0; at < row->cells[i].size; at++) {
            buf_append_str(out, row->cells[i].data[at] == '"' ? STR("\"") : STR(""));
            buf_append_byte(out, row->cells[i].data[at]);
        }
        buf_append_byte(out, '"');
    }
    buf_append_str(out, STR("\r\n"));
}

static bool is_same_row(const struct csv_row *left, const struct csv_row *right) {
    bool is_same = left->problem == right->problem && left->cell_count == right->cell_count;
    for (size_t i = 0; is_same && i < left->cell_count; i++) {
        is_same = str_equals(left->cells[i], right->cells[i]);
    }
    return is_same;
}

static void check_row(const struct csv_row *row) {
    CHECK(row->cell_count > 0 || row->problem != NULL);
    for (size_t i = 0; i < row->cell_count; i++) {
        CHECK(row->cells[i].size <= CSV_CELL_MAX_BYTES);
        CHECK(str_find_byte(row->cells[i], '\0') == row->cells[i].size);
    }
}

static void check_written(const struct csv_row *row, struct buf *out) {
    static struct csv_reader reader;
    static struct csv_row again;
    buf_clear(out);
    append_row(out, row);
    struct csv_text source = {.rest = buf_str(out), .part_size = SIZE_MAX};
    csv_reader_init(&reader, csv_text_source(&source));
    CHECK(csv_reader_next(&reader, &again) == CSV_ROW && is_same_row(row, &again));
    CHECK(csv_reader_next(&reader, &again) == CSV_END);
    csv_reader_release(&reader);
}

void fuzz_one(struct str input, struct arena *arena) {
    (void)arena;
    static struct csv_reader readers[2];
    static struct csv_row rows[2];
    struct csv_text sources[2] = {{input, SIZE_MAX, false}, {input, 1, false}};
    struct buf out;
    buf_init(&out, 3 * CSV_ROW_MAX_BYTES);
    for (size_t i = 0; i < 2; i++) {
        csv_reader_init(&readers[i], csv_text_source(&sources[i]));
    }
    for (int64_t number = 1;; number++) {
        enum csv_result result = csv_reader_next(&readers[0], &rows[0]);
        CHECK(csv_reader_next(&readers[1], &rows[1]) == result && result != CSV_READ_FAILED);
        if (result == CSV_END) {
            break;
        }
        CHECK(rows[0].number == number && is_same_row(&rows[0], &rows[1]));
        check_row(&rows[0]);
        if (rows[0].problem == NULL) {
            check_written(&rows[0], &out);
        }
    }
    for (size_t i = 0; i < 2; i++) {
        csv_reader_release(&readers[i]);
    }
    buf_release(&out);
}
