/* csv_writer: any cells, one a line, come back as they were, and no spreadsheet runs one. */
#include "server/catalogue/csv_writer.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/csv_fixture.h"

static struct csv_reader reader;
static struct csv_row row;

void fuzz_one(struct str input, struct arena *arena) {
    struct str cells[16];
    size_t count = 0;
    struct buf out;
    /* No text of a product has a NUL. */
    struct str rest = str_slice(input, 0, str_find_byte(input, '\0'));
    buf_init(&out, 4 * CSV_ROW_MAX_BYTES);
    csv_write_cell(&out, true, STR("first"));
    while (count < COUNT_OF(cells) && rest.size > 0 && rest.size < CSV_CELL_MAX_BYTES) {
        cells[count] = arena_copy(arena, fuzz_take_line(&rest));
        csv_write_cell(&out, false, cells[count++]);
    }
    csv_write_row_end(&out);
    struct csv_text text = {.rest = buf_str(&out), .part_size = SIZE_MAX};
    csv_reader_init(&reader, csv_text_source(&text));
    CHECK(csv_reader_next(&reader, &row) == CSV_ROW && row.problem == NULL);
    CHECK(row.cell_count == count + 1);
    for (size_t i = 0; i < count; i++) {
        CHECK(!csv_is_run_by_spreadsheets(row.cells[i + 1]));
        CHECK(str_equals(csv_cell_unguarded(row.cells[i + 1]), cells[i]));
    }
    CHECK(csv_reader_next(&reader, &row) == CSV_END);
    csv_reader_release(&reader);
    buf_release(&out);
}
