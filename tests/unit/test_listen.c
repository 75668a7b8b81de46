/* Addresses to listen on: what LISTEN may say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "server/config/listen.h"

static const struct config with_tls = {.host = STR_INIT("127.0.0.1"),
                                       .port = 5000,
                                       .tls_cert = STR_INIT("a.crt"),
                                       .tls_key = STR_INIT("a.key")};

static void assert_address(const struct listen_address *address, const char *host, int64_t port,
                           bool is_tls) {
    assert_true(str_equals(address->host, str_of(host)));
    assert_int_equal(address->port, port);
    assert_int_equal(address->is_tls, is_tls);
}

static void reads_every_form(void **state) {
    (void)state;
    struct config config = with_tls;
    config.listen = STR("127.0.0.1:5000, [::1]:5001,tls:0.0.0.0:5443,tls:[::]:0,shop.example:80");
    struct listen_addresses addresses;
    assert_null(listen_parse(&config, &addresses));
    assert_int_equal(addresses.count, 5);
    assert_address(&addresses.items[0], "127.0.0.1", 5000, false);
    assert_address(&addresses.items[1], "::1", 5001, false);
    assert_address(&addresses.items[2], "0.0.0.0", 5443, true);
    assert_address(&addresses.items[3], "::", 0, true);
    assert_address(&addresses.items[4], "shop.example", 80, false);
}

static void goes_by_host_and_port_without_it(void **state) {
    (void)state;
    struct config config = with_tls;
    struct listen_addresses addresses;
    assert_null(listen_parse(&config, &addresses));
    assert_int_equal(addresses.count, 1);
    assert_address(&addresses.items[0], "127.0.0.1", 5000, true);
    config.tls_cert = config.tls_key = (struct str){0};
    assert_null(listen_parse(&config, &addresses));
    assert_address(&addresses.items[0], "127.0.0.1", 5000, false);
}

static void refuses_what_is_no_address(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",
        ",",
        "a",
        "a:",
        ":1",
        "a:b",
        "a:-1",
        "a:65536",
        "a:1:2",
        "::1:5000",
        "[::1]",
        "[::1",
        "[::1]5",
        "[]:1",
        "tls:",
        "tls:a",
        "a:99999999999999999999",
        "a:1,,b:2",
        "a:1;b:2",
        "http://a:1",
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct config config = with_tls;
        config.listen = str_of(wrong[i]);
        struct listen_addresses addresses;
        assert_non_null(listen_parse(&config, &addresses));
    }
}

static void wants_a_certificate_for_tls(void **state) {
    (void)state;
    struct config config = {.listen = STR("tls:a:1")};
    struct listen_addresses addresses;
    assert_non_null(listen_parse(&config, &addresses));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_form),
        cmocka_unit_test(goes_by_host_and_port_without_it),
        cmocka_unit_test(refuses_what_is_no_address),
        cmocka_unit_test(wants_a_certificate_for_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
