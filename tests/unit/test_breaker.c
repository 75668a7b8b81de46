/* The breaker of a store: what opens it, what does not, and that its watcher looks soon. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/work/breaker.h"
#include "server/work/thread.h"

static struct breaker breaker;

static int open_breaker(void **state) {
    (void)state;
    log_set_level(LOG_ERROR + 1);
    breaker_init(&breaker, "mysql");
    return 0;
}

static int close_breaker(void **state) {
    (void)state;
    breaker_release(&breaker);
    return 0;
}

static void is_open_until_the_watcher_has_seen_the_store(void **state) {
    (void)state;
    assert_false(breaker_is_closed(&breaker));
    breaker_note(&breaker, STORE_ANSWERED, 10);
    assert_false(breaker_is_closed(&breaker));
    breaker_note_probe(&breaker, true, 20);
    assert_true(breaker_is_closed(&breaker));
    breaker_note_probe(&breaker, false, 30);
    assert_false(breaker_is_closed(&breaker));
}

/* What calls and probes come to, one after the other, and what holds after the last of them. */
static void opens_for_a_store_and_not_for_a_call(void **state) {
    (void)state;
    enum what { END = 0, ANSWERED, UNREACHED, MUTE, UP, DOWN };
    static const struct {
        struct {
            enum what what;
            int64_t begun_us;
        } steps[5];
        bool is_closed;
    } rows[] = {
        {{{UP, 10}, {MUTE, 20}}, false},
        {{{UP, 10}, {ANSWERED, 20}, {MUTE, 30}}, false},
        /* Others that began later were answered: it was that call. */
        {{{UP, 10}, {ANSWERED, 30}, {MUTE, 20}}, true},
        {{{UP, 30}, {MUTE, 20}}, true},
        /* They end in another order than they began in. */
        {{{UP, 10}, {ANSWERED, 40}, {ANSWERED, 20}, {MUTE, 30}}, true},
        {{{UP, 10}, {UNREACHED, 20}, {UNREACHED, 30}}, true},
        {{{UP, 10}, {UNREACHED, 20}, {DOWN, 30}}, false},
        {{{UP, 10}, {ANSWERED, 30}, {DOWN, 20}}, true},
        {{{UP, 10}, {MUTE, 20}, {ANSWERED, 30}}, false},
        {{{UP, 10}, {MUTE, 20}, {ANSWERED, 30}, {UP, 40}}, true},
        {{{UP, 10}, {DOWN, 20}, {DOWN, 30}, {UP, 40}}, true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        breaker_release(&breaker);
        breaker_init(&breaker, "mysql");
        for (size_t at = 0; at < COUNT_OF(rows[i].steps) && rows[i].steps[at].what != END; at++) {
            enum what what = rows[i].steps[at].what;
            int64_t begun_us = rows[i].steps[at].begun_us;
            if (what == UP || what == DOWN) {
                breaker_note_probe(&breaker, what == UP, begun_us);
            } else {
                breaker_note(&breaker, (enum store_outcome)(what - ANSWERED), begun_us);
            }
        }
        assert_int_equal(breaker_is_closed(&breaker), rows[i].is_closed);
    }
}

static void counts_what_it_does(void **state) {
    (void)state;
    breaker_note_probe(&breaker, true, 10);
    assert_true(breaker_admits(&breaker));
    breaker_note(&breaker, STORE_MUTE, 20);
    breaker_note(&breaker, STORE_MUTE, 20);
    assert_false(breaker_admits(&breaker));
    assert_false(breaker_admits(&breaker));
    breaker_note_probe(&breaker, true, 30);
    struct breaker_figures figures = breaker_figures(&breaker);
    assert_true(figures.is_closed);
    assert_int_equal(figures.opened, 1);
    assert_int_equal(figures.refused, 2);
}

struct waiting {
    int64_t passed_ms;
    bool goes_on;
};

static void *await_probe(void *argument) {
    struct waiting *waiting = argument;
    int64_t begun_us = clock_monotonic_us();
    waiting->goes_on = breaker_await_probe(&breaker);
    waiting->passed_ms = (clock_monotonic_us() - begun_us) / 1000;
    return NULL;
}

static struct waiting wait_while(enum store_outcome outcome, bool is_stopped) {
    struct waiting waiting = {0};
    struct thread thread;
    breaker_note_probe(&breaker, true, 10);
    thread_start(&thread, "watcher", 64UL * 1024, await_probe, &waiting);
    breaker_note(&breaker, outcome, 20);
    if (is_stopped) {
        breaker_stop(&breaker);
    }
    thread_join(&thread);
    return waiting;
}

static void has_the_watcher_look_sooner_in_doubt(void **state) {
    (void)state;
    assert_in_range(wait_while(STORE_ANSWERED, false).passed_ms, BREAKER_INTERVAL_MS - 1, 60000);
    assert_in_range(wait_while(STORE_UNREACHED, false).passed_ms, 0, BREAKER_INTERVAL_MS - 1);
    assert_in_range(wait_while(STORE_MUTE, false).passed_ms, 0, BREAKER_INTERVAL_MS - 1);
    assert_true(wait_while(STORE_MUTE, false).goes_on);
}

static void ends_the_watcher(void **state) {
    (void)state;
    assert_false(wait_while(STORE_ANSWERED, true).goes_on);
    assert_false(breaker_await_probe(&breaker));
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_breaker, close_breaker)
        TEST(is_open_until_the_watcher_has_seen_the_store),
        TEST(opens_for_a_store_and_not_for_a_call),
        TEST(counts_what_it_does),
        TEST(has_the_watcher_look_sooner_in_doubt),
        TEST(ends_the_watcher),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
