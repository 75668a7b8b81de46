#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/metric.h"
#include "server/api/job_trace.h"

static void assert_place(struct job_trace *trace, const char *pool, const char *state) {
    struct job_place place = job_trace_place(trace);
    assert_string_equal(place.pool, pool);
    assert_string_equal(place.state, state);
    assert_true(place.since_us > 0 && place.since_us <= clock_monotonic_us());
}

static void spend(int64_t duration_us) {
    int64_t until_us = clock_monotonic_us() + duration_us;
    while (clock_monotonic_us() < until_us) {}
}

static void says_where_a_job_is(void **state) {
    (void)state;
    struct job_trace trace = {.count = 0};
    assert_string_equal(job_trace_place(&trace).pool, "loop");
    assert_int_equal(job_trace_place(&trace).since_us, 0);
    job_trace_wait(&trace, POOL_MYSQL);
    assert_place(&trace, "mysql", "waiting");
    job_trace_run(&trace);
    assert_place(&trace, "mysql", "running");
    job_trace_wait(&trace, JOB_TRACE_PARKED);
    assert_place(&trace, "parked", "waiting");
    job_trace_run(&trace);
    job_trace_wait(&trace, POOL_HASH);
    job_trace_run(&trace);
    assert_place(&trace, "hash", "running");
    job_trace_end(&trace);
    assert_place(&trace, "loop", "ending");
}

static void tells_waiting_from_running(void **state) {
    (void)state;
    struct job_trace trace = {.count = 0};
    int64_t waited = metric_value(METRIC_POOL_WAIT, METRIC_LABELS("mongo"));
    job_trace_wait(&trace, POOL_MONGO);
    spend(2000);
    job_trace_run(&trace);
    spend(500);
    job_trace_wait(&trace, POOL_HASH);
    job_trace_run(&trace);
    spend(3000);
    job_trace_end(&trace);
    assert_int_equal(trace.count, 2);
    assert_true(trace.visits[0].wait_us >= 2000 && trace.visits[0].run_us >= 500);
    assert_true(trace.visits[1].run_us >= 3000);
    assert_int_equal(metric_value(METRIC_POOL_WAIT, METRIC_LABELS("mongo")), waited + 1);
}

static void prints_each_visit(void **state) {
    (void)state;
    struct job_trace trace = {
        .visits = {{POOL_MYSQL, 12, 850}, {POOL_HASH, 3, 61200}, {JOB_TRACE_PARKED, 7, 0}},
        .count = 3};
    char text[JOB_TRACE_TEXT_SIZE];
    job_trace_print(&trace, text);
    assert_string_equal(text, "mysql 12+850, hash 3+61200, parked 7+0");
    trace.count = 0;
    job_trace_print(&trace, text);
    assert_string_equal(text, "");
}

/* The longest text there can be fits. */
static void prints_as_many_as_there_may_be(void **state) {
    (void)state;
    struct job_trace trace = {.count = JOB_VISITS_MAX};
    for (size_t i = 0; i < JOB_VISITS_MAX; i++) {
        trace.visits[i] = (struct job_visit){JOB_TRACE_PARKED, INT64_MAX, INT64_MAX};
    }
    char text[JOB_TRACE_TEXT_SIZE];
    job_trace_print(&trace, text);
    assert_int_equal(strlen(text), JOB_VISITS_MAX * strlen("parked 9223372036854775807+"
                                                           "9223372036854775807, ") -
                                       2);
}

static void a_job_that_never_waited_has_no_visits(void **state) {
    (void)state;
    struct job_trace trace = {.count = 0};
    job_trace_run(&trace);
    job_trace_end(&trace);
    assert_int_equal(trace.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_where_a_job_is),
        cmocka_unit_test(tells_waiting_from_running),
        cmocka_unit_test(prints_each_visit),
        cmocka_unit_test(prints_as_many_as_there_may_be),
        cmocka_unit_test(a_job_that_never_waited_has_no_visits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
