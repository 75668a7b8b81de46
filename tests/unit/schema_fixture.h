/*
 * schema_fixture: a struct with a member of every type of field, its schema, and what the tests of
 * the schema modules ask of it.
 */
#ifndef AIZY_TESTS_UNIT_SCHEMA_FIXTURE_H
#define AIZY_TESTS_UNIT_SCHEMA_FIXTURE_H

#include "server/api/schema.h"

enum colour { COLOUR_RED, COLOUR_GREEN };
static const char *const colour_names[] = {"red", "green", NULL};

struct part {
    struct str label;
    int64_t price;
};

struct thing {
    struct str name, secret, note, size, currency;
    int64_t count, at_ms, price;
    bool is_new;
    int colour; /* enum colour */
    struct str_list tags;
    struct str_pair_list attributes;
    struct part part;
    struct any_list parts;
    bool count_given, colour_given;
};

static const struct field part_fields[] = {
    {.name = "label",
     .type = FIELD_STR,
     .offset = offsetof(struct part, label),
     .is_required = true,
     .min = 2,
     .max = 5},
    {.name = "price", .type = FIELD_MONEY, .offset = offsetof(struct part, price)},
};
static const struct schema part_schema = SCHEMA("Part", struct part, part_fields);

#define THING(member) .name = #member, .offset = offsetof(struct thing, member)

static const struct field thing_fields[] = {
    {THING(name), .type = FIELD_STR, .is_nullable = true, .min = 1, .max = 5},
    {THING(secret), .type = FIELD_STR, .keeps_text = true, .omit_absent = true},
    {THING(note), .type = FIELD_STR, .is_multiline = true, .omit_absent = true},
    {THING(size), .type = FIELD_STR, .choices = colour_names, .omit_absent = true},
    {THING(currency), .type = FIELD_STR, .format = FORMAT_CURRENCY, .omit_absent = true},
    {THING(count), .type = FIELD_INT, .min = -3, .max = 7, .is_nullable = true,
     .given = GIVEN(struct thing, count_given)},
    {.name = "at", .offset = offsetof(struct thing, at_ms), .type = FIELD_TIME},
    {THING(price), .type = FIELD_MONEY, .omit_absent = true},
    {THING(is_new), .type = FIELD_BOOL},
    {THING(colour), .type = FIELD_CHOICE, .choices = colour_names,
     .given = GIVEN(struct thing, colour_given)},
    {THING(tags), .type = FIELD_STRS, .min = 1, .max = 3},
    {THING(attributes), .type = FIELD_PAIRS, .max = 2},
    {THING(part), .type = FIELD_OBJECT, .object = &part_schema},
    {THING(parts), .type = FIELD_OBJECTS, .object = &part_schema, .max = 3},
};
static const struct schema thing_schema = SCHEMA("Thing", struct thing, thing_fields);

/* Every violation as "field: message", one a line, in the arena. */
static inline struct str violations_text(const struct violations *violations) {
    struct str text = STR("");
    for (size_t i = 0; i < violations->count; i++) {
        const struct violation *violation = &violations->items[i];
        text =
            arena_printf(violations->arena, "%.*s%s%.*s: %.*s", STR_ARG(text), i == 0 ? "" : "\n",
                         STR_ARG(violation->field), STR_ARG(violation->message));
    }
    return text;
}

#endif
