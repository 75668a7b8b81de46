#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

static void formats(void **state) {
    (void)state;
    static const struct {
        int64_t time_ms;
        const char *text;
        const char *with_ms;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59Z", "1969-12-31T23:59:59.999Z"},
        {-1000, "1969-12-31T23:59:59Z", "1969-12-31T23:59:59.000Z"},
        {1770364260123, "2026-02-06T07:51:00Z", "2026-02-06T07:51:00.123Z"},
        {951782400000, "2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"},
        {-62167219200000, "0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"},
        {253402300799999, "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999Z"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[CLOCK_TEXT_SIZE];
        char with_ms[CLOCK_TEXT_MS_SIZE];
        int64_t time_ms = 0;
        clock_format(cases[i].time_ms, text);
        clock_format_with_ms(cases[i].time_ms, with_ms);
        assert_string_equal(text, cases[i].text);
        assert_string_equal(with_ms, cases[i].with_ms);
        assert_true(clock_parse(str_of(with_ms), &time_ms));
        assert_true(time_ms == cases[i].time_ms);
    }
}

static void parses(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t time_ms;
    } cases[] = {
        {"1970-01-01t00:00:00z", 0},
        {"1970-01-01T00:00:00.1Z", 100},
        {"1970-01-01T00:00:00.1239999999999999Z", 123},
        {"1970-01-01T01:00:00+01:00", 0},
        {"1969-12-31T18:30:00-05:30", 0},
        {"1970-01-01T00:00:00-00:00", 0},
        {"1970-01-01T23:59:00+23:59", 0},
        {"2024-02-29T12:00:00Z", 1709208000000},
        {"2016-12-31T23:59:60Z", 1483228799000},
        {"2017-01-01T00:59:60.25+01:00", 1483228799250},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t time_ms = -1;
        if (!clock_parse(str_of(cases[i].text), &time_ms) || time_ms != cases[i].time_ms) {
            fail_msg("%s", cases[i].text);
        }
    }
}

static void refuses(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        "2026-02-06",
        "2026-02-06T07:51:00",
        "2026-02-06 07:51:00Z",
        "2026-02-06T07:51Z",
        "2026-2-6T07:51:00Z",
        "26-02-06T07:51:00Z",
        "+2026-02-06T07:51:00Z",
        "2026-02-06T07:51:00ZZ",
        "2026-02-06T07:51:00Z ",
        " 2026-02-06T07:51:00Z",
        "2026-02-06T07:51:00.Z",
        "2026-02-06T07:51:00,5Z",
        "2026-02-06T07:51:00+0100",
        "2026-02-06T07:51:00+01",
        "2026-02-06T07:51:00+24:00",
        "2026-02-06T07:51:00+01:60",
        "2026-00-06T07:51:00Z",
        "2026-13-06T07:51:00Z",
        "2026-02-00T07:51:00Z",
        "2026-02-29T07:51:00Z",
        "2026-02-30T07:51:00Z",
        "1900-02-29T07:51:00Z",
        "2026-04-31T07:51:00Z",
        "2026-02-06T24:00:00Z",
        "2026-02-06T07:60:00Z",
        "2026-02-06T07:51:60Z",
        "2026-02-06T07:51:61Z",
        "2026-02-06T23:59:60+01:00",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2026-02-06T07:51:00\342\210\22201:00",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        int64_t time_ms = 1;
        if (clock_parse(str_of(texts[i]), &time_ms) || time_ms != 1) {
            fail_msg("took \"%s\"", texts[i]);
        }
    }
    int64_t time_ms = 0;
    assert_false(clock_parse(STR("2026-02-06T07:51:00Z\0"), &time_ms));
    assert_false(clock_parse((struct str){0}, &time_ms));
}

static void goes_forward(void **state) {
    (void)state;
    int64_t start = clock_monotonic_us();
    assert_true(clock_now_ms() > 1577836800000);
    assert_true(clock_monotonic_us() >= start);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats),
        cmocka_unit_test(parses),
        cmocka_unit_test(refuses),
        cmocka_unit_test(goes_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
