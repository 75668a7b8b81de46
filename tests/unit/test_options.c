#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "server/cli/options.h"

static const char *const colours[] = {"red", "blue", NULL};

static const struct option_row rows[] = {
    {.name = "name", .kind = OPTION_TEXT, .placeholder = "NAME"},
    {.name = "colour", .kind = OPTION_TEXT, .placeholder = "COLOUR", .choices = colours},
    {.name = "json", .kind = OPTION_FLAG},
};

static struct options options;
static char problem[OPTIONS_PROBLEM_SIZE];

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static bool parse(const char *const *argv) {
    int argc = 0;
    while (argv[argc] != NULL) {
        argc++;
    }
    return options_parse(&options, rows, COUNT_OF(rows), argc, argv, problem);
}

static void reads_values_both_ways(void **state) {
    (void)state;
    assert_true(PARSE("--name", "one", "--colour=blue"));
    assert_string_equal(options_text(&options, "name"), "one");
    assert_string_equal(options_text(&options, "colour"), "blue");
    assert_false(options_flag(&options, "json"));
    assert_true(PARSE("--name=a=b", "--json"));
    assert_string_equal(options_text(&options, "name"), "a=b");
    assert_null(options_text(&options, "colour"));
    assert_true(options_flag(&options, "json"));
}

static void tells_arguments_from_options(void **state) {
    (void)state;
    assert_true(PARSE("file", "--json", "-"));
    assert_int_equal(options.argument_count, 2);
    assert_string_equal(options.arguments[0], "file");
    assert_string_equal(options.arguments[1], "-");
    assert_true(PARSE("--", "--json"));
    assert_false(options_flag(&options, "json"));
    assert_string_equal(options.arguments[0], "--json");
}

static void knows_help(void **state) {
    (void)state;
    assert_true(PARSE("--help"));
    assert_true(options.help_wanted);
    assert_true(PARSE("file", "-h"));
    assert_true(options.help_wanted);
}

static void refuses_with_a_sentence(void **state) {
    (void)state;
    static const struct {
        const char *arguments[4];
        const char *problem;
    } cases[] = {
        {{"--nmae", "x"}, "There is no option --nmae here."},
        {{"--nam", "x"}, "There is no option --nam here."},
        {{"--names=x"}, "There is no option --names here."},
        {{"-j"}, "There is no option -j here."},
        {{"--name"}, "--name needs a value."},
        {{"--name="}, "--name needs a value."},
        {{"--name", "--json"}, "--name needs a value."},
        {{"--json=yes"}, "--json takes no value."},
        {{"--json", "--json"}, "--json is given twice."},
        {{"--colour", "green"}, "--colour is one of: red, blue"},
        {{"--colour="}, "--colour is one of: red, blue"},
        {{"one", "two", "three"}, "These are too many arguments: three."},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(parse(cases[i].arguments));
        assert_string_equal(problem, cases[i].problem);
    }
}

static void bounds_what_it_repeats(void **state) {
    (void)state;
    char argument[2000];
    memset(argument, 'x', sizeof(argument));
    memcpy(argument, "--", 2);
    argument[sizeof(argument) - 1] = '\0';
    assert_false(PARSE(argument));
    assert_true(strlen(problem) < OPTIONS_PROBLEM_SIZE);
    argument[1] = 'x';
    assert_false(PARSE(argument));
    argument[0] = 'x';
    assert_false(PARSE("1", "2", argument));
    assert_true(strlen(problem) < OPTIONS_PROBLEM_SIZE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_values_both_ways),
        cmocka_unit_test(tells_arguments_from_options),
        cmocka_unit_test(knows_help),
        cmocka_unit_test(refuses_with_a_sentence),
        cmocka_unit_test(bounds_what_it_repeats),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
