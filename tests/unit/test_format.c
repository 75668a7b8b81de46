#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/api/format.h"

#define TEN "aaaaaaaaaa"
#define SIXTY_THREE TEN TEN TEN TEN TEN TEN "aaa"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

struct row {
    enum field_format format;
    bool is_valid;
    struct str text;
};

#define GOOD(format, text) \
    { FORMAT_##format, true, STR_INIT(text) }
#define BAD(format, text) \
    { FORMAT_##format, false, STR_INIT(text) }

static const struct row rows[] = {
    GOOD(EMAIL, "a@b.co"),
    GOOD(EMAIL, "First.Last+tag@sub.example.com"),
    GOOD(EMAIL, "o'neil@example.com"),
    GOOD(EMAIL, "!#$%&'*+/=?^_`{|}~-@example.com"),
    GOOD(EMAIL, "1@1.example"),
    GOOD(EMAIL, "a@xn--bcher-kva.example"),
    GOOD(EMAIL, SIXTY_THREE "a@example.com"),
    GOOD(EMAIL, "a@" SIXTY_THREE ".example"),
    GOOD(EMAIL, SIXTY_THREE "a@" SIXTY_THREE "." SIXTY_THREE "." TEN TEN TEN TEN TEN TEN "a"),
    BAD(EMAIL, SIXTY_THREE "a@" SIXTY_THREE "." SIXTY_THREE "." TEN TEN TEN TEN TEN TEN "aa"),
    BAD(EMAIL, SIXTY_THREE "aa@example.com"),
    BAD(EMAIL, "a@" SIXTY_THREE "a.example"),
    BAD(EMAIL, ""),
    BAD(EMAIL, "@"),
    BAD(EMAIL, "a"),
    BAD(EMAIL, "a@"),
    BAD(EMAIL, "@b.co"),
    BAD(EMAIL, "a@b"),
    BAD(EMAIL, "a@.co"),
    BAD(EMAIL, "a@b."),
    BAD(EMAIL, "a@b..co"),
    BAD(EMAIL, "a@b.co."),
    BAD(EMAIL, "a@-b.co"),
    BAD(EMAIL, "a@b-.co"),
    BAD(EMAIL, "a@b_c.co"),
    BAD(EMAIL, "a@[127.0.0.1]"),
    BAD(EMAIL, ".a@b.co"),
    BAD(EMAIL, "a.@b.co"),
    BAD(EMAIL, "a..b@b.co"),
    BAD(EMAIL, "a b@b.co"),
    BAD(EMAIL, "\"a b\"@b.co"),
    BAD(EMAIL, "a@b@c.co"),
    BAD(EMAIL, "a@b.co "),
    BAD(EMAIL, "a@b.co\n"),
    BAD(EMAIL, "a@b.co\r\nBcc: x@y.co"),
    BAD(EMAIL, "a@b.co,c@d.co"),
    BAD(EMAIL, "<a@b.co>"),
    BAD(EMAIL, "a\0@b.co"),
    BAD(EMAIL, "a@b\0.co"),
    BAD(EMAIL, "\xC3\xBC@b.co"),
    BAD(EMAIL, "a@b\xC3\xBC.co"),
    BAD(EMAIL, "a\x7F@b.co"),

    GOOD(URL, "https://example.com"),
    GOOD(URL, "http://example.com:8080/a/b.jpg?v=1&w=%20#top"),
    GOOD(URL, "https://[2001:db8::1]/a"),
    GOOD(URL, "https://xn--bcher-kva.example/"),
    BAD(URL, ""),
    BAD(URL, "https://"),
    BAD(URL, "https:///a"),
    BAD(URL, "https:/example.com"),
    BAD(URL, "https:example.com"),
    BAD(URL, "//example.com/a"),
    BAD(URL, "/a.jpg"),
    BAD(URL, "example.com"),
    BAD(URL, "ftp://example.com/"),
    BAD(URL, "file:///etc/passwd"),
    BAD(URL, "javascript:alert(1)//http://"),
    BAD(URL, "data:text/html,x"),
    BAD(URL, " https://example.com"),
    BAD(URL, "https://example.com/a b"),
    BAD(URL, "https://example.com/\"onerror=x"),
    BAD(URL, "https://example.com/<x>"),
    BAD(URL, "https://example.com\\@evil.example"),
    BAD(URL, "https://example.com/\n"),
    BAD(URL, "https://example.com/\0"),
    BAD(URL, "https://example.com/\xC3\xBC"),
    BAD(URL, "https://example.com:99999/"),
    BAD(URL, "https://example.com:port/"),
    BAD(URL, "https://user:password@example.com/"),
    BAD(URL, "https://[::1/"),

    GOOD(SLUG, "a"),
    GOOD(SLUG, "blue-shirt-2"),
    GOOD(SLUG, "2024"),
    GOOD(SLUG, HUNDRED),
    BAD(SLUG, HUNDRED "a"),
    BAD(SLUG, ""),
    BAD(SLUG, "-"),
    BAD(SLUG, "-a"),
    BAD(SLUG, "a-"),
    BAD(SLUG, "a--b"),
    BAD(SLUG, "A"),
    BAD(SLUG, "a_b"),
    BAD(SLUG, "a b"),
    BAD(SLUG, "a/b"),
    BAD(SLUG, "a\0b"),
    BAD(SLUG, "\xC3\xBC"),

    GOOD(ID, "0123456789abcdef01234567"),
    BAD(ID, ""),
    BAD(ID, "0123456789abcdef0123456"),
    BAD(ID, "0123456789abcdef012345678"),
    BAD(ID, "0123456789ABCDEF01234567"),
    BAD(ID, "0123456789abcdeg01234567"),
    BAD(ID, "0123456789abcdef0123456\0"),

    GOOD(CURRENCY, "USD"),
    GOOD(CURRENCY, "JPY"),
    BAD(CURRENCY, ""),
    BAD(CURRENCY, "usd"),
    BAD(CURRENCY, "USDT"),
    BAD(CURRENCY, "\xE2\x82\xAC"),

    GOOD(NONE, ""),
    GOOD(NONE, "\x01"),
    GOOD(PASSWORD, " \n "),
};

static void tells_good_from_bad(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool is_valid = format_complaint(rows[i].format, rows[i].text) == NULL;
        if (is_valid != rows[i].is_valid) {
            fail_msg("row %zu, \"%.*s\", was %s", i, STR_ARG(rows[i].text),
                     is_valid ? "taken" : "refused");
        }
    }
}

static void bounds_addresses_of_pages(void **state) {
    (void)state;
    char url[2049];
    memset(url, 'a', sizeof(url));
    memcpy(url, "https://a/", strlen("https://a/"));
    assert_null(format_complaint(FORMAT_URL, (struct str){url, 2048}));
    assert_non_null(format_complaint(FORMAT_URL, (struct str){url, 2049}));
}

static void names_each_format_for_the_document(void **state) {
    (void)state;
    assert_null(format_name(FORMAT_NONE));
    for (int format = FORMAT_EMAIL; format <= FORMAT_CURRENCY; format++) {
        assert_non_null(format_name((enum field_format)format));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_good_from_bad),
        cmocka_unit_test(bounds_addresses_of_pages),
        cmocka_unit_test(names_each_format_for_the_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
