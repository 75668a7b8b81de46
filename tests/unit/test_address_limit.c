/* Connections by client: who counts as one, and how many each may have. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "server/http/address_limit.h"

static struct address_key key_of(const char *text) {
    struct sockaddr_storage address = {0};
    struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
    } else {
        assert_int_equal(inet_pton(AF_INET6, text, &v6->sin6_addr), 1);
        v6->sin6_family = AF_INET6;
    }
    return address_key_of(&address);
}

static bool are_one_client(const char *first, const char *second) {
    struct address_limit *limit = address_limit_open(1);
    assert_true(address_limit_enter(limit, key_of(first)));
    bool is_refused = !address_limit_enter(limit, key_of(second));
    if (!is_refused) {
        address_limit_leave(limit, key_of(second));
    }
    address_limit_leave(limit, key_of(first));
    address_limit_close(limit);
    return is_refused;
}

static void knows_clients_by_address_and_networks_of_ipv6(void **state) {
    (void)state;
    assert_true(are_one_client("192.0.2.1", "192.0.2.1"));
    assert_false(are_one_client("192.0.2.1", "192.0.2.2"));
    assert_true(are_one_client("192.0.2.1", "::ffff:192.0.2.1"));
    assert_true(are_one_client("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"));
    assert_false(are_one_client("2001:db8:1:2::1", "2001:db8:1:3::1"));
    /* The same bytes at the start of an address of either kind. */
    assert_false(are_one_client("32.1.13.184", "2001:db8::1"));
}

static void lets_in_so_many_and_again_when_one_leaves(void **state) {
    (void)state;
    struct address_limit *limit = address_limit_open(3);
    struct address_key key = key_of("192.0.2.1");
    for (size_t i = 0; i < 3; i++) {
        assert_true(address_limit_enter(limit, key));
    }
    assert_false(address_limit_enter(limit, key));
    address_limit_leave(limit, key);
    assert_true(address_limit_enter(limit, key));
    for (size_t i = 0; i < 3; i++) {
        address_limit_leave(limit, key);
    }
    /* It CHECKs that nobody is left. */
    address_limit_close(limit);
}

static void keeps_many_clients_apart(void **state) {
    (void)state;
    struct address_limit *limit = address_limit_open(1);
    for (uint64_t i = 0; i < 50000; i++) {
        assert_true(address_limit_enter(limit, (struct address_key){i, ADDRESS_IPV6}));
    }
    for (uint64_t i = 0; i < 50000; i++) {
        assert_false(address_limit_enter(limit, (struct address_key){i, ADDRESS_IPV6}));
        address_limit_leave(limit, (struct address_key){i, ADDRESS_IPV6});
    }
    address_limit_close(limit);
}

static void zero_is_no_limit_and_the_unknown_have_none(void **state) {
    (void)state;
    struct address_limit *none = address_limit_open(0);
    struct address_limit *one = address_limit_open(1);
    for (size_t i = 0; i < 10; i++) {
        assert_true(address_limit_enter(none, key_of("192.0.2.1")));
        assert_true(address_limit_enter(one, (struct address_key){0, ADDRESS_UNKNOWN}));
    }
    address_limit_close(none);
    address_limit_close(one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_clients_by_address_and_networks_of_ipv6),
        cmocka_unit_test(lets_in_so_many_and_again_when_one_leaves),
        cmocka_unit_test(keeps_many_clients_apart),
        cmocka_unit_test(zero_is_no_limit_and_the_unknown_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
