#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/api/cors.h"
#include "tests/unit/job_fixture.h"

static const struct {
    struct str origin;
    bool is_allowed;
} origins[] = {
    {STR_INIT("http://localhost:3000"), true},
    {STR_INIT("https://shop.example"), true},
    {{NULL, 0}, false},
    {STR_INIT(""), false},
    {STR_INIT("null"), false},
    {STR_INIT("*"), false},
    {STR_INIT("http://localhost"), false},
    {STR_INIT("https://localhost:3000"), false},
    {STR_INIT("http://LOCALHOST:3000"), false},
    {STR_INIT("http://localhost:3000/"), false},
    {STR_INIT("http://localhost:30000"), false},
    {STR_INIT("https://shop.example.evil.example"), false},
    {STR_INIT("https://evil.example/https://shop.example"), false},
    {STR_INIT("http://localhost:3000, https://shop.example"), false},
    {STR_INIT(" https://shop.example"), false},
};

static void names_origins_that_are_on_the_list_alone(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(origins); i++) {
        struct job *job = fixture_next_job(&fixture);
        job->request.origin = origins[i].origin;
        cors_finish(job);
        const char *allowed = fixture_header(job, "access-control-allow-origin");
        assert_int_equal(allowed != NULL, origins[i].is_allowed);
        assert_int_equal(fixture_header(job, "access-control-allow-credentials") != NULL,
                         origins[i].is_allowed);
        assert_int_equal(fixture_header(job, "access-control-expose-headers") != NULL,
                         origins[i].is_allowed);
        /* Caches must tell origins apart even where none is allowed. */
        assert_string_equal(fixture_header(job, "vary"), "Origin");
        if (allowed != NULL) {
            assert_true(str_equals(str_of(allowed), origins[i].origin));
        }
    }
}

static void answers_a_preflight(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(origins); i++) {
        struct job *job = fixture_next_job(&fixture);
        job->request.origin = origins[i].origin;
        job->request.cors_method = STR("PATCH");
        cors_answer_options(job, 1U << HTTP_GET | 1U << HTTP_OPTIONS);
        assert_int_equal(job->reply.status, 204);
        assert_string_equal(fixture_header(job, "allow"), "GET, OPTIONS");
        const char *headers = fixture_header(job, "access-control-allow-headers");
        assert_int_equal(headers != NULL, origins[i].is_allowed);
        if (headers != NULL) {
            assert_non_null(strstr(headers, "Authorization"));
            assert_non_null(strstr(headers, "Idempotency-Key"));
            assert_string_equal(fixture_header(job, "access-control-allow-methods"),
                                "GET, POST, PUT, PATCH, DELETE");
        }
    }
}

static void answers_options_that_are_no_preflight(void **state) {
    (void)state;
    struct job *job = fixture_next_job(&fixture);
    job->request.origin = STR("https://shop.example");
    cors_answer_options(job, 1U << HTTP_POST);
    assert_int_equal(job->reply.status, 204);
    assert_null(fixture_header(job, "access-control-allow-methods"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_origins_that_are_on_the_list_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(answers_a_preflight, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answers_options_that_are_no_preflight, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
