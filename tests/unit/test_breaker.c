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

/* No pause: the watcher's next answer may begin the trying. */
static const struct breaker_limits at_once = {.pause_ms = 0, .pause_max_ms = 0, .trial_ms = 60000};

static int open_breaker(void **state) {
    (void)state;
    log_set_level(LOG_ERROR + 1);
    breaker_init(&breaker, "mysql", &at_once);
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
        } steps[6];
        enum breaker_state state;
    } rows[] = {
        {{{UP, 10}, {MUTE, 20}}, BREAKER_OPEN},
        {{{UP, 10}, {ANSWERED, 20}, {MUTE, 30}}, BREAKER_OPEN},
        /* Others that began later were answered: it was that call. */
        {{{UP, 10}, {ANSWERED, 30}, {MUTE, 20}}, BREAKER_CLOSED},
        /* What is known is younger than what the call tells. */
        {{{UP, 30}, {MUTE, 20}}, BREAKER_CLOSED},
        /* They end in another order than they began in. */
        {{{UP, 10}, {ANSWERED, 40}, {ANSWERED, 20}, {MUTE, 30}}, BREAKER_CLOSED},
        {{{UP, 10}, {UNREACHED, 20}, {UNREACHED, 30}}, BREAKER_CLOSED},
        {{{UP, 10}, {UNREACHED, 20}, {DOWN, 30}}, BREAKER_OPEN},
        {{{UP, 10}, {ANSWERED, 30}, {DOWN, 20}}, BREAKER_CLOSED},
        {{{UP, 10}, {MUTE, 20}, {ANSWERED, 30}}, BREAKER_OPEN},
        {{{UP, 10}, {MUTE, 20}, {ANSWERED, 30}, {UP, 40}}, BREAKER_CLOSED},
        {{{UP, 10}, {DOWN, 20}, {DOWN, 30}, {UP, 40}}, BREAKER_CLOSED},
        /* The watcher, who is answered all along, does not see what the workers meet. */
        {{{UP, 10}, {UP, 30}, {MUTE, 20}}, BREAKER_OPEN},
        {{{UP, 10}, {MUTE, 20}, {UP, 30}}, BREAKER_TRYING},
        {{{UP, 10}, {MUTE, 20}, {UP, 30}, {UP, 40}}, BREAKER_TRYING},
        {{{UP, 10}, {MUTE, 20}, {UP, 30}, {ANSWERED, 40}}, BREAKER_TRYING},
        {{{UP, 10}, {MUTE, 20}, {UP, 30}, {MUTE, 40}}, BREAKER_OPEN},
        {{{UP, 10}, {MUTE, 20}, {UP, 30}, {UNREACHED, 40}}, BREAKER_TRYING},
        {{{UP, 10}, {MUTE, 20}, {UP, 30}, {DOWN, 40}}, BREAKER_OPEN},
        {{{UP, 10}, {MUTE, 20}, {UP, 30}, {DOWN, 40}, {UP, 50}}, BREAKER_CLOSED},
        /* A call from before the trying is none of its trials. */
        {{{UP, 10}, {MUTE, 20}, {UP, 30}, {MUTE, 25}}, BREAKER_TRYING},
        {{{UP, 10}, {MUTE, 20}, {UP, 30}, {ANSWERED, 25}}, BREAKER_TRYING},
        /* It has seen it too: its word is enough. */
        {{{UP, 10}, {MUTE, 20}, {DOWN, 30}, {UP, 40}}, BREAKER_CLOSED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        breaker_release(&breaker);
        breaker_init(&breaker, "mysql", &at_once);
        for (size_t at = 0; at < COUNT_OF(rows[i].steps) && rows[i].steps[at].what != END; at++) {
            enum what what = rows[i].steps[at].what;
            int64_t begun_us = rows[i].steps[at].begun_us;
            if (what == UP || what == DOWN) {
                breaker_note_probe(&breaker, what == UP, begun_us);
            } else {
                breaker_note(&breaker, (enum store_outcome)(what - ANSWERED), begun_us);
            }
        }
        assert_int_equal(breaker_state(&breaker), rows[i].state);
    }
}

static void try_it(int64_t begun_us) {
    breaker_note_probe(&breaker, true, begun_us);
    breaker_note(&breaker, STORE_MUTE, begun_us + 1);
    breaker_note_probe(&breaker, true, begun_us + 2);
    assert_int_equal(breaker_state(&breaker), BREAKER_TRYING);
}

static bool admits(void) {
    bool is_trial = true;
    bool is_admitted = breaker_admits(&breaker, &is_trial);
    assert_int_equal(is_trial, is_admitted && !breaker_is_closed(&breaker));
    return is_admitted;
}

static void lets_one_at_a_time_try(void **state) {
    (void)state;
    try_it(10);
    /* Who only asks whether there is a chance takes none. */
    assert_true(breaker_would_admit(&breaker));
    assert_true(breaker_may_admit(&breaker));
    assert_true(admits());
    assert_false(breaker_would_admit(&breaker));
    assert_false(breaker_may_admit(&breaker));
    assert_false(admits());
    /* It was over before it asked anything: the next may. */
    breaker_end_trial(&breaker);
    assert_true(admits());
    assert_false(admits());
    /* One call alone, which may have been to connect, is not enough. */
    breaker_note(&breaker, STORE_ANSWERED, clock_monotonic_us());
    assert_false(admits());
    breaker_end_trial(&breaker);
    assert_true(admits());
    assert_true(admits());
    assert_int_equal(breaker_figures(&breaker).trials, 2);
}

static void a_trial_that_met_silence_changes_nothing_at_its_end(void **state) {
    (void)state;
    try_it(10);
    assert_true(admits());
    breaker_note(&breaker, STORE_ANSWERED, clock_monotonic_us());
    breaker_note(&breaker, STORE_MUTE, clock_monotonic_us() + 1);
    assert_int_equal(breaker_state(&breaker), BREAKER_OPEN);
    breaker_end_trial(&breaker);
    assert_int_equal(breaker_state(&breaker), BREAKER_OPEN);
    assert_false(admits());
}

static void lets_another_try_when_a_trial_does_not_end(void **state) {
    (void)state;
    breaker.limits.trial_ms = 20;
    try_it(10);
    assert_true(admits());
    assert_false(admits());
    int64_t begun_us = clock_monotonic_us();
    while (!admits()) {
        assert_true(clock_monotonic_us() - begun_us < 10000000);
    }
    assert_int_equal(breaker_figures(&breaker).trials, 2);
}

static void waits_longer_after_each_trial_in_vain(void **state) {
    (void)state;
    static const int64_t pauses_ms[] = {5, 10, 20, 40, 40};
    breaker.limits = (struct breaker_limits){.pause_ms = 5, .pause_max_ms = 40, .trial_ms = 60000};
    int64_t call_us = 10;
    breaker_note_probe(&breaker, true, call_us);
    for (size_t i = 0; i < COUNT_OF(pauses_ms); i++) {
        int64_t begun_us = clock_monotonic_us();
        breaker_note(&breaker, STORE_MUTE, ++call_us);
        do {
            breaker_note_probe(&breaker, true, ++call_us);
            assert_int_not_equal(breaker_state(&breaker), BREAKER_CLOSED);
        } while (breaker_state(&breaker) == BREAKER_OPEN);
        int64_t passed_us = clock_monotonic_us() - begun_us;
        assert_in_range(passed_us, pauses_ms[i] * 1000, 10000000);
        assert_int_equal(breaker.pause_ms, pauses_ms[i]);
    }
    /* Closed by a trial, and open again before it has been calm: it goes on where it was. */
    assert_true(admits());
    breaker_note(&breaker, STORE_ANSWERED, call_us = clock_monotonic_us());
    breaker_end_trial(&breaker);
    assert_int_equal(breaker_state(&breaker), BREAKER_CLOSED);
    breaker_note(&breaker, STORE_MUTE, ++call_us);
    assert_int_equal(breaker.pause_ms, 40);
    breaker_note(&breaker, STORE_ANSWERED, ++call_us);
    breaker_note_probe(&breaker, true, ++call_us);
    assert_int_equal(breaker_state(&breaker), BREAKER_CLOSED);
    breaker.changed_at_us -= BREAKER_CALM_MS * 1000;
    breaker_note(&breaker, STORE_MUTE, ++call_us);
    assert_int_equal(breaker.pause_ms, 5);
}

static void counts_what_it_does(void **state) {
    (void)state;
    breaker_note_probe(&breaker, true, 10);
    assert_true(admits());
    breaker_note(&breaker, STORE_MUTE, 20);
    breaker_note(&breaker, STORE_MUTE, 20);
    assert_false(admits());
    assert_false(admits());
    breaker_note_probe(&breaker, true, 30);
    assert_int_equal(breaker_figures(&breaker).state, BREAKER_TRYING);
    assert_true(admits());
    breaker_note(&breaker, STORE_ANSWERED, clock_monotonic_us());
    breaker_end_trial(&breaker);
    struct breaker_figures figures = breaker_figures(&breaker);
    assert_int_equal(figures.state, BREAKER_CLOSED);
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
        TEST(lets_one_at_a_time_try),
        TEST(a_trial_that_met_silence_changes_nothing_at_its_end),
        TEST(lets_another_try_when_a_trial_does_not_end),
        TEST(waits_longer_after_each_trial_in_vain),
        TEST(counts_what_it_does),
        TEST(has_the_watcher_look_sooner_in_doubt),
        TEST(ends_the_watcher),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
