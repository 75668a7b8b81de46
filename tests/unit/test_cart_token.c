#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/security/cart_token.h"

static struct arena arena;
static const struct cart_token_keys keys = {.current = {1}, .previous = {2}};

static int begin(void **state) {
    (void)state;
    arena_init(&arena, 1 << 24);
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_release(&arena);
    return 0;
}

static bool is_genuine(struct str token) {
    return cart_token_is_genuine(&keys, &arena, token);
}

static void what_was_made_is_genuine(void **state) {
    (void)state;
    struct str first = cart_token_make(&keys, &arena);
    struct str second = cart_token_make(&keys, &arena);
    assert_int_equal(first.size, 54);
    assert_false(str_equals(first, second));
    assert_true(is_genuine(first));
    assert_true(is_genuine(second));
}

static void every_other_byte_is_refused(void **state) {
    (void)state;
    struct str token = cart_token_make(&keys, &arena);
    for (size_t i = 0; i < token.size; i++) {
        struct str other = arena_copy(&arena, token);
        char *bytes = (char *)(uintptr_t)other.data;
        bytes[i] = bytes[i] == 'A' ? 'B' : 'A';
        assert_false(is_genuine(other));
        assert_false(is_genuine(str_slice(token, 0, i)));
    }
    assert_false(is_genuine(arena_printf(&arena, "%.*sAA", STR_ARG(token))));
    assert_false(is_genuine(arena_printf(&arena, "%.*s=", STR_ARG(token))));
    assert_false(is_genuine(STR("")));
}

static void a_change_of_the_secret_leaves_carts(void **state) {
    (void)state;
    static const struct cart_token_keys before = {.current = {2}, .previous = {2}};
    static const struct cart_token_keys other = {.current = {3}, .previous = {3}};
    struct str token = cart_token_make(&before, &arena);
    assert_true(is_genuine(token));
    assert_false(cart_token_is_genuine(&other, &arena, token));
    struct str owner = cart_token_owner(&arena, token);
    assert_int_equal(owner.size, 64);
    assert_true(str_equals(owner, cart_token_owner(&arena, token)));
    assert_false(str_equals(owner, token));
}

static bool is_same_place(const char *left, const char *right) {
    return str_equals(cart_token_place(&keys, &arena, str_of(left)),
                      cart_token_place(&keys, &arena, str_of(right)));
}

static void a_place_is_an_address_or_a_network(void **state) {
    (void)state;
    assert_true(is_same_place("192.0.2.1", "192.0.2.1"));
    assert_false(is_same_place("192.0.2.1", "192.0.2.2"));
    assert_true(is_same_place("2001:db8::1", "2001:db8:0:0:ffff::2"));
    assert_false(is_same_place("2001:db8::1", "2001:db8:0:1::1"));
    assert_true(is_same_place("::ffff:192.0.2.1", "192.0.2.1"));
    assert_false(is_same_place("::ffff:192.0.2.1", "::ffff:192.0.2.2"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_made_is_genuine, begin, end),
        cmocka_unit_test_setup_teardown(every_other_byte_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_change_of_the_secret_leaves_carts, begin, end),
        cmocka_unit_test_setup_teardown(a_place_is_an_address_or_a_network, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
