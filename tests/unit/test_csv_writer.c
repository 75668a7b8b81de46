#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/catalogue/csv_writer.h"
#include "tests/unit/csv_fixture.h"

static const char alphabet[] = "'=+-@\t\ra,;\"\n ";

static struct buf out;
static struct csv_reader reader;
static struct csv_row row;

/* Written after another cell and before one, and read again. */
static void assert_comes_back(struct str text) {
    buf_clear(&out);
    csv_write_cell(&out, true, STR("first"));
    csv_write_cell(&out, false, text);
    csv_write_cell(&out, false, STR("last"));
    csv_write_row_end(&out);
    struct csv_text source = {.rest = buf_str(&out), .part_size = SIZE_MAX};
    csv_reader_init(&reader, csv_text_source(&source));
    assert_int_equal(csv_reader_next(&reader, &row), CSV_ROW);
    assert_null(row.problem);
    assert_int_equal(row.cell_count, 3);
    assert_false(csv_is_run_by_spreadsheets(row.cells[1]));
    assert_true(str_equals(csv_cell_unguarded(row.cells[1]), text));
    assert_int_equal(csv_reader_next(&reader, &row), CSV_END);
    csv_reader_release(&reader);
}

static void every_short_text_comes_back(void **state) {
    (void)state;
    const size_t letters = sizeof(alphabet) - 1;
    size_t count = 1;
    for (size_t size = 0; size <= 4; size++, count *= letters) {
        for (size_t number = 0; number < count; number++) {
            char text[4];
            size_t rest = number;
            for (size_t i = 0; i < size; i++, rest /= letters) {
                text[i] = alphabet[rest % letters];
            }
            assert_comes_back((struct str){text, size});
        }
    }
}

static void writes_as_little_as_it_can(void **state) {
    (void)state;
    static const struct {
        struct str text;
        const char *written;
    } cases[] = {
        {STR_INIT(""), ""},
        {STR_INIT("plain text"), "plain text"},
        {STR_INIT("a,b"), "\"a,b\""},
        {STR_INIT("say \"hi\""), "\"say \"\"hi\"\"\""},
        {STR_INIT("=1+1"), "'=1+1"},
        {STR_INIT("''=1"), "'''=1"},
        {STR_INIT("'twas"), "'twas"},
        {STR_INIT(" blank"), "\" blank\""},
        {STR_INIT("-5,0"), "\"'-5,0\""},
        {STR_INIT("a\r\nb"), "\"a\r\nb\""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buf_clear(&out);
        csv_write_cell(&out, true, cases[i].text);
        assert_string_equal(buf_str(&out).data, cases[i].written);
    }
}

int main(void) {
    buf_init(&out, 1024);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_short_text_comes_back),
        cmocka_unit_test(writes_as_little_as_it_can),
    };
    int failed = cmocka_run_group_tests_name("csv_writer", tests, NULL, NULL);
    buf_release(&out);
    return failed;
}
