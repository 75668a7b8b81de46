#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/unit/cache_fixture.h"

/* How long entries live while somebody follows, says nothing, or tells of changes. */

static void put_aged(struct cache *cache, const char *key, const char *subject, int64_t age_ms) {
    struct cache_moment moment = cache_now(cache);
    moment.at_us -= age_ms * 1000;
    put_at(cache, moment, str_of(key), str_of(subject), STR("x"));
}

static struct cache *open_followed(void) {
    const struct cache_options options = {
        .max_bytes = 1024 * 1024, .lifetime_ms = 1000, .followed_lifetime_ms = 60000};
    return cache_open(&options);
}

static void follow_behind(struct cache *cache, int64_t behind_ms) {
    cache_follow(cache, clock_monotonic_us() - behind_ms * 1000);
}

static void test_what_is_followed_lives_longer_while_somebody_follows(void **state) {
    (void)state;
    struct cache *cache = open_followed();
    /* How long ago everything was known, and whether what is two seconds old is handed out. */
    const struct {
        int64_t behind_ms;
        bool is_handed_out;
    } cases[] = {{0, true}, {900, true}, {1100, false}, {10, true}, {60000, false}};
    put_aged(cache, "before", "one", 2000);
    assert_false(has(cache, "before", "x"));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        follow_behind(cache, cases[i].behind_ms);
        put_aged(cache, "product", "one", 2000);
        put_aged(cache, "list", NULL, 2000);
        put_aged(cache, "old", "one", 61000);
        assert_int_equal(has(cache, "product", "x"), cases[i].is_handed_out);
        assert_int_equal(has(cache, "list", "x"), cases[i].is_handed_out);
        assert_false(has(cache, "old", "x"));
    }
    follow_behind(cache, 1100);
    put_aged(cache, "product", "one", 2000);
    cache_follow(cache, 0);
    assert_false(has(cache, "product", "x"));
    cache_close(cache);
}

/* As long as the rest of its lifetime_ms, also when nobody follows any more. */
static void test_what_was_known_to_be_true_is_handed_out_for_a_while(void **state) {
    (void)state;
    struct cache *cache = open_followed();
    follow_behind(cache, 0);
    put_aged(cache, "list", NULL, 2000);
    cache_follow(cache, 0);
    assert_true(has(cache, "list", "x"));
    cache_close(cache);
}

static void test_what_takes_long_to_make_is_kept_unless_something_changed(void **state) {
    (void)state;
    struct cache *cache = open_followed();
    follow_behind(cache, 0);
    struct cache_moment slow = cache_now(cache);
    slow.at_us -= 1500 * 1000;
    assert_true(cache_is_current(cache, slow));
    put_at(cache, slow, STR("kept"), ABSENT, STR("x"));
    assert_true(has(cache, "kept", "x"));

    /* Another process has changed something: what was seen is not known, nor when it was read. */
    cache_drop_subject(cache, STR("one"));
    assert_false(cache_is_current(cache, slow));
    assert_true(has(cache, "kept", "x"));
    put_at(cache, slow, STR("changed"), ABSENT, STR("x"));
    assert_false(has(cache, "changed", "x"));
    /* One that was about something else is as true as before. */
    put_at(cache, slow, STR("other"), STR("other"), STR("x"));
    assert_true(has(cache, "other", "x"));

    cache_drop(cache, ABSENT);
    assert_false(has(cache, "kept", "x"));
    cache_follow(cache, 0);
    slow = cache_now(cache);
    slow.at_us -= 1500 * 1000;
    assert_false(cache_is_current(cache, slow));
    put_at(cache, slow, STR("unknown"), ABSENT, STR("x"));
    assert_false(has(cache, "unknown", "x"));
    cache_close(cache);
}

static void test_a_change_elsewhere_leaves_a_list_no_more_than_its_lifetime(void **state) {
    (void)state;
    struct cache *cache = open_followed();
    const struct cache_entry *entry = NULL;
    follow_behind(cache, 700);
    put_aged(cache, "list", NULL, 2000);
    cache_drop_subject(cache, STR("one"));
    follow_behind(cache, 0);
    assert_int_equal(cache_get(cache, STR("list"), &entry), CACHE_REFRESH);
    cache_entry_release(entry);
    follow_behind(cache, 1001);
    put_aged(cache, "list", NULL, 2000);
    cache_drop_subject(cache, STR("one"));
    follow_behind(cache, 0);
    assert_false(has(cache, "list", "x"));
    cache_close(cache);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_followed_lives_longer_while_somebody_follows),
        cmocka_unit_test(test_what_was_known_to_be_true_is_handed_out_for_a_while),
        cmocka_unit_test(test_what_takes_long_to_make_is_kept_unless_something_changed),
        cmocka_unit_test(test_a_change_elsewhere_leaves_a_list_no_more_than_its_lifetime),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
