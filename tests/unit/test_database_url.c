#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stores/mysql/database_url.h"

static void parts_are_read(void **state) {
    (void)state;
    static const struct {
        const char *url;
        struct database_url expected;
    } rows[] = {
        {"mysql://aizy:secret@db.example.com:3307/shop",
         {"db.example.com", "aizy", "secret", "shop", "", "", 3307, TLS_VERIFY_IDENTITY}},
        {"mysql://aizy@127.0.0.1/shop",
         {"127.0.0.1", "aizy", "", "shop", "", "", 3306, TLS_DISABLED}},
        {"mysql://aizy:@LOCALHOST/shop",
         {"LOCALHOST", "aizy", "", "shop", "", "", 3306, TLS_DISABLED}},
        /* The last '@' ends the credentials, whatever they contain. */
        {"mysql://aizy:p@ss:w/r?d#@h:1/shop?ssl-mode=REQUIRED",
         {"h", "aizy", "p@ss:w/r?d#", "shop", "", "", 1, TLS_REQUIRED}},
        {"mysql://a%40b:%3a%2F%25%C3%A9@h/sh%20op",
         {"h", "a@b", ":/%\xc3\xa9", "sh op", "", "", 3306, TLS_VERIFY_IDENTITY}},
        {"mysql://aizy:s@[2001:db8::1]:3307/shop",
         {"2001:db8::1", "aizy", "s", "shop", "", "", 3307, TLS_VERIFY_IDENTITY}},
        {"mysql://aizy:s@[::1]/shop", {"::1", "aizy", "s", "shop", "", "", 3306, TLS_DISABLED}},
        {"mysql://aizy:s@/shop?socket=/run/my%20sql/s.sock",
         {"", "aizy", "s", "shop", "/run/my sql/s.sock", "", 0, TLS_DISABLED}},
        {"mysql://aizy:s@localhost/shop?socket=/s&ssl-mode=verify_ca&ssl-ca=/a%40b.pem",
         {"localhost", "aizy", "s", "shop", "/s", "/a@b.pem", 0, TLS_VERIFY_CA}},
        {"mysql://aizy:s@h/shop?ssl-mode=DISABLED&",
         {"h", "aizy", "s", "shop", "", "", 3306, TLS_DISABLED}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct database_url parsed;
        const char *problem = NULL;
        struct fault fault = database_url_parse(str_of(rows[i].url), &parsed, &problem);
        if (fault_occurred(fault)) {
            fail_msg("%s: %s", rows[i].url, problem);
        }
        assert_string_equal(parsed.host, rows[i].expected.host);
        assert_string_equal(parsed.user, rows[i].expected.user);
        assert_string_equal(parsed.password, rows[i].expected.password);
        assert_string_equal(parsed.database, rows[i].expected.database);
        assert_string_equal(parsed.socket, rows[i].expected.socket);
        assert_string_equal(parsed.ssl_ca, rows[i].expected.ssl_ca);
        assert_int_equal(parsed.port, rows[i].expected.port);
        assert_int_equal(parsed.tls_mode, rows[i].expected.tls_mode);
    }
}

static void what_is_not_one_is_refused_with_a_reason(void **state) {
    (void)state;
    static const struct {
        const char *url;
        const char *problem;
    } rows[] = {
        {"", "does not begin with mysql://"},
        {"postgresql://a:b@h/d", "does not begin with mysql://"},
        {"mysql://", "names no database"},
        {"mysql://aizy:s@h", "names no database"},
        {"mysql://aizy:s@h/", "names no database"},
        {"mysql://h/shop", "names no user"},
        {"mysql://:s@h/shop", "names no user"},
        {"mysql://aizy:s@/shop", "neither a host nor a socket"},
        {"mysql://aizy:s@h:0/shop", "port"},
        {"mysql://aizy:s@h:65536/shop", "port"},
        {"mysql://aizy:s@h:33x6/shop", "port"},
        {"mysql://aizy:s@h:/shop", "port"},
        {"mysql://aizy:s@::1/shop", "port"},
        {"mysql://aizy:s@[::1/shop", "bracket"},
        {"mysql://aizy:s@[::1]x/shop", "other than a port"},
        {"mysql://aizy:%zz@h/shop", "hexadecimal"},
        {"mysql://aizy:%4@h/shop", "hexadecimal"},
        {"mysql://aizy:s%@h/shop", "hexadecimal"},
        {"mysql://aizy:a%00b@h/shop", "%00"},
        {"mysql://aizy:s@h:1/shop?socket=/s", "both a port and a socket"},
        {"mysql://aizy:s@h/shop?ssl-mode=PREFERRED", "ssl-mode"},
        {"mysql://aizy:s@h/shop?sslmode=REQUIRED", "a parameter other than"},
        {"mysql://aizy:s@h/shop?ssl-mode=REQUIRED&ssl-mode=DISABLED", "a parameter twice"},
        {"mysql://aizy:s@h/shop?ssl-ca=/a&ssl-ca=/b", "a parameter twice"},
        {"mysql://aizy:s@h/shop?socket=/a&socket=/b", "a parameter twice"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct database_url parsed;
        const char *problem = "";
        struct fault fault = database_url_parse(str_of(rows[i].url), &parsed, &problem);
        if (!fault_is(fault, FAULT_INVALID)) {
            fail_msg("%s was read", rows[i].url);
        }
        if (strstr(problem, rows[i].problem) == NULL) {
            fail_msg("%s: %s", rows[i].url, problem);
        }
    }
}

static void parts_that_are_too_long_are_refused(void **state) {
    (void)state;
    char url[2048];
    struct database_url parsed;
    const char *problem = "";
    memset(url, 'p', sizeof(url));
    memcpy(url, "mysql://u:", 10);
    memcpy(url + 10 + DATABASE_URL_PASSWORD_SIZE, "@h/d", 4);
    struct str text = {url, 10 + DATABASE_URL_PASSWORD_SIZE + 4};
    assert_true(fault_is(database_url_parse(text, &parsed, &problem), FAULT_INVALID));
    assert_string_equal(problem, "a part of it is too long");
    memcpy(url + 10 + DATABASE_URL_PASSWORD_SIZE - 1, "@h/d", 4);
    text.size--;
    assert_false(fault_occurred(database_url_parse(text, &parsed, &problem)));
    assert_int_equal(strlen(parsed.password), DATABASE_URL_PASSWORD_SIZE - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_read),
        cmocka_unit_test(what_is_not_one_is_refused_with_a_reason),
        cmocka_unit_test(parts_that_are_too_long_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
