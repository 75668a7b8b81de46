#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/api/products/product_schema.h"
#include "tests/unit/schema_fixture.h"

struct filter {
    struct str text, kind;
    int64_t number, since_ms;
    bool flag;
    int colour;
    bool colour_given;
};

#define FILTER(member) .name = #member, .offset = offsetof(struct filter, member)

static const struct field filter_fields[] = {
    {FILTER(text), .type = FIELD_STR, .min = 1, .max = 5},
    {FILTER(kind), .type = FIELD_STR, .choices = colour_names},
    {FILTER(number), .type = FIELD_INT, .min = -5, .max = 5},
    {.name = "since", .offset = offsetof(struct filter, since_ms), .type = FIELD_TIME},
    {FILTER(flag), .type = FIELD_BOOL},
    {FILTER(colour), .type = FIELD_CHOICE, .choices = colour_names,
     .given = GIVEN(struct filter, colour_given)},
};
static const struct schema filter_schema = SCHEMA("Filter", struct filter, filter_fields);

static struct arena arena;
static struct violations violations;
static struct schema_decoding decoding;

static int set_up(void **state) {
    (void)state;
    arena_init(&arena, 1 << 26);
    violations_init(&violations, &arena);
    decoding = (struct schema_decoding){.arena = &arena, .violations = &violations};
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_release(&arena);
    return 0;
}

static const struct filter *decode(struct str query) {
    void *object = NULL;
    struct fault fault = schema_decode_query(&filter_schema, query, &decoding, &object);
    assert_string_equal(violations_text(&violations).data, "");
    assert_false(fault_occurred(fault));
    return object;
}

static void takes_every_type(void **state) {
    (void)state;
    const struct filter *filter =
        decode(STR("text=a+%2b%C3%BC&&number=-5&since=1970-01-01T00:00:01Z&flag=true&colour=green&"
                   "kind=red&"));
    assert_true(str_equals(filter->text, STR("a +\xC3\xBC")));
    assert_true(str_equals(filter->kind, STR("red")));
    assert_int_equal(filter->number, -5);
    assert_int_equal(filter->since_ms, 1000);
    assert_true(filter->flag);
    assert_int_equal(filter->colour, COLOUR_GREEN);
    assert_true(filter->colour_given);
}

static void reads_no_query_as_nothing_given(void **state) {
    (void)state;
    static const struct str empty[] = {{NULL, 0}, STR_INIT(""), STR_INIT("&"), STR_INIT("&&&")};
    for (size_t i = 0; i < COUNT_OF(empty); i++) {
        const struct filter *filter = decode(empty[i]);
        assert_true(str_is_absent(filter->text));
        assert_int_equal(filter->number, INT64_ABSENT);
        assert_int_equal(filter->since_ms, INT64_ABSENT);
        assert_false(filter->flag || filter->colour_given);
    }
}

static const struct {
    struct str query;
    const char *violations;
} refusals[] = {
    {STR_INIT("nope=1"), "nope: is not known here"},
    {STR_INIT("TEXT=a"), "TEXT: is not known here"},
    {STR_INIT("=a"), ": is not known here"},
    {STR_INIT("text"), "text: must not be empty"},
    {STR_INIT("text="), "text: must not be empty"},
    {STR_INIT("text=+"), "text: must not be empty"},
    {STR_INIT("text=abcdef"), "text: must have at most 5 characters"},
    {STR_INIT("text=a%0Ab"), "text: must not contain control characters"},
    {STR_INIT("text=a=b&text=c"), "text: must be given once"},
    {STR_INIT("text=a&te%78t=c"), "text: must be given once"},
    {STR_INIT("number="), "number: must be a whole number"},
    {STR_INIT("number=+1"), "number: must be a whole number"},
    {STR_INIT("number=1.0"), "number: must be a whole number"},
    {STR_INIT("number=0x1"), "number: must be a whole number"},
    {STR_INIT("number=1e3"), "number: must be a whole number"},
    {STR_INIT("number=%D9%A1"), "number: must be a whole number"},
    {STR_INIT("number=99999999999999999999"), "number: must be a whole number"},
    {STR_INIT("number=-9223372036854775808"), "number: must be from -5 to 5"},
    {STR_INIT("number=6"), "number: must be from -5 to 5"},
    {STR_INIT("flag"), "flag: must be true or false"},
    {STR_INIT("flag=1"), "flag: must be true or false"},
    {STR_INIT("flag=TRUE"), "flag: must be true or false"},
    {STR_INIT("since=yesterday"), "since: must be a time such as 2026-02-06T07:51:00Z"},
    {STR_INIT("colour=blue"), "colour: must be one of: red, green"},
    {STR_INIT("kind="), "kind: must be one of: red, green"},
    {STR_INIT("text=%"), "query: is not valid percent-encoded UTF-8"},
    {STR_INIT("text=%4"), "query: is not valid percent-encoded UTF-8"},
    {STR_INIT("text=%zz"), "query: is not valid percent-encoded UTF-8"},
    {STR_INIT("text=%00"), "query: is not valid percent-encoded UTF-8"},
    {STR_INIT("text=a\0b"), "query: is not valid percent-encoded UTF-8"},
    {STR_INIT("text=%C3"), "query: is not valid percent-encoded UTF-8"},
    {STR_INIT("te%FFxt=a"), "query: is not valid percent-encoded UTF-8"},
    {STR_INIT("number=9&nope=1&flag=maybe"),
     "number: must be from -5 to 5\nnope: is not known here\nflag: must be true or false"},
};

static void refuses_what_does_not_fit(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        void *object = NULL;
        violations_init(&violations, &arena);
        struct fault fault =
            schema_decode_query(&filter_schema, refusals[i].query, &decoding, &object);
        assert_int_equal(fault.name, FAULT_INVALID);
        assert_string_equal(violations_text(&violations).data, refusals[i].violations);
    }
}

static void reads_a_bounded_number_of_members(void **state) {
    (void)state;
    void *object = NULL;
    char *query = arena_alloc(&arena, 400000);
    memset(query, '&', 400000);
    for (size_t i = 0; i < 400000; i += 2) {
        query[i] = 'a';
    }
    size_t before = arena.used_bytes;
    struct fault fault =
        schema_decode_query(&filter_schema, (struct str){query, 400000}, &decoding, &object);
    assert_int_equal(fault.name, FAULT_INVALID);
    assert_int_equal(violations.count, 65);
    assert_string_equal(violations.items[64].message.data, "has more than 64 members");
    assert_true(arena.used_bytes - before < 32 * 1024);
}

static void asks_for_what_the_schema_requires(void **state) {
    (void)state;
    static const char *const required[] = {"text", NULL};
    const struct schema strict = {.name = "Strict",
                                  .size = sizeof(struct filter),
                                  .fields = filter_fields,
                                  .field_count = COUNT_OF(filter_fields),
                                  .required = required};
    void *object = NULL;
    assert_int_equal(schema_decode_query(&strict, STR("flag=true"), &decoding, &object).name,
                     FAULT_INVALID);
    assert_string_equal(violations_text(&violations).data, "text: is required");
}

static void knows_which_schemas_a_query_can_have(void **state) {
    (void)state;
    assert_true(schema_is_for_queries(&filter_schema));
    assert_true(schema_is_for_queries(&product_list_query_schema));
    assert_false(schema_is_for_queries(&thing_schema));
    assert_true(schema_has_given(&filter_schema, "colour"));
    assert_false(schema_has_given(&filter_schema, "text"));
    assert_false(schema_has_given(&filter_schema, "nope"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(takes_every_type, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_no_query_as_nothing_given, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_does_not_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_a_bounded_number_of_members, set_up, tear_down),
        cmocka_unit_test_setup_teardown(asks_for_what_the_schema_requires, set_up, tear_down),
        cmocka_unit_test_setup_teardown(knows_which_schemas_a_query_can_have, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
