#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/metric.h"

#define TEXT_MAX_BYTES (16UL * 1024 * 1024)
#define THREADS 12
#define ADDS_EACH 20000

/* The text as it stands, in `static` memory. */
static const char *text_now(void) {
    static struct buf text;
    buf_release(&text);
    buf_init(&text, TEXT_MAX_BYTES);
    metric_write_text(&text);
    assert_false(buf_is_overflowed(&text));
    return text.data;
}

static void assert_line(const char *line) {
    char whole[256];
    (void)snprintf(whole, sizeof whole, "\n%s\n", line);
    if (strstr(text_now(), whole) == NULL) {
        fail_msg("there is no line: %s", line);
    }
}

static void counts_by_labels(void **state) {
    (void)state;
    const struct metric_labels good = METRIC_LABELS("me", "200");
    metric_add(METRIC_HTTP_REQUESTS, good, 1);
    metric_add(METRIC_HTTP_REQUESTS, good, 2);
    metric_add(METRIC_HTTP_REQUESTS, METRIC_LABELS("me", "401"), 1);
    assert_int_equal(metric_value(METRIC_HTTP_REQUESTS, good), 3);
    assert_int_equal(metric_value(METRIC_HTTP_REQUESTS, METRIC_LABELS("me", "404")), 0);
    assert_line("aizy_http_requests_total{route=\"me\",status=\"200\"} 3");
    assert_line("aizy_http_requests_total{route=\"me\",status=\"401\"} 1");
}

static void takes_the_same_text_for_the_same_series(void **state) {
    (void)state;
    static const char one[] = "twice";
    static const char other[] = "twice";
    metric_add(METRIC_POOL_REFUSED, METRIC_LABELS(one), 1);
    metric_add(METRIC_POOL_REFUSED, METRIC_LABELS(other), 1);
    assert_int_equal(metric_value(METRIC_POOL_REFUSED, METRIC_LABELS(one)), 2);
    assert_line("aizy_pool_refused_total{pool=\"twice\"} 2");
}

static void gauges_go_both_ways(void **state) {
    (void)state;
    metric_add(METRIC_HTTP_CONNECTIONS, METRIC_NO_LABELS, 5);
    metric_add(METRIC_HTTP_CONNECTIONS, METRIC_NO_LABELS, -2);
    assert_line("aizy_http_connections 3");
    metric_set(METRIC_POOL_BUSY, METRIC_LABELS("mysql"), 4);
    metric_set(METRIC_POOL_BUSY, METRIC_LABELS("mysql"), 1);
    assert_line("aizy_pool_busy_workers{pool=\"mysql\"} 1");
}

static void a_raised_counter_never_goes_back(void **state) {
    (void)state;
    metric_raise(METRIC_PROCESS_CPU, METRIC_NO_LABELS, 1234567);
    metric_raise(METRIC_PROCESS_CPU, METRIC_NO_LABELS, 1000000);
    assert_line("process_cpu_seconds_total 1.234567");
}

/* Values at either side of bounds: a bound belongs to its own bucket. */
static void histograms_are_cumulative(void **state) {
    (void)state;
    const struct metric_labels labels = METRIC_LABELS("bounds");
    const int64_t values[] = {-1, 0, 16, 17, 32, 1000, 1024, 1025, 1 << 24, (1 << 24) + 1, 1 << 30};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        metric_observe(METRIC_POOL_WAIT, labels, values[i]);
    }
    assert_int_equal(metric_value(METRIC_POOL_WAIT, labels), COUNT_OF(values));
    assert_line("aizy_pool_wait_seconds_bucket{pool=\"bounds\",le=\"1.6e-05\"} 3");
    assert_line("aizy_pool_wait_seconds_bucket{pool=\"bounds\",le=\"3.2e-05\"} 5");
    assert_line("aizy_pool_wait_seconds_bucket{pool=\"bounds\",le=\"0.000512\"} 5");
    assert_line("aizy_pool_wait_seconds_bucket{pool=\"bounds\",le=\"0.001024\"} 7");
    assert_line("aizy_pool_wait_seconds_bucket{pool=\"bounds\",le=\"0.002048\"} 8");
    assert_line("aizy_pool_wait_seconds_bucket{pool=\"bounds\",le=\"16.777216\"} 9");
    assert_line("aizy_pool_wait_seconds_bucket{pool=\"bounds\",le=\"+Inf\"} 11");
    assert_line("aizy_pool_wait_seconds_count{pool=\"bounds\"} 11");
    assert_line("aizy_pool_wait_seconds_sum{pool=\"bounds\"} 1107.299371");
}

static void rows_without_labels_show_their_zero(void **state) {
    (void)state;
    assert_line("# HELP aizy_cache_evictions_total Answers dropped to make room.");
    assert_line("# TYPE aizy_cache_evictions_total counter");
    assert_line("aizy_cache_evictions_total 0");
}

static void label_values_are_escaped(void **state) {
    (void)state;
    metric_set(METRIC_BUILD, METRIC_LABELS("a\"b\\c\nd", "gcc"), 1);
    assert_line("aizy_build_info{version=\"a\\\"b\\\\c d\",compiler=\"gcc\"} 1");
}

static void *add_often(void *argument) {
    (void)argument;
    static const char *const calls[] = {"first", "second", "third"};
    for (int i = 0; i < ADDS_EACH; i++) {
        metric_add(METRIC_STORE_CALLS, METRIC_LABELS("mysql", calls[i % 3], "ok"), 1);
        metric_observe(METRIC_STORE_DURATION, METRIC_LABELS("mysql"), i % 100);
        metric_add(METRIC_HTTP_REQUEST_BYTES, METRIC_NO_LABELS, 7);
    }
    return NULL;
}

/* More threads than shards, and all make the same series at once. */
static void loses_nothing_between_threads(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, add_often, NULL), 0);
    }
    /* A reader in between is no worse than late. */
    int64_t before = metric_value(METRIC_HTTP_REQUEST_BYTES, METRIC_NO_LABELS);
    assert_non_null(text_now());
    assert_true(metric_value(METRIC_HTTP_REQUEST_BYTES, METRIC_NO_LABELS) >= before);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    const int64_t all = (int64_t)THREADS * ADDS_EACH;
    assert_int_equal(metric_value(METRIC_HTTP_REQUEST_BYTES, METRIC_NO_LABELS), all * 7);
    assert_int_equal(metric_value(METRIC_STORE_DURATION, METRIC_LABELS("mysql")), all);
    int64_t calls = 0;
    for (size_t i = 0; i < 3; i++) {
        static const char *const names[] = {"first", "second", "third"};
        calls += metric_value(METRIC_STORE_CALLS, METRIC_LABELS("mysql", names[i], "ok"));
    }
    assert_int_equal(calls, all);
}

/* Last, for it fills the row. */
static void what_is_too_much_counts_as_other(void **state) {
    (void)state;
    static char names[METRIC_SERIES_MAX * 8][16];
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        (void)snprintf(names[i], sizeof names[i], "word-%zu", i);
        metric_add(METRIC_HTTP_ABANDONED, METRIC_LABELS(names[i]), 1);
        metric_add(METRIC_HTTP_ABANDONED, METRIC_LABELS(names[i]), 1);
    }
    assert_int_equal(metric_value(METRIC_HTTP_ABANDONED, METRIC_LABELS(names[0])), 2);
    int64_t others = metric_value(METRIC_HTTP_ABANDONED, METRIC_LABELS("other"));
    assert_int_equal(others, 2 * (COUNT_OF(names) - METRIC_SERIES_MAX));
}

/* What a request costs: its count, its duration, its bytes. Printed; far from any bound. */
static void costs_next_to_nothing(void **state) {
    (void)state;
    const int rounds = 200000;
    int64_t begun_us = clock_monotonic_us();
    for (int i = 0; i < rounds; i++) {
        metric_add(METRIC_HTTP_REQUESTS, METRIC_LABELS("get_product", "200"), 1);
        metric_observe(METRIC_HTTP_DURATION, METRIC_LABELS("get_product"), i & 1023);
        metric_add(METRIC_HTTP_REQUEST_BYTES, METRIC_NO_LABELS, 0);
        metric_add(METRIC_HTTP_ANSWER_BYTES, METRIC_NO_LABELS, 900);
    }
    int64_t each_ns = (clock_monotonic_us() - begun_us) * 1000 / rounds;
    print_message("%lld ns for the figures of a request\n", (long long)each_ns);
    assert_true(each_ns < 20000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_by_labels),
        cmocka_unit_test(takes_the_same_text_for_the_same_series),
        cmocka_unit_test(gauges_go_both_ways),
        cmocka_unit_test(a_raised_counter_never_goes_back),
        cmocka_unit_test(histograms_are_cumulative),
        cmocka_unit_test(rows_without_labels_show_their_zero),
        cmocka_unit_test(label_values_are_escaped),
        cmocka_unit_test(loses_nothing_between_threads),
        cmocka_unit_test(costs_next_to_nothing),
        cmocka_unit_test(what_is_too_much_counts_as_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
