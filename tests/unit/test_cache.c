#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/cache_fixture.h"

static struct cache *open_small(void) {
    const struct cache_options options = {.max_bytes = 1024 * 1024, .lifetime_ms = 60000};
    return cache_open(&options);
}

static void put(struct cache *cache, const char *key, const char *subject, const char *bytes) {
    put_at(cache, cache_now(cache), str_of(key), str_of(subject), str_of(bytes));
}

static void test_gives_back_what_was_put(void **state) {
    (void)state;
    struct cache *cache = open_small();
    const struct cache_entry *entry = NULL;
    assert_int_equal(cache_get(cache, STR("a"), &entry), CACHE_MISS);
    put(cache, "a", "s", "first");
    put(cache, "b", NULL, "");
    assert_true(has(cache, "a", "first"));
    assert_true(has(cache, "b", ""));
    put(cache, "a", "s", "second");
    assert_true(has(cache, "a", "second"));
    assert_int_equal(cache_figures(cache).entries, 2);
    cache_close(cache);
}

static void test_a_drop_takes_its_subject_and_what_is_about_everything(void **state) {
    (void)state;
    struct cache *cache = open_small();
    put(cache, "by-id", "one", "1");
    put(cache, "by-slug", "one", "1");
    put(cache, "other", "two", "2");
    put(cache, "list", NULL, "[1,2]");
    cache_drop(cache, STR("one"));
    assert_false(has(cache, "by-id", "1"));
    assert_false(has(cache, "by-slug", "1"));
    assert_true(has(cache, "other", "2"));
    assert_false(has(cache, "list", "[1,2]"));

    put(cache, "list", NULL, "[2]");
    cache_drop(cache, ABSENT);
    assert_false(has(cache, "list", "[2]"));
    assert_true(has(cache, "other", "2"));
    cache_close(cache);
}

static void test_a_flush_takes_everything(void **state) {
    (void)state;
    struct cache *cache = open_small();
    put(cache, "one", "one", "1");
    put(cache, "list", NULL, "[1]");
    struct cache_moment before = cache_now(cache);
    cache_flush(cache);
    assert_false(has(cache, "one", "1"));
    assert_false(has(cache, "list", "[1]"));
    put_at(cache, before, STR("one"), STR("one"), STR("1"));
    assert_false(has(cache, "one", "1"));
    put(cache, "one", "one", "2");
    assert_true(has(cache, "one", "2"));
    cache_close(cache);
}

static void test_what_was_read_before_a_drop_is_thrown_away(void **state) {
    (void)state;
    struct cache *cache = open_small();
    struct cache_moment before = cache_now(cache);
    cache_drop(cache, STR("one"));
    put_at(cache, before, STR("a"), STR("one"), STR("old"));
    put_at(cache, before, STR("list"), ABSENT, STR("old"));
    put_at(cache, before, STR("b"), STR("other"), STR("as ever"));
    assert_false(has(cache, "a", "old"));
    assert_false(has(cache, "list", "old"));
    assert_true(has(cache, "b", "as ever"));
    put(cache, "a", "one", "new");
    assert_true(has(cache, "a", "new"));
    cache_close(cache);
}

static void test_a_drop_of_a_subject_alone_leaves_what_is_about_everything(void **state) {
    (void)state;
    struct cache *cache = open_small();
    struct cache_moment before = cache_now(cache);
    put(cache, "a", "one", "1");
    put(cache, "list", NULL, "[1]");
    cache_drop_subject(cache, STR("one"));
    assert_false(has(cache, "a", "1"));
    assert_true(has(cache, "list", "[1]"));
    put_at(cache, before, STR("a"), STR("one"), STR("old"));
    assert_false(has(cache, "a", "old"));
    cache_close(cache);
}

static void test_an_entry_outlives_its_drop_in_the_hands_of_its_reader(void **state) {
    (void)state;
    struct cache *cache = open_small();
    const struct cache_entry *entry = NULL;
    put(cache, "a", "one", "bytes");
    assert_int_equal(cache_get(cache, STR("a"), &entry), CACHE_HIT);
    cache_drop(cache, STR("one"));
    assert_false(has(cache, "a", "bytes"));
    assert_true(str_equals(plain_bytes(entry), STR("bytes")));
    assert_true(str_equals(cache_entry_form(entry, CACHE_PLAIN).tag, STR("\"1-0\"")));
    cache_entry_release(entry);
    cache_close(cache);
}

static void test_one_reader_is_asked_to_refresh_and_none_gets_what_is_too_old(void **state) {
    (void)state;
    const struct cache_options options = {.max_bytes = 1024 * 1024, .lifetime_ms = 1000};
    struct cache *cache = cache_open(&options);
    const struct cache_entry *entry = NULL;
    struct cache_moment moment = cache_now(cache);
    moment.at_us -= 600 * 1000;
    put_at(cache, moment, STR("a"), ABSENT, STR("x"));
    assert_int_equal(cache_get(cache, STR("a"), &entry), CACHE_REFRESH);
    cache_entry_release(entry);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(cache_get(cache, STR("a"), &entry), CACHE_HIT);
        cache_entry_release(entry);
    }
    moment.at_us -= 401 * 1000;
    put_at(cache, moment, STR("a"), ABSENT, STR("x"));
    assert_int_equal(cache_get(cache, STR("a"), &entry), CACHE_MISS);
    assert_int_equal(cache_figures(cache).refreshes, 1);
    assert_int_equal(cache_figures(cache).hits, 4);
    assert_int_equal(cache_figures(cache).misses, 1);
    assert_int_equal(cache_figures(cache).entries, 0);
    cache_close(cache);
}

static void test_memory_is_bounded_and_the_longest_unused_goes(void **state) {
    (void)state;
    struct cache *cache = open_small();
    static char bytes[4096];
    static char large[128 * 1024];
    for (int i = 0; i < 2000; i++) {
        char key[32];
        (void)snprintf(key, sizeof key, "key-%d", i);
        put_at(cache, cache_now(cache), str_of(key), ABSENT, (struct str){bytes, sizeof bytes});
        /* Used again and again, it stays. */
        if (i > 0) {
            const struct cache_entry *entry = NULL;
            assert_int_not_equal(cache_get(cache, STR("key-0"), &entry), CACHE_MISS);
            cache_entry_release(entry);
        }
        assert_true(cache_figures(cache).bytes <= 1024 * 1024);
    }
    assert_true(cache_figures(cache).evictions > 1000);
    put_at(cache, cache_now(cache), STR("large"), ABSENT, (struct str){large, sizeof large});
    const struct cache_entry *entry = NULL;
    assert_int_equal(cache_get(cache, STR("large"), &entry), CACHE_MISS);
    cache_close(cache);
}

/*
 * A store of one number, and readers that fill from it. What a reader gets after a writer has
 * dropped must never be older than what that writer wrote.
 */
#define READS 100000

struct race {
    struct cache *cache;
    atomic_int stored;  /* the truth */
    atomic_int dropped; /* written, and dropped since */
    atomic_int readers; /* still at it */
};

static void *run_reader(void *argument) {
    struct race *race = argument;
    for (int i = 0; i < READS; i++) {
        int least = atomic_load(&race->dropped);
        const struct cache_entry *entry = NULL;
        int got = 0;
        struct cache_moment moment = cache_now(race->cache);
        if (cache_get(race->cache, STR("number"), &entry) == CACHE_MISS) {
            got = atomic_load(&race->stored);
            put_at(race->cache, moment, STR("number"), STR("it"),
                   (struct str){(const char *)&got, sizeof got});
        } else {
            memcpy(&got, plain_bytes(entry).data, sizeof got);
            cache_entry_release(entry);
        }
        CHECK(got >= least);
    }
    atomic_fetch_sub(&race->readers, 1);
    return NULL;
}

static void test_a_dropped_value_is_never_read_again(void **state) {
    (void)state;
    struct race race = {.cache = open_small()};
    pthread_t readers[3];
    atomic_store(&race.readers, COUNT_OF(readers));
    for (size_t i = 0; i < COUNT_OF(readers); i++) {
        assert_int_equal(pthread_create(&readers[i], NULL, run_reader, &race), 0);
    }
    for (int i = 1; atomic_load(&race.readers) > 0; i++) {
        atomic_store(&race.stored, i);
        cache_drop(race.cache, STR("it"));
        atomic_store(&race.dropped, i);
    }
    for (size_t i = 0; i < COUNT_OF(readers); i++) {
        assert_int_equal(pthread_join(readers[i], NULL), 0);
    }
    cache_close(race.cache);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gives_back_what_was_put),
        cmocka_unit_test(test_a_drop_takes_its_subject_and_what_is_about_everything),
        cmocka_unit_test(test_a_flush_takes_everything),
        cmocka_unit_test(test_what_was_read_before_a_drop_is_thrown_away),
        cmocka_unit_test(test_a_drop_of_a_subject_alone_leaves_what_is_about_everything),
        cmocka_unit_test(test_an_entry_outlives_its_drop_in_the_hands_of_its_reader),
        cmocka_unit_test(test_one_reader_is_asked_to_refresh_and_none_gets_what_is_too_old),
        cmocka_unit_test(test_memory_is_bounded_and_the_longest_unused_goes),
        cmocka_unit_test(test_a_dropped_value_is_never_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
