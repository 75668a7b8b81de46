#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"

static struct buf buf;

static int set_up(void **state) {
    (void)state;
    buf_init(&buf, 1 << 20);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    buf_release(&buf);
    return 0;
}

static void appends_in_order(void **state) {
    (void)state;
    assert_false(str_is_absent(buf_str(&buf)));
    assert_true(str_is_empty(buf_str(&buf)));
    buf_append(&buf, "ab", 2);
    buf_append(&buf, NULL, 0);
    buf_append_byte(&buf, '\0');
    buf_append_str(&buf, STR("c"));
    buf_append_str(&buf, (struct str){0});
    buf_append_int64(&buf, INT64_MIN);
    buf_printf(&buf, "%s|%d", "", 7);
    buf_append_hex(&buf, (const unsigned char *)"\x00\xAF\x10", 3);
    assert_true(str_equals(buf_str(&buf), STR("ab\0c-9223372036854775808|700af10")));
    assert_int_equal(buf.data[buf.size], '\0');
    buf_clear(&buf);
    assert_true(str_is_empty(buf_str(&buf)));
}

static void grows_to_its_maximum_and_no_further(void **state) {
    (void)state;
    buf_release(&buf);
    buf_init(&buf, 1000);
    for (int i = 0; i < 1000; i++) {
        buf_append_byte(&buf, 'x');
    }
    assert_false(buf_is_overflowed(&buf));
    assert_int_equal(buf.size, 1000);
    assert_int_equal(buf.data[1000], '\0');
    buf_append(&buf, NULL, 0);
    assert_false(buf_is_overflowed(&buf));
    buf_append_byte(&buf, 'y');
    assert_true(buf_is_overflowed(&buf));
    assert_int_equal(buf.size, 1000);
    buf_clear(&buf);
    assert_false(buf_is_overflowed(&buf));
    buf_append_str(&buf, STR("kept"));
    buf_printf(&buf, "%*s", 997, "");
    assert_true(buf_is_overflowed(&buf));
    /* What comes after a gap would make no sense. */
    buf_append_str(&buf, STR("small"));
    assert_true(str_equals(buf_str(&buf), STR("kept")));
    buf_append(&buf, "x", SIZE_MAX);
    assert_true(str_equals(buf_str(&buf), STR("kept")));
}

static void writes_json_strings(void **state) {
    (void)state;
    static const struct {
        struct str text;
        const char *json;
    } cases[] = {
        {{NULL, 0}, "null"},
        {STR_INIT(""), "\"\""},
        {STR_INIT("plain"), "\"plain\""},
        {STR_INIT("\"\\/"), "\"\\\"\\\\/\""},
        {STR_INIT("\n\r\t\b\x01\x1F\x7F"), "\"\\n\\r\\t\\u0008\\u0001\\u001f\x7F\""},
        {STR_INIT("a\0b"), "\"a\\u0000b\""},
        {STR_INIT("</script>&"), "\"\\u003c/script\\u003e\\u0026\""},
        {STR_INIT("\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xA7"), "\"\\u2028\\u2029\xE2\x80\xA7\""},
        {STR_INIT("\xC3\xA9\xF0\x9F\x94\x91"), "\"\xC3\xA9\xF0\x9F\x94\x91\""},
        {STR_INIT("a\xFF"
                  "b"),
         "\"a\xEF\xBF\xBD"
         "b\""},
        {STR_INIT("\xC3"), "\"\xEF\xBF\xBD\""},
        {STR_INIT("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buf_clear(&buf);
        buf_append_json_string(&buf, cases[i].text);
        assert_string_equal(buf.data, cases[i].json);
    }
}

/* Whatever the bytes are, a JSON reader takes them, and gets back what was well-formed. */
static void writes_json_that_others_read(void **state) {
    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            const char bytes[] = {'x', (char)first, (char)second, 'y'};
            struct str text = {bytes, sizeof bytes};
            buf_clear(&buf);
            buf_append_json_string(&buf, text);
            json_error_t error;
            json_t *value =
                json_loadb(buf.data, buf.size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
            assert_non_null(value);
            if (str_is_utf8(text)) {
                struct str read = {json_string_value(value), json_string_length(value)};
                assert_true(str_equals(read, text));
            }
            json_decref(value);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(appends_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(grows_to_its_maximum_and_no_further, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_json_strings, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_json_that_others_read, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
