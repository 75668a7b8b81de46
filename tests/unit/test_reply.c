#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/api/reply.h"
#include "tests/unit/job_fixture.h"

struct note {
    struct str text;
    int64_t number;
};

static const struct field note_fields[] = {
    {.name = "text", .type = FIELD_STR, .offset = offsetof(struct note, text)},
    {.name = "number",
     .type = FIELD_INT,
     .offset = offsetof(struct note, number),
     .omit_absent = true},
};
static const struct schema note_schema = SCHEMA("Note", struct note, note_fields);
static const struct schema managed_note_schema = {
    .name = "ManagedNote", .size = sizeof(struct note), .fields = note_fields, .field_count = 1};

static const struct route note_route = {
    .method = HTTP_GET,
    .id = "note",
    .status = 201,
    .reply = &note_schema,
    .managing_reply = &managed_note_schema,
    .is_public = true,
};
static const struct route list_route = {
    .method = HTTP_GET,
    .id = "notes",
    .status = 200,
    .reply = &note_schema,
    .reply_kind = REPLY_LIST,
    .is_public = true,
};

static const char *body_of(struct job *job) {
    return arena_c_string(&job->arena, buf_str(&job->reply.body));
}

static void answers_an_object_by_its_schema(void **state) {
    (void)state;
    struct job *job = &fixture.job;
    const struct note note = {STR_INIT("<b>\"\n\\"), 7};
    job->route = &note_route;
    assert_false(fault_occurred(reply_object(job, &note)));
    assert_int_equal(job->reply.status, 201);
    assert_string_equal(body_of(job), "{\"text\":\"\\u003cb\\u003e\\\"\\n\\\\\",\"number\":7}");
    assert_true(str_equals(job->reply.content_type, STR("application/json; charset=utf-8")));

    job = fixture_next_job(&fixture);
    job->route = &note_route;
    job->is_managing = true;
    assert_false(fault_occurred(reply_object(job, &note)));
    assert_string_equal(body_of(job), "{\"text\":\"\\u003cb\\u003e\\\"\\n\\\\\"}");
}

static void keeps_a_status_that_was_set(void **state) {
    (void)state;
    const struct note note = {STR_INIT(""), 0};
    fixture.job.route = &note_route;
    reply_status(&fixture.job, 503);
    assert_false(fault_occurred(reply_object(&fixture.job, &note)));
    assert_int_equal(fixture.job.reply.status, 503);
}

static void answers_lists(void **state) {
    (void)state;
    struct note notes[] = {{STR_INIT("a"), INT64_ABSENT}, {STR_INIT("b"), 2}};
    const struct any_list none = {NULL, 0};
    const struct any_list both = {notes, COUNT_OF(notes)};
    const struct {
        struct reply_page page;
        const char *body;
    } rows[] = {
        {{.items = &none, .total = INT64_ABSENT}, "{\"items\":[],\"next_cursor\":null}"},
        {{.items = &none, .total = 0, .total_is_exact = true},
         "{\"items\":[],\"next_cursor\":null,\"total\":0}"},
        {{.items = &both, .next_cursor = STR("c"), .total = 10000},
         "{\"items\":[{\"text\":\"a\"},{\"text\":\"b\",\"number\":2}],\"next_cursor\":\"c\","
         "\"total_at_least\":10000}"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct job *job = fixture_next_job(&fixture);
        job->route = &list_route;
        assert_false(fault_occurred(reply_list(job, &rows[i].page)));
        assert_int_equal(job->reply.status, 200);
        assert_string_equal(body_of(job), rows[i].body);
    }
}

static void refuses_an_answer_that_is_too_large(void **state) {
    (void)state;
    struct job *job = &fixture.job;
    const struct note note = {STR_INIT("longer than that"), 0};
    job->route = &note_route;
    buf_release(&job->reply.body);
    buf_init(&job->reply.body, 10);
    assert_int_equal(reply_object(job, &note).name, FAULT_ANSWER_TOO_LARGE);
}

static void answers_a_fault_with_its_row(void **state) {
    (void)state;
    for (int name = FAULT_NONE + 1; name < FAULT_COUNT; name++) {
        struct job *job = fixture_next_job(&fixture);
        const struct fault_row *row = fault_row((enum fault_name)name);
        memcpy(job->request_id, "r-1", sizeof("r-1"));
        reply_fault(job, (enum fault_name)name);
        assert_int_equal(job->reply.status, row->status);
        json_t *body = json_loads(body_of(job), JSON_REJECT_DUPLICATES, NULL);
        assert_int_equal(json_object_size(body), 3);
        assert_string_equal(json_string_value(json_object_get(body, "error")), row->sentence);
        assert_string_equal(json_string_value(json_object_get(body, "code")), row->code);
        assert_string_equal(json_string_value(json_object_get(body, "request_id")), "r-1");
        json_decref(body);
        assert_int_equal(fixture_header(job, "retry-after") != NULL, row->retryable);
        assert_int_equal(fixture_header(job, "www-authenticate") != NULL, row->status == 401);
    }
}

static void lists_the_fields_of_an_invalid_request(void **state) {
    (void)state;
    struct job *job = &fixture.job;
    violations_add(&job->violations, STR("variants[2].price"), "must be from %d to %d", 0, 9);
    violations_add(&job->violations, STR("a\"\x01<\xFF"), "is not known here");
    reply_fault(job, FAULT_INVALID);
    assert_non_null(strstr(body_of(job),
                           ",\"fields\":[{\"field\":\"variants[2].price\",\"message\":"
                           "\"must be from 0 to 9\"},{\"field\":"
                           "\"a\\\"\\u0001\\u003c\xEF\xBF\xBD\",\"message\":"
                           "\"is not known here\"}]}"));
    /* What was noted on the way to another fault is not this answer's. */
    reply_fault(job, FAULT_NOT_FOUND);
    assert_null(strstr(body_of(job), "fields"));
}

static void replaces_what_was_begun(void **state) {
    (void)state;
    struct job *job = &fixture.job;
    const struct note note = {STR_INIT("private"), 1};
    job->route = &note_route;
    reply_header(job, "location", STR("/x"));
    assert_false(fault_occurred(reply_object(job, &note)));
    reply_fault(job, FAULT_INTERNAL);
    assert_int_equal(job->reply.status, 500);
    assert_null(fixture_header(job, "location"));
    assert_null(strstr(body_of(job), "private"));
}

static void carries_the_headers_of_every_answer(void **state) {
    (void)state;
    struct job *job = &fixture.job;
    memcpy(job->request_id, "r-1", sizeof("r-1"));
    job->reply.status = 200;
    reply_finish(job);
    assert_string_equal(fixture_header(job, "x-request-id"), "r-1");
    assert_string_equal(fixture_header(job, "x-content-type-options"), "nosniff");
    assert_string_equal(fixture_header(job, "referrer-policy"), "no-referrer");
    assert_non_null(strstr(fixture_header(job, "content-security-policy"), "frame-ancestors"));
    assert_string_equal(fixture_header(job, "cache-control"), "no-store");
    assert_string_equal(fixture_header(job, "vary"), "Origin");
}

static void lets_only_public_successes_be_stored(void **state) {
    (void)state;
    static const struct {
        const struct route *route;
        int status;
        bool is_managing;
        bool is_stored;
    } rows[] = {
        {&list_route, 200, false, true},  {&list_route, 304, false, true},
        {&list_route, 200, true, false},  {&list_route, 404, false, false},
        {&list_route, 500, false, false}, {NULL, 200, false, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct job *job = fixture_next_job(&fixture);
        job->route = rows[i].route;
        job->is_managing = rows[i].is_managing;
        job->reply.status = rows[i].status;
        reply_finish(job);
        bool is_stored = strcmp(fixture_header(job, "cache-control"), "no-store") != 0;
        assert_int_equal(is_stored, rows[i].is_stored);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_an_object_by_its_schema, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_a_status_that_was_set, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answers_lists, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_an_answer_that_is_too_large, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answers_a_fault_with_its_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_the_fields_of_an_invalid_request, set_up, tear_down),
        cmocka_unit_test_setup_teardown(replaces_what_was_begun, set_up, tear_down),
        cmocka_unit_test_setup_teardown(carries_the_headers_of_every_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lets_only_public_successes_be_stored, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
