#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

static const struct str absent = {0};

static void compares(void **state) {
    (void)state;
    assert_true(str_equals(STR("a\0b"), STR("a\0b")));
    assert_false(str_equals(STR("a\0b"), STR("a\0c")));
    assert_false(str_equals(STR("a"), STR("ab")));
    assert_true(str_equals(absent, STR("")));
    assert_true(str_equals_ignoring_case(STR("Content-TYPE"), STR("content-type")));
    assert_false(str_equals_ignoring_case(STR("content_type"), STR("content-type")));
    /* '[' and '{' differ by the bit that makes letters small, as do letters beyond ASCII. */
    assert_false(str_equals_ignoring_case(STR("["), STR("{")));
    assert_false(str_equals_ignoring_case(STR("@"), STR("`")));
    assert_false(str_equals_ignoring_case(STR("\xC3\x84"), STR("\xC3\xA4")));
    assert_true(str_equals_in_constant_time(STR("secret"), STR("secret")));
    assert_false(str_equals_in_constant_time(STR("secret"), STR("secreT")));
    assert_false(str_equals_in_constant_time(STR("secret"), STR("secre")));
    assert_true(str_equals_in_constant_time(absent, STR("")));
}

static void finds_starts_and_ends(void **state) {
    (void)state;
    assert_true(str_starts_with(STR("abc"), STR("ab")));
    assert_true(str_starts_with(STR("abc"), STR("abc")));
    assert_true(str_starts_with(STR("abc"), STR("")));
    assert_false(str_starts_with(STR("ab"), STR("abc")));
    assert_true(str_starts_with(absent, STR("")));
    assert_true(str_ends_with(STR("abc"), STR("bc")));
    assert_false(str_ends_with(STR("abc"), STR("ab")));
    assert_false(str_ends_with(STR("c"), STR("bc")));
    assert_true(str_ends_with(absent, absent));
}

static void cuts(void **state) {
    (void)state;
    assert_true(str_equals(str_trim(STR(" \t a b \t")), STR("a b")));
    assert_int_equal(str_trim(STR(" \t ")).size, 0);
    assert_true(str_equals(str_trim(STR("\na\r")), STR("\na\r")));
    assert_true(str_is_absent(str_trim(absent)));
    assert_true(str_equals(str_slice(STR("abcdef"), 2, 3), STR("cde")));
    assert_true(str_equals(str_slice(STR("abcdef"), 4, SIZE_MAX), STR("ef")));
    assert_int_equal(str_slice(STR("abc"), SIZE_MAX, SIZE_MAX).size, 0);
    assert_false(str_is_absent(str_slice(STR("abc"), 9, 1)));
    assert_true(str_is_absent(str_slice(absent, 2, 3)));
    assert_int_equal(str_find_byte(STR("a=b"), '='), 1);
    assert_int_equal(str_find_byte(STR("ab"), '='), 2);
    assert_int_equal(str_find_byte(absent, '='), 0);
}

static void splits(void **state) {
    (void)state;
    struct str rest = STR("a,,b");
    struct str piece;
    assert_true(str_next(&rest, ',', &piece) && str_equals(piece, STR("a")));
    assert_true(str_next(&rest, ',', &piece) && str_equals(piece, STR("")));
    assert_true(str_next(&rest, ',', &piece) && str_equals(piece, STR("b")));
    assert_false(str_next(&rest, ',', &piece));
    rest = STR("a,");
    assert_true(str_next(&rest, ',', &piece) && str_equals(piece, STR("a")));
    assert_false(str_next(&rest, ',', &piece));
    rest = STR(",");
    assert_true(str_next(&rest, ',', &piece) && str_is_empty(piece));
    assert_false(str_next(&rest, ',', &piece));
    rest = absent;
    assert_false(str_next(&rest, ',', &piece));
}

static void reads_integers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"007", 7},
        {"-12", -12},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    static const char *const bad[] = {
        "",
        "-",
        "+1",
        " 1",
        "1 ",
        "1.0",
        "1e3",
        "0x1",
        "--1",
        "1-1",
        "\xD9\xA1",
        "nan",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999",
    };
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        int64_t value = -1;
        assert_true(str_to_int64(str_of(good[i].text), &value));
        assert_true(value == good[i].value);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        int64_t value = -1;
        if (str_to_int64(str_of(bad[i]), &value) || value != -1) {
            fail_msg("read \"%s\"", bad[i]);
        }
    }
}

static void knows_utf8(void **state) {
    (void)state;
    static const char *const good[] = {
        "",
        "plain",
        "\xC2\x80\xDF\xBF",
        "\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF",
        "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
    };
    static const char *const bad[] = {
        "\x80",
        "\xBF",
        "\xC0\x80",
        "\xC1\xBF",
        "\xC2",
        "\xC2\x20",
        "\xE0\x9F\xBF",
        "\xE0\xA0",
        "\xED\xA0\x80",
        "\xED\xBF\xBF",
        "\xED\xA0\xBD\xED\xB8\x80",
        "\xF0\x8F\xBF\xBF",
        "\xF0\x90\x80",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xF8\x88\x80\x80\x80",
        "\xFE",
        "\xFF",
        "before\xC3",
    };
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(str_is_utf8(str_of(good[i])));
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (str_is_utf8(str_of(bad[i]))) {
            fail_msg("took case %zu", i);
        }
    }
    assert_true(str_is_utf8(STR("a\0b")));
    assert_int_equal(str_utf8_length(STR("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x94\x91")), 4);
    assert_int_equal(str_utf8_length(absent), 0);
}

static void sees_control_characters(void **state) {
    (void)state;
    assert_false(str_has_control(STR("a b\xC3\xA9~")));
    assert_true(str_has_control(STR("a\nb")));
    assert_true(str_has_control(STR("a\0b")));
    assert_true(str_has_control(STR("\x7F")));
    assert_true(str_has_control(STR("\x1F")));
    /* Every byte at every place, among neighbours that borrow from each other. */
    for (unsigned byte = 0; byte < 256; byte++) {
        for (size_t place = 0; place < 19; place++) {
            char text[19];
            memset(text, byte % 2 == 0 ? ' ' : 0x80, sizeof text);
            text[place] = (char)byte;
            bool expected = byte < 0x20 || byte == 0x7F;
            assert_int_equal(str_has_control((struct str){text, sizeof text}), expected);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares),
        cmocka_unit_test(finds_starts_and_ends),
        cmocka_unit_test(cuts),
        cmocka_unit_test(splits),
        cmocka_unit_test(reads_integers),
        cmocka_unit_test(knows_utf8),
        cmocka_unit_test(sees_control_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
