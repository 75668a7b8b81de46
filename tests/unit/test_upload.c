#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/job_fixture.h"

#define PART(name, bytes) "--b\r\nContent-Disposition: form-data; " name "\r\n\r\n" bytes "\r\n"
#define FILE_PART(bytes) PART("name=\"file\"; filename=\"a\"", bytes)
#define FORM "multipart/form-data; boundary=b"

static const char *const raw_types[] = {"text/csv", "application/csv", NULL};
static const struct upload upload = {
    .field = "file", .files_max = 2, .file_max_bytes = 4, .raw_types = raw_types, .doc = "Files."};
static const struct route route = {.method = HTTP_POST, .id = "upload", .upload = &upload};

static struct job *job_with(const char *type, struct str body) {
    struct job *job = fixture_next_job(&fixture);
    job->route = &route;
    job->request.content_type = str_of(type);
    job->request.body = body;
    return job;
}

static void knows_what_it_takes(void **state) {
    (void)state;
    static const struct {
        const char *type;
        bool fits;
    } cases[] = {
        {FORM, true},
        {"text/csv", true},
        {"Text/CSV ; charset=utf-8", true},
        {"multipart/form-data", false},
        {"application/json", false},
        {"text/plain;text/csv", false},
        {NULL, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct job *job = job_with(cases[i].type, STR("x"));
        assert_int_equal(upload_type_fits(job), cases[i].fits);
    }
}

static void hands_out_files(void **state) {
    (void)state;
    struct job *job = job_with(FORM, STR(FILE_PART("1") FILE_PART("abcd") "--b--\r\n"));
    assert_false(fault_occurred(upload_decode(job)));
    assert_int_equal(job->files.count, 2);
    assert_true(str_equals(job->files.items[0].name, STR("a")));
    assert_true(str_equals(job->files.items[1].bytes, STR("abcd")));

    job = job_with("text/csv", STR("abcd"));
    assert_false(fault_occurred(upload_decode(job)));
    assert_int_equal(job->files.count, 1);
    assert_true(str_is_absent(job->files.items[0].name));
    assert_true(str_equals(job->files.items[0].bytes, STR("abcd")));
}

static void refuses(void **state) {
    (void)state;
    static const struct {
        const char *type;
        struct str body;
        enum fault_name fault;
        const char *field; /* NULL: no violation */
    } cases[] = {
        {FORM, STR_INIT(""), FAULT_INVALID, "body"},
        {FORM, STR_INIT("--b--"), FAULT_INVALID, "file"},
        {FORM, STR_INIT(FILE_PART("") "--b--"), FAULT_INVALID, "file[0]"},
        {FORM, STR_INIT(FILE_PART("1") FILE_PART("") "--b--"), FAULT_INVALID, "file[1]"},
        {FORM, STR_INIT(FILE_PART("1") FILE_PART("2") FILE_PART("3") "--b--"), FAULT_INVALID,
         "file"},
        {FORM, STR_INIT(PART("name=\"file\"", "1") "--b--"), FAULT_INVALID, "file[0]"},
        {FORM, STR_INIT(FILE_PART("1") PART("name=\"x\"", "1") "--b--"), FAULT_INVALID, "x"},
        {FORM, STR_INIT(FILE_PART("1") FILE_PART("12345") "--b--"), FAULT_FILE_TOO_LARGE, NULL},
        {"text/csv", STR_INIT(""), FAULT_INVALID, "body"},
        {"text/csv", STR_INIT("12345"), FAULT_FILE_TOO_LARGE, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct job *job = job_with(cases[i].type, cases[i].body);
        assert_int_equal(upload_decode(job).name, cases[i].fault);
        assert_int_equal(job->violations.count, cases[i].field == NULL ? 0 : 1);
        if (cases[i].field != NULL) {
            assert_true(str_equals(job->violations.items[0].field, str_of(cases[i].field)));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(knows_what_it_takes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hands_out_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
