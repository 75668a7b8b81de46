#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "server/api/schema_json.h"

static const struct str accepted[] = {
    STR_INIT("{}"),
    STR_INIT(" [1, -0, 1.5e-3, true, null]\r\n\t"),
    STR_INIT("\"\\u00e9 \\ud83d\\ude00 \\\" \\\\ \\/\""),
    STR_INIT("9223372036854775807"),
    STR_INIT("-9223372036854775808"),
    STR_INIT("{\"a\":{\"b\":1},\"c\":{\"b\":1}}"),
    STR_INIT("\"[[[[{{{{\""),
};

static const struct str refused[] = {
    {NULL, 0},
    STR_INIT(""),
    STR_INIT("  "),
    STR_INIT("{"),
    STR_INIT("}"),
    STR_INIT("{\"a\":1"),
    STR_INIT("{\"a\":1,}"),
    STR_INIT("[1,]"),
    STR_INIT("{'a':1}"),
    STR_INIT("{a:1}"),
    STR_INIT("{\"a\":1}{}"),
    STR_INIT("{\"a\":1} x"),
    STR_INIT("{}\0"),
    STR_INIT("true\0"),
    STR_INIT("[1\0]"),
    STR_INIT("{\"a\":1,\"a\":2}"),
    STR_INIT("{\"a\":1,\"\\u0061\":2}"),
    STR_INIT("{\"a\":{\"b\":1,\"b\":1}}"),
    STR_INIT("\"\\u0000\""),
    STR_INIT("{\"a\\u0000b\":1}"),
    STR_INIT("\"a\0b\""),
    STR_INIT("\"\\ud800\""),
    STR_INIT("\"\\udc00\\ud800\""),
    STR_INIT("\"\\ud800x\""),
    STR_INIT("\"a\nb\""),
    STR_INIT("\"\x01\""),
    STR_INIT("\"\\x41\""),
    STR_INIT("\"\\"),
    STR_INIT("\"\\u12\""),
    STR_INIT("\"\xC3\""),
    STR_INIT("\"\xC0\xAF\""),
    STR_INIT("\"\xED\xA0\x80\""),
    STR_INIT("\"\xF4\x90\x80\x80\""),
    STR_INIT("\xEF\xBB\xBF{}"),
    STR_INIT("\xFF\xFE{\0}\0"),
    STR_INIT("NaN"),
    STR_INIT("Infinity"),
    STR_INIT("1e999"),
    STR_INIT("-1e999"),
    STR_INIT("9223372036854775808"),
    STR_INIT("-9223372036854775809"),
    STR_INIT("01"),
    STR_INIT("+1"),
    STR_INIT(".5"),
    STR_INIT("1."),
    STR_INIT("0x10"),
    STR_INIT("-"),
    STR_INIT("tru"),
    STR_INIT("// comment\n{}"),
    STR_INIT("/**/{}"),
};

static void takes_strict_json(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(accepted); i++) {
        json_t *json = schema_json_parse(accepted[i]);
        assert_non_null(json);
        json_decref(json);
    }
}

static void refuses_anything_else(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        json_t *json = schema_json_parse(refused[i]);
        if (json != NULL) {
            fail_msg("row %zu was taken", i);
        }
    }
}

static json_t *parse_nested(struct arena *arena, size_t depth, char open, char close) {
    char *text = arena_alloc(arena, 2 * depth + 1);
    memset(text, open, depth);
    memset(text + depth, close, depth);
    return schema_json_parse((struct str){text, 2 * depth});
}

static void bounds_the_depth(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 26);
    json_t *deepest = parse_nested(&arena, 64, '[', ']');
    assert_non_null(deepest);
    json_decref(deepest);
    assert_null(parse_nested(&arena, 65, '[', ']'));
    assert_null(parse_nested(&arena, 1000000, '[', ']'));
    assert_null(parse_nested(&arena, 1000000, '{', '}'));
    /* What is inside a string is no nesting; what comes after an escaped backslash is. */
    char text[140] = "\"\\\"";
    memset(text + 3, '[', 100);
    text[103] = '"';
    json_t *string = schema_json_parse((struct str){text, 104});
    assert_non_null(string);
    json_decref(string);
    memcpy(text, "[\"\\\\\",", 6);
    memset(text + 6, '[', 64);
    memset(text + 70, ']', 65);
    assert_null(schema_json_parse((struct str){text, 135}));
    json_t *shallow = schema_json_parse((struct str){"[\"\\\\\",[[]]]", 11});
    assert_non_null(shallow);
    json_decref(shallow);
    /* Closing what was never opened must not make room for more. */
    assert_null(parse_nested(&arena, 65, ']', '['));
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_strict_json),
        cmocka_unit_test(refuses_anything_else),
        cmocka_unit_test(bounds_the_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
