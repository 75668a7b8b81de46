/* schema_decode_query: neither the order of the members nor how they are escaped matters. */
#include "server/api/products/product_schema.h"
#include "tests/fuzz/fuzz_schema.h"

/* Well below the limit, of which empty members count too. */
#define PAIRS_MAX 60

struct outcome {
    struct fault fault;
    struct str encoded; /* absent with a fault */
};

static struct outcome decode(const struct schema *schema, struct str query, struct arena *arena) {
    struct violations violations;
    violations_init(&violations, arena);
    struct schema_decoding decoding = {.arena = arena, .violations = &violations};
    void *object = NULL;
    struct outcome outcome = {.fault = schema_decode_query(schema, query, &decoding, &object)};
    CHECK(fault_occurred(outcome.fault) == violations_any(&violations));
    for (size_t i = 0; i < violations.count; i++) {
        CHECK(str_is_utf8(violations.items[i].field) && str_is_utf8(violations.items[i].message));
    }
    if (!fault_occurred(outcome.fault)) {
        fuzz_check_object(schema, object);
        outcome.encoded = fuzz_encode(schema, object, arena);
    }
    return outcome;
}

/* '=' where it splits, '+' and what is escaped stay. */
static struct str escaped(struct str pair, struct arena *arena) {
    struct str text = STR("");
    bool is_value = false;
    for (size_t i = 0; i < pair.size; i++) {
        struct str piece = str_slice(pair, i, 1);
        if (piece.data[0] == '%') {
            piece = str_slice(pair, i, 3);
            i += 2;
        } else if (piece.data[0] != '+' && (piece.data[0] != '=' || is_value)) {
            piece = fuzz_percent_encode(arena, piece);
        } else {
            is_value |= piece.data[0] == '=';
        }
        text = arena_printf(arena, "%.*s%.*s", STR_ARG(text), STR_ARG(piece));
    }
    return text;
}

void fuzz_one(struct str input, struct arena *arena) {
    static const struct schema *const schemas[] = {
        &product_list_query_schema, &product_get_query_schema, &product_delete_query_schema};
    const struct schema *schema = schemas[fuzz_take_byte(&input) % COUNT_OF(schemas)];
    struct outcome outcome = decode(schema, input, arena);

    struct str rest = input;
    struct str pair;
    struct str reversed = STR("");
    size_t count = 0;
    while (input.size < 4096 && str_next(&rest, '&', &pair)) {
        reversed =
            arena_printf(arena, "%.*s&%.*s", STR_ARG(escaped(pair, arena)), STR_ARG(reversed));
        count++;
    }
    if (count > 0 && count <= PAIRS_MAX) {
        struct outcome again = decode(schema, reversed, arena);
        CHECK(again.fault.name == outcome.fault.name);
        CHECK(fuzz_is_same(again.encoded, outcome.encoded));
    }
}
