#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/stripes.h"
#include "server/work/thread.h"

static const struct str one[] = {STR_INIT("A")};
static const struct str both[] = {STR_INIT("A"), STR_INIT("B"), STR_INIT("A")};
static const struct str reversed[] = {STR_INIT("B"), STR_INIT("A")};

static void what_is_taken_is_waited_for_in_vain(void **state) {
    (void)state;
    struct stripes *stripes = stripes_open();
    struct stripes_hold first;
    struct stripes_hold second;
    assert_true(stripes_take(stripes, both, 3, 0, &first));
    assert_int_equal(first.count, 2);
    assert_true(first.indexes[0] < first.indexes[1]);
    int64_t begun_us = clock_monotonic_us();
    assert_false(stripes_take(stripes, reversed, 2, 50, &second));
    assert_true(clock_monotonic_us() - begun_us >= 50000);
    assert_int_equal(second.count, 0);
    stripes_give(stripes, &first);
    assert_true(stripes_take(stripes, reversed, 2, 0, &second));
    stripes_give(stripes, &second);
    stripes_close(stripes);
}

static void who_came_too_late_holds_nothing(void **state) {
    (void)state;
    struct stripes *stripes = stripes_open();
    struct stripes_hold first;
    struct stripes_hold second;
    static const struct str other[] = {STR_INIT("B")};
    assert_true(stripes_take(stripes, one, 1, 0, &first));
    assert_false(stripes_take(stripes, both, 3, 1, &second));
    assert_true(stripes_take(stripes, other, 1, 0, &second));
    stripes_give(stripes, &second);
    stripes_give(stripes, &first);
    stripes_close(stripes);
}

#define ROUNDS 20000
#define THREADS 8

struct crowd {
    struct stripes *stripes;
    long counted; /* guarded by the stripes of A and B alone */
};

static void *count_many(void *argument) {
    struct crowd *crowd = argument;
    for (int i = 0; i < ROUNDS; i++) {
        struct stripes_hold hold;
        bool is_even = i % 2 == 0;
        CHECK(stripes_take(crowd->stripes, is_even ? both : reversed, 2, 60000, &hold));
        crowd->counted++;
        stripes_give(crowd->stripes, &hold);
    }
    return NULL;
}

static void two_orders_never_wait_for_each_other(void **state) {
    (void)state;
    struct crowd crowd = {.stripes = stripes_open()};
    struct thread threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        thread_start(&threads[i], "crowd", 1UL << 20, count_many, &crowd);
    }
    for (size_t i = 0; i < THREADS; i++) {
        thread_join(&threads[i]);
    }
    assert_int_equal(crowd.counted, (long)ROUNDS * THREADS);
    stripes_close(crowd.stripes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_taken_is_waited_for_in_vain),
        cmocka_unit_test(who_came_too_late_holds_nothing),
        cmocka_unit_test(two_orders_never_wait_for_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
