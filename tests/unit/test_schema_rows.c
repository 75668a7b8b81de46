#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/api/schema.h"

struct item {
    struct str text;
    int64_t number;
    bool flag;
};

static const char *const choices[] = {"a", "b", NULL};

/* In a process of its own, silently: a CHECK aborts. */
static bool is_refused(const struct schema *schema) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int silence = open("/dev/null", O_WRONLY);
        (void)dup2(silence, STDERR_FILENO);
        (void)signal(SIGABRT, SIG_DFL);
        schema_check(schema);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#define ROW(...)                                                                  \
    {                                                                             \
        .name = "text", .type = FIELD_STR, .offset = offsetof(struct item, text), \
        .doc = "A text.", __VA_ARGS__                                             \
    }

static const struct field good[] = {
    ROW(.max = 5),
    {.name = "number",
     .type = FIELD_INT,
     .offset = offsetof(struct item, number),
     .given = GIVEN(struct item, flag),
     .doc = "A number."},
};
static const struct schema good_schema = SCHEMA("Good", struct item, good);

/* Each is a good row but for one thing. */
static const struct field bad[] = {
    {.name = NULL, .type = FIELD_STR, .doc = "No name."},
    {.name = "text", .type = FIELD_STR},
    {.name = "text", .doc = "No type."},
    {.name = "text", .type = FIELD_CHOICE, .doc = "No choices."},
    {.name = "text", .type = FIELD_OBJECT, .doc = "No object."},
    {.name = "text", .type = FIELD_OBJECTS, .doc = "No object."},
    {.name = "text", .type = FIELD_INT, .choices = choices, .doc = "Choices of a number."},
    {.name = "text", .type = FIELD_INT, .format = FORMAT_EMAIL, .doc = "A format of a number."},
    {.name = "text", .type = FIELD_STR, .object = &good_schema, .doc = "An object of a text."},
    {.name = "text", .type = FIELD_STR, .min = 6, .max = 5, .doc = "Bounds the wrong way round."},
    {.name = "text", .type = FIELD_STR, .offset = sizeof(struct item) - 8, .doc = "Half outside."},
    {.name = "text", .type = FIELD_OBJECT, .offset = 8, .object = &good_schema, .doc = "Outside."},
    {.name = "text", .type = FIELD_STR, .given = sizeof(struct item) + 1, .doc = "Given outside."},
};

static void takes_good_rows(void **state) {
    (void)state;
    assert_false(is_refused(&good_schema));
}

static void refuses_each_bad_row(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        const struct schema schema = {
            .name = "Bad", .size = sizeof(struct item), .fields = &bad[i], .field_count = 1};
        if (!is_refused(&schema)) {
            fail_msg("row %zu was taken", i);
        }
        const struct field outer_field = {
            .name = "inner", .type = FIELD_OBJECT, .object = &schema, .doc = "With a bad one."};
        const struct schema outer = {
            .name = "Outer", .size = sizeof(struct item), .fields = &outer_field, .field_count = 1};
        assert_true(is_refused(&outer));
    }
}

static void refuses_names_that_are_there_twice_or_not_at_all(void **state) {
    (void)state;
    static const struct field twins[] = {ROW(.max = 5), ROW(.max = 6)};
    static const struct schema twin_schema = SCHEMA("Twins", struct item, twins);
    assert_true(is_refused(&twin_schema));

    static const char *const unknown[] = {"nope", NULL};
    struct schema schema = good_schema;
    schema.required = unknown;
    assert_true(is_refused(&schema));
    schema = good_schema;
    schema.any_of = unknown;
    assert_true(is_refused(&schema));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_good_rows),
        cmocka_unit_test(refuses_each_bad_row),
        cmocka_unit_test(refuses_names_that_are_there_twice_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
