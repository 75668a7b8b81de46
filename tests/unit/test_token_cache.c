/* The cache of tokens: answers as verification does, warm or cold, at any time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/security/token_cache.h"

#define NOW_MS 1780000000123
#define TOKENS 5000

static struct arena arena;
static struct token_keys keys;
static struct token_cache *cache;

static int set_up(void **state) {
    (void)state;
    arena_init(&arena, 64 << 20);
    token_keys_init(&keys, STR("a key of thirty-two bytes or more"), (struct str){0});
    cache = token_cache_open();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    token_cache_close(cache);
    arena_release(&arena);
    return 0;
}

static struct str sign(int64_t user_id) {
    struct str token;
    assert_false(fault_occurred(token_sign_access(&keys, &arena, user_id, 42, NOW_MS, &token)));
    return token;
}

/* The user it names; 0: refused. Says the same without a cache. */
static int64_t user_of(struct str token, int64_t now_ms) {
    struct token_claims claims = {0};
    struct token_claims plain = {0};
    struct fault fault = token_cache_verify(cache, &keys, &arena, token, now_ms, &claims);
    struct fault same = token_cache_verify(NULL, &keys, &arena, token, now_ms, &plain);
    assert_int_equal(fault.name, same.name);
    assert_memory_equal(&claims, &plain, sizeof claims);
    return claims.user_id;
}

static void answers_as_verification_does(void **state) {
    (void)state;
    struct str token = sign(7);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(user_of(token, NOW_MS), 7);
    }
}

static void keeps_to_the_times_of_what_it_knows(void **state) {
    (void)state;
    struct str token = sign(7);
    int64_t issued_ms = NOW_MS / 1000 * 1000;
    int64_t end_ms = issued_ms + TOKEN_ACCESS_LIFETIME_MS;
    assert_int_equal(user_of(token, NOW_MS), 7);
    assert_int_equal(user_of(token, end_ms - 1), 7);
    assert_int_equal(user_of(token, end_ms), 0);
    assert_int_equal(user_of(token, issued_ms - 5000), 7);
    assert_int_equal(user_of(token, issued_ms - 5001), 0);
    assert_int_equal(user_of(token, NOW_MS), 7);
}

static void refuses_what_resembles_what_it_knows(void **state) {
    (void)state;
    struct str token = sign(7);
    assert_int_equal(user_of(token, NOW_MS), 7);
    char *changed = arena_alloc(&arena, token.size + 1);
    for (size_t bit = 0; bit < token.size * 8; bit++) {
        memcpy(changed, token.data, token.size);
        changed[bit / 8] = (char)((unsigned char)changed[bit / 8] ^ 1U << bit % 8);
        assert_int_equal(user_of((struct str){changed, token.size}, NOW_MS), 0);
    }
    memcpy(changed, token.data, token.size);
    changed[token.size] = 'A';
    assert_int_equal(user_of((struct str){changed, token.size + 1}, NOW_MS), 0);
    for (size_t start = 1; start <= token.size; start++) {
        assert_int_equal(user_of(str_slice(token, start, token.size), NOW_MS), 0);
    }
    assert_int_equal(user_of(token, NOW_MS), 7);
}

/* More than it has room for: they take each other's places. */
static void tells_many_tokens_apart(void **state) {
    (void)state;
    static struct str tokens[TOKENS];
    for (int64_t i = 0; i < TOKENS; i++) {
        tokens[i] = sign(i + 1);
        assert_int_equal(user_of(tokens[i], NOW_MS), i + 1);
    }
    for (int64_t i = 0; i < TOKENS; i++) {
        assert_int_equal(user_of(tokens[i], NOW_MS), i + 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_as_verification_does, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_to_the_times_of_what_it_knows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_resembles_what_it_knows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_many_tokens_apart, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
