#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/money.h"

static const struct {
    const char *text;
    int exponent;
    int64_t minor;
} amounts[] = {
    {"0", 2, 0},
    {"0.00", 2, 0},
    {"19.99", 2, 1999},
    {"19.9", 2, 1990},
    {"19", 2, 1900},
    {"007.5", 2, 750},
    {"1", 0, 1},
    {"123", 0, 123},
    {"1.234", 3, 1234},
    {"1.2", 3, 1200},
    {"92233720368547758.07", 2, INT64_MAX},
    {"9223372036854775807", 0, INT64_MAX},
    {"9223372036854775.807", 3, INT64_MAX},
    {"000000000000000000000000000000000000001.00", 2, 100},
};

static const struct {
    struct str text;
    int exponent;
} refused[] = {
    {{NULL, 0}, 2},
    {STR_INIT(""), 2},
    {STR_INIT(""), 0},
    {STR_INIT("."), 2},
    {STR_INIT("1."), 2},
    {STR_INIT("1."), 0},
    {STR_INIT(".5"), 2},
    {STR_INIT("1.0"), 0},
    {STR_INIT("1.999"), 2},
    {STR_INIT("1.0000"), 3},
    {STR_INIT("1.2.3"), 3},
    {STR_INIT("1..2"), 3},
    {STR_INIT("-1"), 2},
    {STR_INIT("-0"), 2},
    {STR_INIT("+1"), 2},
    {STR_INIT("1.-1"), 2},
    {STR_INIT(" 1"), 2},
    {STR_INIT("1 "), 2},
    {STR_INIT("1 000"), 2},
    {STR_INIT("1,99"), 2},
    {STR_INIT("1,000.00"), 2},
    {STR_INIT("1e2"), 2},
    {STR_INIT("0x10"), 2},
    {STR_INIT("1_0"), 2},
    {STR_INIT("1\0"), 2},
    {STR_INIT("1/"), 2},
    {STR_INIT("1:"), 2},
    {STR_INIT("NaN"), 2},
    {STR_INIT("$1"), 2},
    {STR_INIT("\xD9\xA1"), 2},             /* an Arabic one */
    {STR_INIT("\xEF\xBC\x91"), 2},         /* a full-width one */
    {STR_INIT("92233720368547758.08"), 2}, /* one more than fits */
    {STR_INIT("92233720368547759"), 2},    /* fits before the decimals are there */
    {STR_INIT("9223372036854775808"), 0},
    {STR_INIT("99999999999999999999999999"), 2},
};

static void reads_amounts_by_the_exponent(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(amounts); i++) {
        int64_t minor = -1;
        assert_true(money_parse(str_of(amounts[i].text), amounts[i].exponent, &minor));
        assert_int_equal(minor, amounts[i].minor);
    }
}

static void refuses_what_is_no_amount(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        int64_t minor = -1;
        if (money_parse(refused[i].text, refused[i].exponent, &minor)) {
            fail_msg("\"%.*s\" was taken", STR_ARG(refused[i].text));
        }
        assert_int_equal(minor, -1);
    }
}

static void knows_the_exponents_of_currencies(void **state) {
    (void)state;
    assert_int_equal(currency_exponent(STR("USD")), 2);
    assert_int_equal(currency_exponent(STR("EUR")), 2);
    assert_int_equal(currency_exponent(STR("JPY")), 0);
    assert_int_equal(currency_exponent(STR("KRW")), 0);
    assert_int_equal(currency_exponent(STR("KWD")), 3);
    assert_int_equal(currency_exponent(STR("TND")), 3);
    static const struct str none[] = {{NULL, 0},        STR_INIT(""),     STR_INIT("usd"),
                                      STR_INIT("US"),   STR_INIT("USDX"), STR_INIT("USD\0"),
                                      STR_INIT("USD "), STR_INIT("XXX")};
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        assert_int_equal(currency_exponent(none[i]), -1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_amounts_by_the_exponent),
        cmocka_unit_test(refuses_what_is_no_amount),
        cmocka_unit_test(knows_the_exponents_of_currencies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
