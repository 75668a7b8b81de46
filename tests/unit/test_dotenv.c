#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "server/config/dotenv.h"

static struct arena arena;
static struct dotenv dotenv;
static struct str problem;

static int set_up(void **state) {
    (void)state;
    arena_init(&arena, 1 << 20);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_release(&arena);
    return 0;
}

static void parse(const char *text) {
    dotenv_parse(&dotenv, &arena, str_of(text), &problem);
}

/* Parsed from a copy of its own size, so that AddressSanitizer sees a read past its end. */
static void parse_exactly(struct str text) {
    char *copy = arena_alloc(&arena, text.size);
    memcpy(copy, text.data, text.size);
    dotenv_parse(&dotenv, &arena, (struct str){copy, text.size}, &problem);
}

static void reads_values(void **state) {
    (void)state;
    static const struct {
        const char *line;
        const char *value;
    } lines[] = {
        {"A=", ""},
        {"A=b", "b"},
        {"A=b\n", "b"},
        {"A=b\r\n", "b"},
        {"  A = b c  ", "b c"},
        {"A=b # comment", "b"},
        {"A=b\t# comment", "b"},
        {"A=b#c", "b#c"},
        {"A=#b", "#b"},
        {"A= #b", ""},
        {"A=b=c", "b=c"},
        {"A='b # c'", "b # c"},
        {"A='b\\n\"$c'  # comment", "b\\n\"$c"},
        {"A='  '", "  "},
        {"A='one\ntwo'", "one\ntwo"},
        {"A=\"b\\n\\r\\t\\\"\\\\c\"", "b\n\r\t\"\\c"},
        {"A=\"one\ntwo\"\r\n", "one\ntwo"},
        {"A=\"$HOME ${B} `c`\"", "$HOME ${B} `c`"},
        {"A=b'c\"", "b'c\""},
        {"\xEF\xBB\xBF"
         "A=b",
         "b"},
        {"# comment\n\n \t\n   # another\nA=b", "b"},
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        parse_exactly(str_of(lines[i].line));
        const struct dotenv_entry *entry = dotenv_find(&dotenv, STR("A"));
        if (!str_is_absent(problem) || entry == NULL) {
            fail_msg("refused: %s", lines[i].line);
            continue;
        }
        if (!str_equals(entry->value, str_of(lines[i].value))) {
            fail_msg("read wrongly: %s", lines[i].line);
        }
        assert_false(str_is_absent(entry->value));
    }
}

static void remembers_lines_in_order(void **state) {
    (void)state;
    parse("A=1\n\nB_2=\"x\ny\"\nC=3");
    assert_true(str_is_absent(problem));
    assert_int_equal(dotenv.count, 3);
    assert_true(str_equals(dotenv.entries[1].name, STR("B_2")));
    assert_int_equal(dotenv.entries[1].line, 3);
    assert_int_equal(dotenv.entries[2].line, 5);
    assert_null(dotenv_find(&dotenv, STR("D")));
    parse("");
    assert_int_equal(dotenv.count, 0);
}

static void names_the_line_that_is_wrong(void **state) {
    (void)state;
#define NO_ASSIGNMENT "is not NAME=value with a name of A-Z, 0-9 and _."
    static const struct {
        const char *text;
        const char *sentence;
    } texts[] = {
        {"A=1\nhunter2", "Line 2 " NO_ASSIGNMENT},
        {"A", "Line 1 " NO_ASSIGNMENT},
        {"=b", "Line 1 " NO_ASSIGNMENT},
        {"a=b", "Line 1 " NO_ASSIGNMENT},
        {"export A=b", "Line 1 " NO_ASSIGNMENT},
        {"A-B=c", "Line 1 " NO_ASSIGNMENT},
        {"A b=c", "Line 1 " NO_ASSIGNMENT},
        {"A='b", "Line 1 opens a quote that is never closed."},
        {"A=1\nB=\"c\nd", "Line 2 opens a quote that is never closed."},
        {"A=\"b\\", "Line 1 has a backslash that is not one of \\n \\r \\t \\\" \\\\."},
        {"A=\"\\x\"", "Line 1 has a backslash that is not one of \\n \\r \\t \\\" \\\\."},
        {"A='b'c", "Line 1 goes on after the closing quote."},
        {"A=1\nB=2\nA=3", "Line 3 gives a name for the second time."},
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        parse_exactly(str_of(texts[i].text));
        if (!str_equals(problem, str_of(texts[i].sentence))) {
            fail_msg("said \"%.*s\" of: %s", STR_ARG(problem), texts[i].text);
        }
    }
}

static void keeps_a_bounded_number(void **state) {
    (void)state;
    struct str text = STR("");
    for (int i = 0; i < DOTENV_ENTRIES_MAX; i++) {
        text = arena_printf(&arena, "%.*sN%d=\n", STR_ARG(text), i);
    }
    parse(text.data);
    assert_true(str_is_absent(problem));
    assert_int_equal(dotenv.count, DOTENV_ENTRIES_MAX);
    parse(arena_printf(&arena, "%.*sMORE=1", STR_ARG(text)).data);
    assert_true(str_equals(problem, STR("Line 257 is one too many.")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(remembers_lines_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_the_line_that_is_wrong, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_a_bounded_number, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
