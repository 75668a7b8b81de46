/* Pace: who is too slow, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "server/http/pace.h"

#define SECOND 1000000LL

static const struct pace_limit limit = {.grace_us = 10 * SECOND, .bytes_per_second = 1000};

static void bears_a_halt_as_long_as_the_grace(void **state) {
    (void)state;
    struct pace pace;
    pace_begin(&pace, &limit, 77, 5 * SECOND);
    assert_true(pace_holds(&pace, &limit, 77, 15 * SECOND));
    assert_false(pace_holds(&pace, &limit, 77, 15 * SECOND + 1));
}

static void bears_for_ever_whoever_is_fast_enough(void **state) {
    (void)state;
    struct pace pace;
    pace_begin(&pace, &limit, 0, 0);
    for (int64_t second = 1; second < 10000; second++) {
        assert_true(pace_holds(&pace, &limit, (uint64_t)second * 1000, second * SECOND));
    }
    /* And then a halt again. */
    assert_true(pace_holds(&pace, &limit, 9999 * 1000, (9999 + 10) * SECOND));
    assert_false(pace_holds(&pace, &limit, 9999 * 1000, (9999 + 11) * SECOND));
}

static void does_not_bear_a_drip(void **state) {
    (void)state;
    struct pace pace;
    pace_begin(&pace, &limit, 0, 0);
    int64_t second = 1;
    while (pace_holds(&pace, &limit, (uint64_t)second * 500, second * SECOND)) {
        second++;
    }
    /* At half the rate, half of the time is lost. */
    assert_int_equal(second, 21);
}

static void earns_no_more_than_the_grace(void **state) {
    (void)state;
    struct pace pace;
    pace_begin(&pace, &limit, 0, 0);
    assert_true(pace_holds(&pace, &limit, UINT64_MAX / 2, SECOND));
    assert_true(pace_holds(&pace, &limit, UINT64_MAX / 2, 11 * SECOND));
    assert_false(pace_holds(&pace, &limit, UINT64_MAX / 2, 12 * SECOND));
}

static void does_not_count_pauses_that_are_not_the_clients(void **state) {
    (void)state;
    struct pace pace;
    pace_begin(&pace, &limit, 0, 0);
    pace_pause(&pace, 100 * SECOND);
    assert_true(pace_holds(&pace, &limit, 0, 110 * SECOND));
    assert_false(pace_holds(&pace, &limit, 0, 111 * SECOND));
}

static void without_a_rate_nobody_is_too_slow(void **state) {
    (void)state;
    const struct pace_limit none = {.grace_us = SECOND, .bytes_per_second = 0};
    struct pace pace;
    pace_begin(&pace, &none, 0, 0);
    assert_true(pace_holds(&pace, &none, 0, 1000000 * SECOND));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bears_a_halt_as_long_as_the_grace),
        cmocka_unit_test(bears_for_ever_whoever_is_fast_enough),
        cmocka_unit_test(does_not_bear_a_drip),
        cmocka_unit_test(earns_no_more_than_the_grace),
        cmocka_unit_test(does_not_count_pauses_that_are_not_the_clients),
        cmocka_unit_test(without_a_rate_nobody_is_too_slow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
