#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/schema_fixture.h"

static struct buf out;

static int set_up(void **state) {
    (void)state;
    buf_init(&out, 1 << 20);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    buf_release(&out);
    return 0;
}

static struct thing nothing(void) {
    struct thing thing;
    schema_clear(&thing_schema, &thing);
    return thing;
}

/* What has no value is null, but for rows that leave it out; a bool, a choice and a list have one.
 */
static void writes_absent_members_by_their_rows(void **state) {
    (void)state;
    const struct thing thing = nothing();
    schema_encode(&thing_schema, &thing, &out);
    assert_string_equal(out.data, "{\"name\":null,\"count\":null,\"at\":null,\"is_new\":false,"
                                  "\"colour\":\"red\",\"tags\":[],\"attributes\":{},"
                                  "\"part\":{\"label\":null,\"price\":null},\"parts\":[]}");
}

static void writes_every_type(void **state) {
    (void)state;
    struct str tags[] = {STR_INIT("a\"b"), STR_INIT("")};
    struct str_pair attributes[] = {{STR_INIT("<k>"), STR_INIT("v\n")},
                                    {STR_INIT("k2"), {NULL, 0}}};
    struct part parts[] = {{STR_INIT("x"), INT64_MAX}, {STR_INIT("y"), INT64_MIN + 1}};
    struct thing thing = nothing();
    thing.name = STR("</script>\xE2\x80\xA8\xFF");
    thing.secret = STR("\x01\x7F");
    thing.note = STR("");
    thing.count = 0;
    thing.at_ms = 999;
    thing.price = 5;
    thing.is_new = true;
    thing.colour = COLOUR_GREEN;
    thing.tags = (struct str_list){tags, COUNT_OF(tags)};
    thing.attributes = (struct str_pair_list){attributes, COUNT_OF(attributes)};
    thing.part = parts[0];
    thing.parts = (struct any_list){parts, COUNT_OF(parts)};
    schema_encode(&thing_schema, &thing, &out);
    assert_string_equal(
        out.data,
        "{\"name\":\"\\u003c/script\\u003e\\u2028\xEF\xBF\xBD\",\"secret\":\"\\u0001\x7F\","
        "\"note\":\"\",\"count\":0,\"at\":\"1970-01-01T00:00:00Z\",\"price\":5,"
        "\"is_new\":true,\"colour\":\"green\",\"tags\":[\"a\\\"b\",\"\"],"
        "\"attributes\":{\"\\u003ck\\u003e\":\"v\\n\",\"k2\":null},"
        "\"part\":{\"label\":\"x\",\"price\":9223372036854775807},"
        "\"parts\":[{\"label\":\"x\",\"price\":9223372036854775807},"
        "{\"label\":\"y\",\"price\":-9223372036854775807}]}");
}

static void begins_with_a_member_when_the_first_is_left_out(void **state) {
    (void)state;
    static const struct field fields[] = {
        {.name = "label", .type = FIELD_STR, .offset = 0, .omit_absent = true},
        {.name = "price",
         .type = FIELD_MONEY,
         .offset = offsetof(struct part, price),
         .omit_absent = true},
    };
    static const struct schema schema = SCHEMA("Sparse", struct part, fields);
    const struct part part = {{NULL, 0}, 1};
    schema_encode(&schema, &part, &out);
    assert_string_equal(out.data, "{\"price\":1}");
    buf_clear(&out);
    const struct part empty = {{NULL, 0}, INT64_ABSENT};
    schema_encode(&schema, &empty, &out);
    assert_string_equal(out.data, "{}");
}

static void marks_an_answer_that_is_too_large(void **state) {
    (void)state;
    const struct thing thing = nothing();
    buf_release(&out);
    buf_init(&out, 20);
    schema_encode(&thing_schema, &thing, &out);
    assert_true(buf_is_overflowed(&out));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_absent_members_by_their_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_every_type, set_up, tear_down),
        cmocka_unit_test_setup_teardown(begins_with_a_member_when_the_first_is_left_out, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(marks_an_answer_that_is_too_large, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
