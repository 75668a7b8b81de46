#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/str.h"

static void gives_every_fault_its_row(void **state) {
    (void)state;
    static const char lower_case[] = "abcdefghijklmnopqrstuvwxyz_";
    for (int name = FAULT_NONE + 1; name < FAULT_COUNT; name++) {
        const struct fault_row *row = fault_row((enum fault_name)name);
        assert_true(row->status >= 400 && row->status < 600);
        assert_int_equal(strspn(row->code, lower_case), strlen(row->code));
        assert_true(str_ends_with(str_of(row->sentence), STR(".")));
    }
    assert_int_equal(fault_row(FAULT_NOT_FOUND)->status, 404);
    assert_string_equal(fault_row(FAULT_NOT_FOUND)->code, "not_found");
    assert_true(fault_row(FAULT_BUSY)->retryable);
}

/* A client tells faults apart by code and status; two rows may share them only in company. */
static void gives_a_code_one_status(void **state) {
    (void)state;
    for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++) {
        for (int j = i + 1; j < FAULT_COUNT; j++) {
            const struct fault_row *left = fault_row((enum fault_name)i);
            const struct fault_row *right = fault_row((enum fault_name)j);
            assert_false(strcmp(left->code, right->code) == 0 && left->status != right->status);
        }
    }
}

static MUST_USE struct fault leave_at(int step, int *reached) {
    *reached = 1;
    ENSURE(step != 1, FAULT_CONFLICT);
    *reached = 2;
    TRY(step == 2 ? fault_of(FAULT_BUSY) : fault_none());
    *reached = 3;
    return fault_none();
}

static void leaves_at_the_first_fault(void **state) {
    (void)state;
    int reached = 0;
    assert_true(fault_is(leave_at(1, &reached), FAULT_CONFLICT));
    assert_int_equal(reached, 1);
    assert_true(fault_is(leave_at(2, &reached), FAULT_BUSY));
    assert_int_equal(reached, 2);
    assert_false(fault_occurred(leave_at(3, &reached)));
    assert_int_equal(reached, 3);
}

static void fail_a_check(void) {
    CHECK(getpid() < 0);
}

static void ask_for_no_row(void) {
    (void)fault_row(FAULT_NONE);
}

static void overflow_an_array(void) {
    struct arena arena;
    volatile size_t half = SIZE_MAX / 2 + 1;
    arena_init(&arena, 1000);
    (void)arena_alloc_array(&arena, half, 2);
}

/* Runs it in a process of its own; returns the line it wrote before it died of SIGABRT. */
static void expect_abort(void (*function)(void), const char *line_part) {
    int ends[2];
    char line[1024] = {0};
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &no_core);
        (void)signal(SIGABRT, SIG_DFL);
        (void)dup2(ends[1], STDERR_FILENO);
        function();
        _exit(0);
    }
    (void)close(ends[1]);
    ssize_t size = read(ends[0], line, sizeof line - 1);
    (void)close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_true(size > 0 && line[size - 1] == '\n');
    assert_non_null(strstr(line, line_part));
}

static void aborts_at_errors_of_the_programmer(void **state) {
    (void)state;
    expect_abort(fail_a_check, "tests/unit/test_fault.c:");
    expect_abort(fail_a_check, "CHECK(getpid() < 0) failed");
    expect_abort(ask_for_no_row, "CHECK(");
    expect_abort(overflow_an_array, "CHECK(!overflows)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_every_fault_its_row),
        cmocka_unit_test(gives_a_code_one_status),
        cmocka_unit_test(leaves_at_the_first_fault),
        cmocka_unit_test(aborts_at_errors_of_the_programmer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
