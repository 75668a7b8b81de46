#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "server/api/answer_cache.h"
#include "server/api/etag.h"
#include "server/api/products/product_schema.h"
#include "server/api/reply.h"
#include "server/api/schema.h"
#include "tests/unit/job_fixture.h"

#define JOBS 5

static struct job jobs[JOBS];

static int open_jobs(void **state) {
    (void)state;
    const struct cache_options options = {
        .max_bytes = 1024 * 1024, .lifetime_ms = 60000, .followed_lifetime_ms = 600000};
    fixture_open(&fixture);
    fixture.app.cache = cache_open(&options);
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i] = (struct job){.finish = fixture_finish, .http = &fixture};
        job_init(&jobs[i], &fixture.app);
        jobs[i].route = fixture_route("get_product");
        jobs[i].path_values[0] = STR("enamel-mug");
    }
    return 0;
}

static int close_jobs(void **state) {
    (void)state;
    for (size_t i = 0; i < JOBS; i++) {
        job_release(&jobs[i]);
    }
    cache_close(fixture.app.cache);
    fixture_close(&fixture);
    return 0;
}

/* What the stage does: a product as large as its description, under an id. */
static void render(struct job *job, size_t description_bytes) {
    static char description[8192];
    struct product product;
    schema_clear(&product_public_schema, &product);
    memset(description, 'x', sizeof description);
    product.description = (struct str){description, description_bytes};
    job->cache_subject = STR("5f5f5f5f5f5f5f5f5f5f5f5f");
    assert_false(fault_occurred(reply_object_with_etag(job, &product, 7, 3)));
    answer_cache_fill(job);
}

static void assert_answer(struct job *job, int status, const char *etag, const char *encoding) {
    assert_int_equal(job->reply.status, status);
    assert_string_equal(fixture_header(job, "etag"), etag);
    if (encoding == NULL) {
        assert_null(fixture_header(job, "content-encoding"));
    } else {
        assert_string_equal(fixture_header(job, "content-encoding"), encoding);
    }
}

static void test_the_first_answer_is_as_those_that_follow(void **state) {
    (void)state;
    assert_int_equal(answer_cache_answer(&jobs[0]), ANSWER_NEEDED);
    render(&jobs[0], 100);
    assert_null(answer_flight_land(&jobs[0]));
    assert_int_equal(answer_cache_answer(&jobs[1]), ANSWER_READY);
    for (size_t i = 0; i < 2; i++) {
        assert_answer(&jobs[i], 200, "\"7-3\"", NULL);
    }
    assert_true(str_equals(jobs[0].reply.ready_bytes, jobs[1].reply.ready_bytes));
    jobs[2].request.if_none_match = STR("\"7-3\"");
    assert_int_equal(answer_cache_answer(&jobs[2]), ANSWER_READY);
    assert_answer(&jobs[2], 304, "\"7-3\"", NULL);
}

static void test_each_coding_has_its_bytes_and_its_tag(void **state) {
    (void)state;
    jobs[0].request.accept_encoding = STR("gzip");
    assert_int_equal(answer_cache_answer(&jobs[0]), ANSWER_NEEDED);
    render(&jobs[0], 4096);
    (void)answer_flight_land(&jobs[0]);
    assert_answer(&jobs[0], 200, "\"7-3-gzip\"", "gzip");

    assert_int_equal(answer_cache_answer(&jobs[1]), ANSWER_READY);
    assert_answer(&jobs[1], 200, "\"7-3\"", NULL);
    assert_true(jobs[1].reply.ready_bytes.size > 4096);
    assert_true(jobs[0].reply.ready_bytes.size * 4 < jobs[1].reply.ready_bytes.size);

    /* What one has of the other coding is not what it asks for now. */
    jobs[2].request.accept_encoding = STR("gzip");
    jobs[2].request.if_none_match = STR("\"7-3\"");
    assert_int_equal(answer_cache_answer(&jobs[2]), ANSWER_READY);
    assert_answer(&jobs[2], 200, "\"7-3-gzip\"", "gzip");
    jobs[3].request.accept_encoding = STR("gzip");
    jobs[3].request.if_none_match = STR("\"7-3-gzip\"");
    assert_int_equal(answer_cache_answer(&jobs[3]), ANSWER_READY);
    assert_answer(&jobs[3], 304, "\"7-3-gzip\"", NULL);
    jobs[4].request.if_none_match = STR("\"7-3-gzip\"");
    assert_int_equal(answer_cache_answer(&jobs[4]), ANSWER_READY);
    assert_answer(&jobs[4], 200, "\"7-3\"", NULL);
}

static void test_nothing_is_compressed_before_somebody_asks(void **state) {
    (void)state;
    assert_int_equal(answer_cache_answer(&jobs[0]), ANSWER_NEEDED);
    render(&jobs[0], 4096);
    (void)answer_flight_land(&jobs[0]);
    jobs[1].request.accept_encoding = STR("gzip");
    assert_true(str_is_absent(cache_entry_form(jobs[0].reply.ready, CACHE_PACKED).tag));
    assert_int_equal(answer_cache_answer(&jobs[1]), ANSWER_NEEDED);
    render(&jobs[1], 4096);
    (void)answer_flight_land(&jobs[1]);
    assert_answer(&jobs[1], 200, "\"7-3-gzip\"", "gzip");

    /* What is small is not made anew each time. */
    cache_flush(fixture.app.cache);
    assert_int_equal(answer_cache_answer(&jobs[2]), ANSWER_NEEDED);
    render(&jobs[2], 100);
    (void)answer_flight_land(&jobs[2]);
    jobs[3].request.accept_encoding = STR("gzip");
    assert_int_equal(answer_cache_answer(&jobs[3]), ANSWER_READY);
    assert_answer(&jobs[3], 200, "\"7-3\"", NULL);
}

static void test_who_comes_meanwhile_waits_for_the_first(void **state) {
    (void)state;
    assert_int_equal(answer_cache_answer(&jobs[0]), ANSWER_NEEDED);
    jobs[1].path_values[0] = STR("another");
    assert_int_equal(answer_cache_answer(&jobs[1]), ANSWER_NEEDED);
    assert_int_equal(answer_cache_answer(&jobs[2]), ANSWER_AWAITED);
    assert_int_equal(answer_cache_answer(&jobs[3]), ANSWER_AWAITED);
    assert_int_equal(atomic_load(&fixture.app.parked_jobs), 2);
    assert_null(answer_flight_land(&jobs[1]));

    struct job *waiting = answer_flight_land(&jobs[0]);
    assert_ptr_equal(waiting, &jobs[3]);
    assert_ptr_equal(waiting->flight.next, &jobs[2]);
    assert_null(jobs[2].flight.next);
    assert_int_equal(atomic_load(&fixture.app.parked_jobs), 0);
    assert_int_equal(answer_cache_answer(&jobs[4]), ANSWER_NEEDED);
    assert_null(answer_flight_land(&jobs[4]));
}

static void test_who_must_see_a_write_does_not_wait_for_what_began_before(void **state) {
    (void)state;
    assert_int_equal(answer_cache_answer(&jobs[0]), ANSWER_NEEDED);
    cache_drop(fixture.app.cache, STR("5f5f5f5f5f5f5f5f5f5f5f5f"));
    assert_int_equal(answer_cache_answer(&jobs[1]), ANSWER_NEEDED);
    /* It leads those that come after it. */
    assert_int_equal(answer_cache_answer(&jobs[3]), ANSWER_AWAITED);
    assert_ptr_equal(answer_flight_land(&jobs[1]), &jobs[3]);
    /* Nor does it get that from memory. */
    render(&jobs[0], 100);
    assert_null(answer_flight_land(&jobs[0]));
    assert_int_equal(answer_cache_answer(&jobs[2]), ANSWER_NEEDED);
    assert_null(answer_flight_land(&jobs[2]));
}

static void test_what_took_longer_than_answers_live_is_kept(void **state) {
    (void)state;
    assert_int_equal(answer_cache_answer(&jobs[0]), ANSWER_NEEDED);
    jobs[0].cache_moment.at_us -= 61 * INT64_C(1000000);
    /* Nobody knows what others have changed meanwhile. */
    assert_int_equal(answer_cache_answer(&jobs[1]), ANSWER_NEEDED);
    assert_null(answer_flight_land(&jobs[1]));
    cache_follow(fixture.app.cache, clock_monotonic_us());
    assert_int_equal(answer_cache_answer(&jobs[2]), ANSWER_AWAITED);
    render(&jobs[0], 100);
    assert_ptr_equal(answer_flight_land(&jobs[0]), &jobs[2]);
    assert_int_equal(answer_cache_answer(&jobs[3]), ANSWER_READY);
}

static void test_not_more_wait_than_may(void **state) {
    (void)state;
    atomic_store(&fixture.app.parked_jobs, (size_t)fixture_config.parked_jobs - 1);
    assert_int_equal(answer_cache_answer(&jobs[0]), ANSWER_NEEDED);
    assert_int_equal(answer_cache_answer(&jobs[1]), ANSWER_AWAITED);
    assert_int_equal(answer_cache_answer(&jobs[2]), ANSWER_NEEDED);
    assert_ptr_equal(answer_flight_land(&jobs[0]), &jobs[1]);
    assert_null(answer_flight_land(&jobs[2]));
    assert_int_equal(atomic_load(&fixture.app.parked_jobs), fixture_config.parked_jobs - 1);
}

static void test_no_cache_means_nothing_without_a_token(void **state) {
    (void)state;
    assert_int_equal(answer_cache_answer(&jobs[0]), ANSWER_NEEDED);
    render(&jobs[0], 100);
    (void)answer_flight_land(&jobs[0]);
    jobs[1].request.cache_control = STR("no-cache");
    assert_int_equal(answer_cache_answer(&jobs[1]), ANSWER_READY);
    jobs[2].request.cache_control = STR("no-cache");
    jobs[2].request.authorization = STR("Bearer of nothing");
    assert_int_equal(answer_cache_answer(&jobs[2]), ANSWER_READY);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_jobs, close_jobs)
    const struct CMUnitTest tests[] = {
        TEST(test_the_first_answer_is_as_those_that_follow),
        TEST(test_each_coding_has_its_bytes_and_its_tag),
        TEST(test_nothing_is_compressed_before_somebody_asks),
        TEST(test_who_comes_meanwhile_waits_for_the_first),
        TEST(test_who_must_see_a_write_does_not_wait_for_what_began_before),
        TEST(test_what_took_longer_than_answers_live_is_kept),
        TEST(test_not_more_wait_than_may),
        TEST(test_no_cache_means_nothing_without_a_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
