#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "server/config/secret_check.h"
#include "server/config/url_check.h"

static struct arena arena;

static int set_up(void **state) {
    (void)state;
    arena_init(&arena, 1 << 20);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_release(&arena);
    return 0;
}

static void accepts_addresses(void **state) {
    (void)state;
    static const struct url_scheme schemes[] = {{"mysql://", "socket", true, true, true},
                                                {"mongodb://", NULL, true, true, false},
                                                {"log:", NULL, false, false, false},
                                                {0}};
    static const char *const urls[] = {
        "mysql://localhost/shop",
        "mysql://user@localhost/shop",
        "mysql://user:password@db.example.com:3306/shop",
        "mysql://user:p@ss@host/shop",
        "mysql://user:p@ss:w/rd@host:3306/shop",
        "mysql://user:p@ss:w/r?d#@host:1/shop?ssl-mode=REQUIRED",
        "mysql://user:@host/shop",
        "mysql://user:p%40ss@[::1]:3306/shop",
        "mysql://user:password@my_db:3306/shop?ssl-mode=VERIFY_CA&ssl-ca=/etc/a%40b.pem",
        "mysql://user:password@/shop?ssl-mode=DISABLED&socket=/run/mysqld/mysqld.sock",
        "mongodb://user:p%40ss@one:27017,two:27017,three/shop?authMechanismProperties=A:b@c",
        "mongodb://%2Frun%2Fdb.sock/shop",
        "log:",
    };
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        const char *problem = url_problem(&arena, str_of(urls[i]), schemes);
        if (problem != NULL) {
            fail_msg("%s %s", urls[i], problem);
        }
    }
}

static void refuses_addresses(void **state) {
    (void)state;
    static const struct url_scheme schemes[] = {{"mysql://", "socket", true, true, true}, {0}};
    static const struct {
        const char *url;
        const char *problem;
    } cases[] = {
        {"", "begins with another scheme"},
        {"MYSQL://host/shop", "begins with another scheme"},
        {"mysql:host/shop", "begins with another scheme"},
        {"mysql://", "names no host"},
        {"mysql:///shop", "names no host"},
        {"mysql://user:password@/shop?socket=", "names no host"},
        {"mysql://user:password@/shop?socketed=x", "names no host"},
        {"mysql://host", "names no database"},
        {"mysql://host/", "names no database"},
        {"mysql://host/?socket=/run/x", "names no database"},
        {"mysql://host:/shop", "has a host or port that cannot be read"},
        {"mysql://host:0/shop", "has a host or port that cannot be read"},
        {"mysql://host:65536/shop", "has a host or port that cannot be read"},
        {"mysql://host:33x6/shop", "has a host or port that cannot be read"},
        {"mysql://ho\"st/shop", "has a host or port that cannot be read"},
        {"mysql://[::1/shop", "has a host or port that cannot be read"},
        {"mysql://one,,two/shop", "has a host or port that cannot be read"},
        {"mysql://host/sh op", "contains a blank or a control character (percent-encode it)"},
        {"mysql://host/shop\n", "contains a blank or a control character (percent-encode it)"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *problem = url_problem(&arena, str_of(cases[i].url), schemes);
        if (problem == NULL || strcmp(problem, cases[i].problem) != 0) {
            fail_msg("\"%s\": %s", cases[i].url, problem == NULL ? "accepted" : problem);
        }
    }
}

static void knows_origins(void **state) {
    (void)state;
    static const char *const good[] = {
        "http://localhost:3000",
        "https://shop.example",
        "https://xn--bcher-kva.example:8443",
        "http://127.0.0.1:5173",
        "http://[::1]:3000",
        "https://shop.example:80",
        "http://a.example:443",
        "https://sub.shop.example:444",
    };
    static const char *const bad[] = {
        "",
        "*",
        "null",
        "shop.example",
        "ftp://shop.example",
        "https://",
        "https://shop.example/",
        "https://shop.example/path",
        "https://shop.example?x",
        "https://shop.example#x",
        "https://user@shop.example",
        "https://Shop.example",
        "HTTPS://shop.example",
        "https://shop.example:443",
        "http://shop.example:80",
        "https://shop.example:",
        "https://shop.example:0",
        "https://shop.example:x",
        "https://*.shop.example",
        "http://1:3000",
        "http://[::0]:3000",
        "http://a%2eexample",
        "http://a.example:08080",
        "https://shop example",
        "https://shop.example\r\nX: y",
    };
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        const char *problem = origin_problem(&arena, str_of(good[i]));
        if (problem != NULL) {
            fail_msg("%s %s", good[i], problem);
        }
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (origin_problem(&arena, str_of(bad[i])) == NULL) {
            fail_msg("accepted the origin %s", bad[i]);
        }
    }
}

static void refuses_secrets_that_others_know(void **state) {
    (void)state;
    static const char *const known[] = {
        "changemechangemechangemechangeme",
        "ChangeMe-ChangeMe-ChangeMe-ChangeMe",
        "changeme________________________________",
        "changemexxxxxxxxxxxxxxxxxxxxxxxxx",
        "secret-0123456789-0123456789-0123456789",
        "secretsecretsecretsecretsecretse",
        "your-256-bit-secret-your-256-bit-secret",
        "your-super-secret-jwt-key-change-this-in-production",
        "your_jwt_secret_key_must_be_at_least_32_characters_long",
        "please-change-this-secret-in-production!",
        "my-super-secret-key-that-is-very-long-and-secure",
        "aizy-development-secret-not-for-production",
        "REPLACE_WITH_A_RANDOM_STRING_OF_32_BYTES",
        "password123password123password123",
        "P4ssw0rd!P4ssw0rd!P4ssw0rd!P4ssw0rd!",
        "01234567890123456789012345678901",
        "abcdefghijklmnopqrstuvwxyz012345",
        "qwertyuiopasdfghjklzxcvbnm123456",
        "keyboard cat keyboard cat keyboard cat",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "                                ",
        "abababababababababababababababab",
        "test-test-test-test-test-test-test",
    };
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (secret_problem(str_of(known[i]), 32) == NULL) {
            fail_msg("accepted %s", known[i]);
        }
    }
    assert_string_equal(secret_problem(STR("tooshort"), 32), "is too short");
    assert_string_equal(secret_problem((struct str){0}, 32), "is too short");
    struct str endless = {arena_alloc(&arena, 5000), 5000};
    assert_string_equal(secret_problem(endless, 32), "is too long");
}

static void accepts_secrets_made_at_random(void **state) {
    (void)state;
    static const char *const random[] = {
        "nIpHLZYVVmUvv7OBdSvYeHxSxNS3pJrF0ffJ3wVFBLc=",
        "bf1f0f1e1cd5d3b6f6b4a7dd1a8f1d0c94a3b0b9ad0c4b6b2f6b0f3a7f6ad9d1",
        "3f9a0c7e5b1d48260e7c9a3b5d1f8e24",
        "correct horse battery staple and fourteen purple herons",
        "\x93\xF4g\xA0\x11~\xC2[\x88\t\xD3j\xB7,\xEE@U\x1F\x9DszgR!7~kq\xC8\xFA=\x97$",
    };
    for (size_t i = 0; i < COUNT_OF(random); i++) {
        const char *problem = secret_problem(str_of(random[i]), 32);
        if (problem != NULL) {
            fail_msg("%s %s", random[i], problem);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(accepts_addresses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_addresses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(knows_origins, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_secrets_that_others_know, set_up, tear_down),
        cmocka_unit_test(accepts_secrets_made_at_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
