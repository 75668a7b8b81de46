#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/api/answer_cache.h"
#include "server/api/etag.h"
#include "server/api/products/product_schema.h"
#include "tests/unit/job_fixture.h"

#define FOUR "\"1-0\", \"2-0\", \"3-0\", \"4-0\", "
#define SIXTEEN FOUR FOUR FOUR FOUR

static const struct {
    struct str header;
    enum fault_name fault;
    struct expected_versions expected;
} demands[] = {
    {{NULL, 0}, FAULT_NONE, {0}},
    {STR_INIT("*"), FAULT_NONE, {0}},
    {STR_INIT(" * "), FAULT_NONE, {0}},
    {STR_INIT("\"7-3\""), FAULT_NONE, {1, {7}}},
    {STR_INIT(" \"7-3\"\t"), FAULT_NONE, {1, {7}}},
    /* The sequence is the readers' alone. */
    {STR_INIT("\"7-99\""), FAULT_NONE, {1, {7}}},
    {STR_INIT("\"9223372036854775807-0\""), FAULT_NONE, {1, {INT64_MAX}}},
    {STR_INIT("W/\"7-3\""), FAULT_PRECONDITION_FAILED, {0}},
    {STR_INIT(""), FAULT_PRECONDITION_FAILED, {0}},
    {STR_INIT("\""), FAULT_PRECONDITION_FAILED, {0}},
    {STR_INIT("\"\""), FAULT_PRECONDITION_FAILED, {0}},
    {STR_INIT("7-3"), FAULT_PRECONDITION_FAILED, {0}},
    {STR_INIT("\"7-3"), FAULT_PRECONDITION_FAILED, {0}},
    {STR_INIT("\"0-0\""), FAULT_PRECONDITION_FAILED, {0}},
    {STR_INIT("\"-7-3\""), FAULT_PRECONDITION_FAILED, {0}},
    {STR_INIT("\"07-3\""), FAULT_PRECONDITION_FAILED, {0}},
    {STR_INIT("\"+7-3\""), FAULT_PRECONDITION_FAILED, {0}},
    {STR_INIT("\" 7-3\""), FAULT_PRECONDITION_FAILED, {0}},
    {STR_INIT("\"abc\""), FAULT_PRECONDITION_FAILED, {0}},
    {STR_INIT("\"9223372036854775808-0\""), FAULT_PRECONDITION_FAILED, {0}},
    {STR_INIT("\"7-3\", \"8-1\""), FAULT_NONE, {2, {7, 8}}},
    {STR_INIT("\"7-3\",\t , \"8-1\","), FAULT_NONE, {2, {7, 8}}},
    /* What can never match takes nothing from what can. */
    {STR_INIT("\"abc\", W/\"6-0\", \"7-3\", 8-1"), FAULT_NONE, {1, {7}}},
    {STR_INIT("W/\"7-3\", W/\"8-1\""), FAULT_PRECONDITION_FAILED, {0}},
    {STR_INIT("*, \"7-3\""), FAULT_NONE, {1, {7}}},
    {STR_INIT(","), FAULT_PRECONDITION_FAILED, {0}},
    /* One foreign tag, with commas. */
    {STR_INIT("\"a,7-3,b\""), FAULT_PRECONDITION_FAILED, {0}},
    {STR_INIT(SIXTEEN), FAULT_NONE, {16, {1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4}}},
    {STR_INIT(SIXTEEN "W/\"5-0\""), FAULT_INVALID, {0}},
};

static void reads_the_versions_that_are_demanded(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(demands); i++) {
        struct job *job = fixture_next_job(&fixture);
        struct expected_versions expected = {1, {-1}};
        job->request.if_match = demands[i].header;
        struct fault fault = etag_expected_versions(job, &expected);
        assert_int_equal(fault.name, demands[i].fault);
        assert_int_equal(violations_any(&job->violations), demands[i].fault == FAULT_INVALID);
        if (!fault_occurred(fault)) {
            assert_memory_equal(&expected, &demands[i].expected, sizeof expected);
        }
    }
}

static const struct {
    struct str header; /* If-None-Match */
    int status;
} reads[] = {
    {{NULL, 0}, 200},           {STR_INIT(""), 200},
    {STR_INIT("\"7-3\""), 304}, {STR_INIT("W/\"7-3\""), 304},
    {STR_INIT("*"), 304},       {STR_INIT("\"1-1\" , W/\"7-3\""), 304},
    {STR_INIT("\"7-4\""), 200}, {STR_INIT("\"7\""), 200},
    {STR_INIT("7-3"), 200},     {STR_INIT("\"17-3\", \"7-30\""), 200},
};

/* From the store, and as what is cached. */
static void answer_reads(bool is_managing) {
    for (size_t i = 0; i < COUNT_OF(reads); i++) {
        struct job *job = fixture_next_job(&fixture);
        struct product product;
        schema_clear(&product_managing_schema, &product);
        job->route = fixture_route("get_product");
        job->is_managing = is_managing;
        job->request.if_none_match = reads[i].header;
        assert_false(fault_occurred(reply_object_with_etag(job, &product, 7, 3)));
        answer_cache_fill(job);
        assert_int_equal(job->reply.status, reads[i].status);
        assert_string_equal(fixture_header(job, "etag"), "\"7-3\"");
        assert_int_equal(job->reply.body.size == 0, is_managing && reads[i].status == 304);
    }
}

static void answers_304_to_whoever_has_it(void **state) {
    (void)state;
    answer_reads(true);
    answer_reads(false);
}

static void answers_a_write_whole(void **state) {
    (void)state;
    struct job *job = fixture_next_job(&fixture);
    struct product product;
    schema_clear(&product_managing_schema, &product);
    job->route = fixture_route("update_product");
    job->request.if_none_match = STR("*");
    assert_false(fault_occurred(reply_object_with_etag(job, &product, 8, 0)));
    assert_int_equal(job->reply.status, 200);
    assert_true(job->reply.body.size > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_the_versions_that_are_demanded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answers_304_to_whoever_has_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answers_a_write_whole, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
