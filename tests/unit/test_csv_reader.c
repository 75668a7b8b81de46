#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/csv_fixture.h"

static struct csv_reader reader;
static struct csv_row row;

/* All rows as one text: cells between brackets, "!" for a row with a problem. */
static void assert_rows(struct str text, size_t step, const char *expected) {
    struct csv_text source = {text, step, false};
    struct buf seen;
    buf_init(&seen, 65536);
    csv_reader_init(&reader, csv_text_source(&source));
    while (csv_reader_next(&reader, &row) == CSV_ROW) {
        buf_append_int64(&seen, row.number);
        buf_append_str(&seen, row.problem != NULL ? STR("!") : STR(":"));
        for (size_t i = 0; i < row.cell_count; i++) {
            buf_append_byte(&seen, '[');
            buf_append_str(&seen, row.cells[i]);
            buf_append_byte(&seen, ']');
        }
        buf_append_byte(&seen, ' ');
    }
    csv_reader_release(&reader);
    assert_string_equal(buf_str(&seen).data, expected);
    buf_release(&seen);
}

static void reads_rows_however_they_come(void **state) {
    (void)state;
    static const struct {
        struct str text;
        const char *expected;
    } cases[] = {
        {STR_INIT("a,b\nc,d\n"), "1:[a][b] 2:[c][d] "},
        {STR_INIT("a,b\r\nc,d\r\n"), "1:[a][b] 2:[c][d] "},
        {STR_INIT("a,b\rc,d"), "1:[a][b] 2:[c][d] "},
        {STR_INIT("a,b\n\r\nc"), "1:[a][b] 2:[] 3:[c] "},
        {STR_INIT("a,,\n"), "1:[a][][] "},
        {STR_INIT(","), "1:[][] "},
        {STR_INIT("\"\",\"a\"\n"), "1:[][a] "},
        {STR_INIT("\"a,b\",\"c\r\nd\"\ne"), "1:[a,b][c\r\nd] 2:[e] "},
        {STR_INIT("\"say \"\"hi\"\"\",x"), "1:[say \"hi\"][x] "},
        {STR_INIT("\"\"\"\"\n"), "1:[\"] "},
        {STR_INIT(" a , b \n"), "1:[ a ][ b ] "},
        {STR_INIT("\xEF\xBB\xBF"
                  "a,b\n"),
         "1:[a][b] "},
        {STR_INIT("\xEF\xBB\xBF\"a\"\n"), "1:[a] "},
        {STR_INIT("\xEF\xBB\xBF"), ""},
        {STR_INIT(""), ""},
        {STR_INIT("caf\xC3\xA9\n"), "1:[caf\xC3\xA9] "},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (size_t step = 1; step < 5; step++) {
            assert_rows(cases[i].text, step, cases[i].expected);
        }
        assert_rows(cases[i].text, SIZE_MAX, cases[i].expected);
    }
}

static void goes_on_after_a_bad_row(void **state) {
    (void)state;
    static const struct {
        struct str text;
        const char *expected;
    } cases[] = {
        {STR_INIT("a,b\nc,5\" nail\nd,e\n"), "1:[a][b] 2![c] 3:[d][e] "},
        {STR_INIT("a,\"b\"c,d\ne\n"), "1![a] 2:[e] "},
        {STR_INIT("a,\"b\" ,d\ne\n"), "1![a] 2:[e] "},
        {STR_INIT("a,\"b\nc\n"), "1![a] "},
        {STR_INIT("\"a"), "1! "},
        {STR_INIT("a,b\0c,d\ne"), "1![a] 2:[e] "},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_rows(cases[i].text, 1, cases[i].expected);
        assert_rows(cases[i].text, SIZE_MAX, cases[i].expected);
    }
}

static void says_what_is_wrong(void **state) {
    (void)state;
    struct csv_text source = {STR("\xFF\xFE"
                                  "a\0,\0"),
                              2, false};
    csv_reader_init(&reader, csv_text_source(&source));
    assert_int_equal(csv_reader_next(&reader, &row), CSV_ROW);
    assert_string_equal(row.problem, "The file is UTF-16; save it as CSV in UTF-8.");
    csv_reader_release(&reader);
}

static void ends_when_reading_fails(void **state) {
    (void)state;
    struct csv_text source = {STR("a,b\nc,d"), 3, true};
    csv_reader_init(&reader, csv_text_source(&source));
    assert_int_equal(csv_reader_next(&reader, &row), CSV_ROW);
    /* What came of the second row may be a part of it. */
    assert_int_equal(csv_reader_next(&reader, &row), CSV_READ_FAILED);
    assert_int_equal(csv_reader_next(&reader, &row), CSV_READ_FAILED);
    csv_reader_release(&reader);
}

static char *repeat(const char *text, size_t count) {
    size_t size = strlen(text);
    char *bytes = malloc(size * count);
    assert_non_null(bytes);
    for (size_t i = 0; i < count; i++) {
        memcpy(bytes + i * size, text, size);
    }
    return bytes;
}

/* A row of `count` times `text`, the end of the row, and a row that is fine. */
static const char *problem_of(const char *text, size_t count) {
    char *long_row = repeat(text, count);
    struct buf bytes;
    buf_init(&bytes, 8UL * 1024 * 1024);
    buf_append(&bytes, long_row, strlen(text) * count);
    buf_append_str(&bytes, STR("\nfine\n"));
    free(long_row);
    struct csv_text source = {buf_str(&bytes), 4096, false};
    csv_reader_init(&reader, csv_text_source(&source));
    assert_int_equal(csv_reader_next(&reader, &row), CSV_ROW);
    const char *problem = row.problem;
    assert_int_equal(csv_reader_next(&reader, &row), CSV_ROW);
    assert_null(row.problem);
    assert_true(str_equals(row.cells[0], STR("fine")));
    assert_int_equal(csv_reader_next(&reader, &row), CSV_END);
    csv_reader_release(&reader);
    buf_release(&bytes);
    return problem;
}

static void holds_its_bounds(void **state) {
    (void)state;
    assert_null(problem_of(",", CSV_COLUMNS_MAX - 1));
    assert_string_equal(problem_of(",", CSV_COLUMNS_MAX), "The row has more than 200 columns.");
    assert_null(problem_of("x", CSV_CELL_MAX_BYTES));
    assert_string_equal(problem_of("x", CSV_CELL_MAX_BYTES + 1),
                        "The row has a cell of more than 1 MiB.");
    char *cell = repeat("x", 120001);
    cell[119999] = ',';
    cell[120000] = '\0';
    assert_null(problem_of(cell, 17));
    assert_string_equal(problem_of(cell, 18), "The row has more than 2 MiB.");
    free(cell);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_rows_however_they_come),
        cmocka_unit_test(goes_on_after_a_bad_row),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(ends_when_reading_fails),
        cmocka_unit_test(holds_its_bounds),
    };
    return cmocka_run_group_tests_name("csv_reader", tests, NULL, NULL);
}
