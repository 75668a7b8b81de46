#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/unit/schema_fixture.h"

static struct arena arena;
static struct violations violations;
static struct schema_decoding decoding;

static int set_up(void **state) {
    (void)state;
    arena_init(&arena, 1 << 26);
    violations_init(&violations, &arena);
    decoding = (struct schema_decoding){
        .arena = &arena, .violations = &violations, .default_currency = STR("USD")};
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_release(&arena);
    return 0;
}

static struct thing *decode(const char *json) {
    void *object = NULL;
    struct fault fault = schema_decode(&thing_schema, str_of(json), &decoding, &object);
    assert_string_equal(violations_text(&violations).data, "");
    assert_false(fault_occurred(fault));
    return object;
}

/* Forgets what was noted before, so that a table of cases can share an arena. */
static struct fault decode_anew(const struct schema *schema, struct str json) {
    void *object = NULL;
    violations_init(&violations, &arena);
    return schema_decode(schema, json, &decoding, &object);
}

#define assert_str_equal(text, literal) assert_true(str_equals((text), STR(literal)))

static void takes_every_type(void **state) {
    (void)state;
    const struct thing *thing =
        decode("{\"name\":\" \\u00fcb\\t\",\"secret\":\" a\\n "
               "\",\"note\":\"a\\r\\n\\tb\",\"size\":\"red\","
               "\"currency\":\"EUR\",\"count\":-3,\"at\":\"2026-02-06T08:51:00.5+01:00\","
               "\"price\":\"19.9\",\"is_new\":true,\"colour\":\"green\",\"tags\":[\"x\",\" y \"],"
               "\"attributes\":{\"b\":\"1\",\" a \":\"\"},\"part\":{\"label\":\"ab\",\"price\":5},"
               "\"parts\":[{\"label\":\"cd\"},{\"label\":\"ef\",\"price\":\"0\"}]}");
    int64_t at_ms = 0;
    assert_true(clock_parse(STR("2026-02-06T07:51:00.5Z"), &at_ms));
    assert_str_equal(thing->name, "\xC3\xBC"
                                  "b");
    assert_str_equal(thing->secret, " a\n ");
    assert_str_equal(thing->note, "a\r\n\tb");
    assert_str_equal(thing->size, "red");
    assert_int_equal(thing->count, -3);
    assert_true(thing->count_given);
    assert_int_equal(thing->at_ms, at_ms);
    assert_int_equal(thing->price, 1990);
    assert_str_equal(decoding.decimal_currency, "EUR");
    assert_true(thing->is_new);
    assert_int_equal(thing->colour, COLOUR_GREEN);
    assert_int_equal(thing->tags.count, 2);
    assert_str_equal(thing->tags.items[1], "y");
    assert_int_equal(thing->attributes.count, 2);
    assert_str_equal(thing->attributes.items[1].name, "a");
    assert_str_equal(thing->attributes.items[1].value, "");
    assert_str_equal(thing->part.label, "ab");
    assert_int_equal(thing->part.price, 5);
    const struct part *parts = thing->parts.items;
    assert_int_equal(thing->parts.count, 2);
    assert_int_equal(parts[0].price, INT64_ABSENT);
    assert_int_equal(parts[1].price, 0);
}

static void leaves_what_was_not_given_absent(void **state) {
    (void)state;
    const struct thing *thing = decode("{}");
    assert_true(str_is_absent(thing->name));
    assert_int_equal(thing->count, INT64_ABSENT);
    assert_int_equal(thing->at_ms, INT64_ABSENT);
    assert_int_equal(thing->price, INT64_ABSENT);
    assert_int_equal(thing->part.price, INT64_ABSENT);
    assert_int_equal(thing->tags.count, 0);
    assert_false(thing->count_given || thing->colour_given);
    assert_true(str_is_absent(decoding.decimal_currency));
    assert_false(schema_was_given(&thing_schema, thing, "colour"));
}

static void takes_null_as_absent_but_given(void **state) {
    (void)state;
    const struct thing *thing = decode("{\"name\":null,\"count\":null}");
    assert_true(str_is_absent(thing->name));
    assert_int_equal(thing->count, INT64_ABSENT);
    assert_true(thing->count_given);
}

static void takes_what_is_at_its_bounds(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "{\"name\":\"x\"}",
        "{\"name\":\"  \\u00fc\\u00fc\\u00fc\\u00fc\\ud83d\\ude00  \"}",
        "{\"count\":-3}",
        "{\"count\":7}",
        "{\"tags\":[\"a\"]}",
        "{\"tags\":[\"a\",\"b\",\"c\"]}",
        "{\"attributes\":{}}",
        "{\"attributes\":{\"a\":\"\",\"b\":\"\"}}",
        "{\"parts\":[]}",
        "{\"part\":{\"label\":\"ab\"}}",
        "{\"part\":{\"label\":\"abcde\",\"price\":1000000000000}}",
        "{\"secret\":\"\"}",
    };
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        assert_non_null(decode(bodies[i]));
    }
}

static const struct refusal {
    const char *json;
    const char *violations;
} refusals[] = {
    {"[]", ": must be an object"},
    {"1", ": must be an object"},
    {"null", ": must be an object"},
    {"\"x\"", ": must be an object"},
    {"{\"name\":1}", "name: must be a string"},
    {"{\"name\":[\"x\"]}", "name: must be a string"},
    {"{\"name\":\"\"}", "name: must not be empty"},
    {"{\"name\":\" \\t \"}", "name: must not be empty"},
    {"{\"name\":\"\\u00fc\\u00fc\\u00fc\\u00fc\\u00fcx\"}", "name: must have at most 5 characters"},
    {"{\"name\":\"a\\nb\"}", "name: must not contain control characters"},
    {"{\"name\":\"a\\u007fb\"}", "name: must not contain control characters"},
    {"{\"note\":\"a\\u0001b\"}", "note: must not contain control characters"},
    {"{\"note\":null}", "note: must not be null"},
    {"{\"size\":\"RED\"}", "size: must be one of: red, green"},
    {"{\"colour\":\"\"}", "colour: must be one of: red, green"},
    {"{\"colour\":0}", "colour: must be a string"},
    {"{\"count\":-4}", "count: must be from -3 to 7"},
    {"{\"count\":8}", "count: must be from -3 to 7"},
    {"{\"count\":9223372036854775807}", "count: must be from -3 to 7"},
    {"{\"count\":-9223372036854775808}", "count: must be from -3 to 7"},
    {"{\"count\":1.0}", "count: must be a whole number"},
    {"{\"count\":1e0}", "count: must be a whole number"},
    {"{\"count\":\"1\"}", "count: must be a whole number"},
    {"{\"count\":true}", "count: must be a whole number"},
    {"{\"at\":0}", "at: must be a time such as 2026-02-06T07:51:00Z"},
    {"{\"at\":\"2026-02-30T07:51:00Z\"}", "at: must be a time such as 2026-02-06T07:51:00Z"},
    {"{\"is_new\":1}", "is_new: must be true or false"},
    {"{\"is_new\":\"true\"}", "is_new: must be true or false"},
    {"{\"is_new\":null}", "is_new: must not be null"},
    {"{\"tags\":[]}", "tags: must have from 1 to 3 items"},
    {"{\"tags\":[\"a\",\"b\",\"c\",\"d\"]}", "tags: must have from 1 to 3 items"},
    {"{\"tags\":\"a\"}", "tags: must be a list of strings"},
    {"{\"tags\":[\"a\",2,\"\"]}", "tags[1]: must be a string\ntags[2]: must not be empty"},
    {"{\"attributes\":[]}", "attributes: must be an object of strings"},
    {"{\"attributes\":{\"a\":\"\",\"b\":\"\",\"c\":\"\"}}",
     "attributes: must have from 0 to 2 items"},
    {"{\"attributes\":{\"a\":1}}", "attributes.a: must be a string"},
    {"{\"attributes\":{\"\":\"x\"}}", "attributes.: must not be empty"},
    {"{\"attributes\":{\"a\":\"x\",\" a\":\"y\"}}", "attributes. a: is there twice"},
    {"{\"part\":[]}", "part: must be an object"},
    {"{\"part\":{}}", "part.label: is required"},
    {"{\"part\":{\"label\":\"a\"}}", "part.label: must have at least 2 characters"},
    {"{\"parts\":{}}", "parts: must be a list of objects"},
    {"{\"parts\":[1,{\"label\":\"ab\"},{\"label\":\"ab\",\"price\":-1}]}",
     "parts[0]: must be an object\nparts[2].price: must be from 0 to 1000000000000"},
    {"{\"parts\":[{\"label\":\"ab\",\"colour\":1}]}", "parts[0].colour: is not known here"},
    {"{\"Name\":\"x\",\"__proto__\":{}}", "Name: is not known here\n__proto__: is not known here"},
};

static void refuses_what_does_not_fit(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        struct fault fault = decode_anew(&thing_schema, str_of(refusals[i].json));
        assert_int_equal(fault.name, FAULT_INVALID);
        assert_string_equal(violations_text(&violations).data, refusals[i].violations);
    }
}

static void lists_every_violation_at_once(void **state) {
    (void)state;
    struct fault fault = decode_anew(
        &thing_schema, STR("{\"nope\":1,\"count\":9,\"name\":\"\",\"parts\":[{},{\"label\":7,"
                           "\"price\":1.5},{\"label\":\"ab\",\"price\":\"x\"}],\"is_new\":0}"));
    assert_int_equal(fault.name, FAULT_INVALID);
    assert_string_equal(
        violations_text(&violations).data,
        "name: must not be empty\n"
        "count: must be from -3 to 7\n"
        "is_new: must be true or false\n"
        "parts[0].label: is required\n"
        "parts[1].label: must be a string\n"
        "parts[1].price: must be a whole number of minor units (1999) or a decimal string "
        "(\"19.99\"), never a fractional number\n"
        "parts[2].price: must be a decimal string with at most 2 decimals for USD\n"
        "nope: is not known here");
}

/* The currency of the body's top reads all its amounts, however deep. */
static const struct {
    const char *json;
    const char *violations; /* "" when it is taken */
    int64_t price;
} amounts[] = {
    {"{\"price\":1999}", "", 1999},
    {"{\"price\":0}", "", 0},
    {"{\"price\":1000000000000}", "", 1000000000000},
    {"{\"price\":1000000000001}", "price: must be from 0 to 1000000000000", 0},
    {"{\"price\":\"10000000000.01\"}", "price: must be from 0 to 1000000000000", 0},
    {"{\"price\":\"19.99\"}", "", 1999},
    {"{\"price\":\"19.9\",\"currency\":\"KWD\"}", "", 19900},
    {"{\"price\":\"19\",\"currency\":\" JPY \"}", "", 19},
    {"{\"price\":\"19.0\",\"currency\":\"JPY\"}",
     "price: must be a decimal string with at most 0 decimals for JPY", 0},
    {"{\"price\":true}",
     "price: must be a whole number of minor units (1999) or a decimal string (\"19.99\")", 0},
    {"{\"price\":\"1\",\"currency\":\"XXX\"}",
     "currency: must be an ISO 4217 currency such as USD\n"
     "price: cannot be read without a valid currency",
     0},
    {"{\"price\":1,\"currency\":7}", "currency: must be a string", 0},
};

static void reads_amounts_by_the_currency(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(amounts); i++) {
        void *object = NULL;
        violations_init(&violations, &arena);
        struct fault fault =
            schema_decode(&thing_schema, str_of(amounts[i].json), &decoding, &object);
        assert_string_equal(violations_text(&violations).data, amounts[i].violations);
        assert_int_equal(fault_occurred(fault), amounts[i].violations[0] != '\0');
        if (!fault_occurred(fault)) {
            assert_int_equal(((const struct thing *)object)->price, amounts[i].price);
        }
    }
}

static void asks_for_what_the_schema_requires(void **state) {
    (void)state;
    static const char *const required[] = {"count", NULL};
    const struct schema strict = {.name = "Strict",
                                  .size = sizeof(struct thing),
                                  .fields = thing_fields,
                                  .field_count = COUNT_OF(thing_fields),
                                  .required = required};
    assert_int_equal(decode_anew(&strict, STR("{}")).name, FAULT_INVALID);
    assert_string_equal(violations_text(&violations).data, "count: is required");
    assert_int_equal(decode_anew(&strict, STR("{\"count\":null}")).name, FAULT_NONE);
}

static void asks_for_one_of_several(void **state) {
    (void)state;
    static const char *const any_of[] = {"price", "parts", NULL};
    const struct schema strict = {.name = "Strict",
                                  .size = sizeof(struct thing),
                                  .fields = thing_fields,
                                  .field_count = COUNT_OF(thing_fields),
                                  .any_of = any_of};
    assert_int_equal(decode_anew(&strict, STR("{\"name\":\"x\"}")).name, FAULT_INVALID);
    assert_string_equal(violations_text(&violations).data, "price: is required");
    assert_int_equal(decode_anew(&strict, STR("{\"price\":1}")).name, FAULT_NONE);
    assert_int_equal(decode_anew(&strict, STR("{\"parts\":[]}")).name, FAULT_NONE);
    assert_int_equal(decode_anew(&strict, STR("{\"parts\":[],\"price\":1}")).name, FAULT_NONE);
}

static void ignores_unknown_members_where_clients_exist(void **state) {
    (void)state;
    const struct schema open = {.name = "Open",
                                .size = sizeof(struct thing),
                                .fields = thing_fields,
                                .field_count = COUNT_OF(thing_fields),
                                .ignores_unknown = true};
    assert_int_equal(decode_anew(&open, STR("{\"nope\":{\"deep\":[1]}}")).name, FAULT_NONE);
    /* Of its own rows it is as strict as any. */
    assert_int_equal(decode_anew(&open, STR("{\"part\":{\"label\":\"ab\",\"x\":1}}")).name,
                     FAULT_INVALID);
}

static void keeps_a_bounded_number_of_violations(void **state) {
    (void)state;
    struct str json = STR("{");
    for (int i = 0; i < VIOLATIONS_MAX + 50; i++) {
        json = arena_printf(&arena, "%.*s%s\"x%d\":0", STR_ARG(json), i == 0 ? "" : ",", i);
    }
    json = arena_printf(&arena, "%.*s}", STR_ARG(json));
    assert_int_equal(decode_anew(&thing_schema, json).name, FAULT_INVALID);
    assert_int_equal(violations.count, VIOLATIONS_MAX);
    assert_int_equal(violations.dropped, 50);
}

static void decodes_a_list_with_the_path_of_each_item(void **state) {
    (void)state;
    struct any_list list;
    assert_false(fault_occurred(schema_decode_list(
        &part_schema, "parts", STR("{\"parts\":[{\"label\":\"ab\",\"price\":\"1\"}]}"), &decoding,
        &list)));
    assert_int_equal(list.count, 1);
    assert_int_equal(((const struct part *)list.items)[0].price, 100);
    assert_int_equal(
        schema_decode_list(&part_schema, "parts", STR("{\"parts\":[{},3]}"), &decoding, &list).name,
        FAULT_INVALID);
    assert_string_equal(violations_text(&violations).data,
                        "parts[0].label: is required\nparts[1]: must be an object");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(takes_every_type, set_up, tear_down),
        cmocka_unit_test_setup_teardown(leaves_what_was_not_given_absent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_null_as_absent_but_given, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_what_is_at_its_bounds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_does_not_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_every_violation_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_amounts_by_the_currency, set_up, tear_down),
        cmocka_unit_test_setup_teardown(asks_for_what_the_schema_requires, set_up, tear_down),
        cmocka_unit_test_setup_teardown(asks_for_one_of_several, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ignores_unknown_members_where_clients_exist, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(keeps_a_bounded_number_of_violations, set_up, tear_down),
        cmocka_unit_test_setup_teardown(decodes_a_list_with_the_path_of_each_item, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
