#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/arena.h"
#include "server/security/password.h"

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

static bool matches(struct str password, struct str hash) {
    bool result = false;
    assert_false(fault_occurred(password_verify(password, hash, &result)));
    return result;
}

static void hashes_what_it_verifies(void **state) {
    (void)state;
    struct str first;
    struct str second;
    struct str password = STR("  S\xC3\xA9same ouvre-toi\xF0\x9F\x94\x91  ");
    assert_false(fault_occurred(password_hash(&arena, password, &first)));
    assert_false(fault_occurred(password_hash(&arena, password, &second)));
    assert_true(str_starts_with(first, STR("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert_true(first.size <= PASSWORD_HASH_MAX_BYTES);
    assert_false(str_equals(first, second));
    assert_true(matches(password, first));
    assert_true(matches(password, second));
    assert_false(password_needs_rehash(first));
    /* Neither trimmed nor folded nor cut. */
    assert_false(matches(str_trim(password), first));
    assert_false(matches(STR("  s\xC3\xA9same ouvre-toi\xF0\x9F\x94\x91  "), first));
    assert_false(matches(str_slice(password, 0, password.size - 1), first));
}

static void takes_passwords_up_to_the_maximum(void **state) {
    (void)state;
    char long_password[PASSWORD_MAX_BYTES + 1];
    memset(long_password, 'x', sizeof long_password);
    struct str hash;
    struct str longest = {long_password, PASSWORD_MAX_BYTES};
    assert_false(fault_occurred(password_hash(&arena, longest, &hash)));
    assert_true(matches(longest, hash));
    assert_false(matches(str_slice(longest, 0, PASSWORD_MAX_BYTES - 1), hash));
    struct fault fault =
        password_hash(&arena, (struct str){long_password, sizeof long_password}, &hash);
    assert_true(fault_is(fault, FAULT_INVALID));
    /* A NUL is a byte like any other. */
    assert_false(fault_occurred(password_hash(&arena, STR("before\0after"), &hash)));
    assert_true(matches(STR("before\0after"), hash));
    assert_false(matches(STR("before"), hash));
}

/* From the test suite of the reference implementation. */
static void verifies_known_hashes(void **state) {
    (void)state;
    struct str medium = STR("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$"
                            "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
    struct str small = STR("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$"
                           "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4");
    struct str two_lanes = STR("$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$"
                               "bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc");
    assert_true(matches(STR("password"), medium));
    assert_true(matches(STR("password"), small));
    assert_true(matches(STR("password"), two_lanes));
    assert_false(matches(STR("Password"), medium));
    assert_false(matches(STR("differentpassword"), small));
    assert_true(password_needs_rehash(small));
}

static void refuses_hashes_it_cannot_or_may_not_compute(void **state) {
    (void)state;
#define SALT_AND_TAG "$c29tZXNhbHRzb21lc2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
    static const char *const hashes[] = {
        "",
        "password",
        "$2b$12$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234",
        "$argon2i$v=19$m=19456,t=2,p=1" SALT_AND_TAG,
        "$argon2d$v=19$m=19456,t=2,p=1" SALT_AND_TAG,
        "$argon2id$m=19456,t=2,p=1" SALT_AND_TAG,
        "$argon2id$v=19$m=131073,t=2,p=1" SALT_AND_TAG,
        "$argon2id$v=19$m=4294967296,t=2,p=1" SALT_AND_TAG,
        "$argon2id$v=19$m=19456,t=17,p=1" SALT_AND_TAG,
        "$argon2id$v=19$m=19456,t=2,p=17" SALT_AND_TAG,
        "$argon2id$v=19$m=19456,t=0,p=1" SALT_AND_TAG,
        "$argon2id$v=19$m=-1,t=2,p=1" SALT_AND_TAG,
        "$argon2id$v=19$t=2,m=19456,p=1" SALT_AND_TAG,
        "$argon2id$v=19$m=19456,t=2,p=1,keyid=AA" SALT_AND_TAG,
        "$argon2id$v=19$m=19456,t=2,p=1$$",
        "$argon2id$v=19$m=19456,t=2,p=1" SALT_AND_TAG "$AAAA",
        "$argon2id$v=19$m=19456,t=2,p=1" SALT_AND_TAG "=",
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA",
    };
    for (size_t i = 0; i < COUNT_OF(hashes); i++) {
        bool result = true;
        struct fault fault = password_verify(STR("password"), str_of(hashes[i]), &result);
        if (!fault_is(fault, FAULT_INTERNAL) || result) {
            fail_msg("took the hash %s", hashes[i]);
        }
    }
    char endless[4096];
    memset(endless, 'A', sizeof endless);
    bool result = true;
    struct fault fault =
        password_verify(STR("password"), (struct str){endless, sizeof endless}, &result);
    assert_true(fault_is(fault, FAULT_INTERNAL));
    assert_false(result);
}

static void wants_weaker_hashes_made_anew(void **state) {
    (void)state;
    assert_false(password_needs_rehash(STR("$argon2id$v=19$m=19456,t=2,p=1" SALT_AND_TAG)));
    assert_false(password_needs_rehash(STR("$argon2id$v=19$m=65536,t=3,p=4" SALT_AND_TAG)));
    assert_true(password_needs_rehash(STR("$argon2id$v=19$m=19455,t=2,p=1" SALT_AND_TAG)));
    assert_true(password_needs_rehash(STR("$argon2id$v=19$m=65536,t=1,p=1" SALT_AND_TAG)));
    assert_true(password_needs_rehash(STR(
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")));
    assert_true(password_needs_rehash(STR("plain")));
    assert_true(password_needs_rehash((struct str){0}));
}

static double measure(struct str hash) {
    clock_t start = clock();
    for (int i = 0; i < 4; i++) {
        assert_false(matches(STR("a wrong password"), hash));
    }
    return (double)(clock() - start);
}

/* Coarse, because of other work on the machine: what it must find is a call that costs nothing. */
static void costs_the_same_without_an_account(void **state) {
    (void)state;
    struct str hash;
    assert_false(fault_occurred(password_hash(&arena, STR("the right password"), &hash)));
    double with_account = measure(hash);
    double without_account = measure((struct str){0});
    assert_true(without_account > with_account * 0.5);
    assert_true(without_account < with_account * 2.0);
}

static void never_matches_without_an_account(void **state) {
    (void)state;
    assert_false(matches(STR(""), (struct str){0}));
    assert_false(matches((struct str){0}, (struct str){0}));
    assert_false(matches(STR("aizy has nobody!"), (struct str){0}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(hashes_what_it_verifies, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_passwords_up_to_the_maximum, set_up, tear_down),
        cmocka_unit_test(verifies_known_hashes),
        cmocka_unit_test(refuses_hashes_it_cannot_or_may_not_compute),
        cmocka_unit_test(wants_weaker_hashes_made_anew),
        cmocka_unit_test_setup_teardown(costs_the_same_without_an_account, set_up, tear_down),
        cmocka_unit_test(never_matches_without_an_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
