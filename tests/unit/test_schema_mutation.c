#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/api/products/product_schema.h"

/*
 * A property rather than cases: whatever becomes of a valid body, decoding it neither crashes nor
 * reads beyond it (which the build with sanitizers sees), says why it refuses, and what it takes
 * can be written again as JSON. The sequence is the same in every run.
 */
#define ITERATIONS 50000
#define BODY_MAX_BYTES 4096

static const char *const bodies[] = {
    "{\"name\":\"Shirt\",\"price\":1999}",
    "{\"name\":\"Hose \\u00fc\",\"price\":\"19.99\",\"currency\":\"EUR\",\"slug\":\"hose-1\","
    "\"description\":\"a\\nb\",\"brand\":null,\"category\":\"men\",\"status\":\"draft\","
    "\"tags\":[\"a\",\"b\"],\"attributes\":{\"Care\":\"Cold\"},"
    "\"seo\":{\"title\":\"t\",\"description\":null},\"stock\":3,\"track_stock\":true}",
    "{\"name\":\"x\",\"options\":[{\"name\":\"Size\",\"values\":[\"S\",\"M\"]}],\"variants\":["
    "{\"sku\":\"A-1\",\"options\":{\"Size\":\"S\"},\"price\":1,\"compare_at_price\":2,\"stock\":0},"
    "{\"id\":\"0123456789abcdef01234567\",\"options\":{\"Size\":\"M\"},\"price\":\"0.5\","
    "\"weight_grams\":10,\"barcode\":\"4006381333931\",\"allow_backorder\":false}],"
    "\"images\":[{\"url\":\"https://example.com/a.jpg\",\"alt\":\"A\"}]}",
};

/* What bends a grammar: pieces of it in the wrong places, edges of numbers, bytes of no text. */
static const char *const pieces[] = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u0000",
    "\\ud8",
    "\\ud800",
    "null",
    "true",
    "-",
    "1e999",
    "0.1",
    "\xFF",
    "\xC3",
    "\xED\xA0",
    "\x01",
    "\n",
    "[[[[[[",
    "{\"a\":",
    "\"name\":",
    "\"price\":",
    "\"1.\"",
    "\"-1\"",
    "\"\"",
    "\"id\":",
    "[]",
    "{}",
    "\"currency\":\"JPY\",",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
};

static uint64_t random_state = 0x9E3779B97F4A7C15;

/* xorshift64 */
static size_t random_below(size_t limit) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (size_t)(random_state % limit);
}

struct body {
    char bytes[BODY_MAX_BYTES];
    size_t size;
};

static void insert(struct body *body, size_t at, const char *bytes, size_t size) {
    if (size > BODY_MAX_BYTES - body->size) {
        return;
    }
    memmove(body->bytes + at + size, body->bytes + at, body->size - at);
    memcpy(body->bytes + at, bytes, size);
    body->size += size;
}

static void take_out(struct body *body, size_t at, size_t size) {
    memmove(body->bytes + at, body->bytes + at + size, body->size - at - size);
    body->size -= size;
}

static void mutate(struct body *body) {
    size_t at = random_below(body->size + 1);
    size_t rest = body->size - at;
    size_t length = rest == 0 ? 0 : random_below(rest < 40 ? rest + 1 : 40);
    const char *piece = pieces[random_below(COUNT_OF(pieces))];
    char copy[40];
    switch (random_below(6)) {
    case 0:
        insert(body, at, piece, strlen(piece));
        break;
    case 1:
        take_out(body, at, length);
        break;
    case 2:
        take_out(body, at, length);
        insert(body, at, piece, strlen(piece));
        break;
    case 3:
        memcpy(copy, body->bytes + at, length);
        insert(body, random_below(body->size + 1), copy, length);
        break;
    case 4:
        if (rest > 0) {
            body->bytes[at] = (char)random_below(256);
        }
        break;
    default:
        if (rest > 0) {
            body->bytes[at] = (char)(body->bytes[at] ^ (1 << random_below(7)));
        }
        break;
    }
}

static void check_taken(const void *edit, struct buf *out) {
    buf_clear(out);
    schema_encode(&product_create_schema, edit, out);
    assert_false(buf_is_overflowed(out));
    json_t *json = json_loadb(out->data, out->size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    json_decref(json);
    assert_true(((const struct product_edit *)edit)->name_given);
}

static void survives_mutations_of_valid_bodies(void **state) {
    (void)state;
    struct arena arena;
    struct buf out;
    size_t taken = 0;
    arena_init(&arena, 1 << 26);
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < ITERATIONS; i++) {
        const char *original = bodies[i % COUNT_OF(bodies)];
        struct violations violations;
        struct body body = {.size = strlen(original)};
        void *edit = NULL;
        memcpy(body.bytes, original, body.size);
        for (size_t times = 1 + random_below(4); times > 0; times--) {
            mutate(&body);
        }
        violations_init(&violations, &arena);
        struct schema_decoding decoding = {
            .arena = &arena, .violations = &violations, .default_currency = STR("USD")};
        /* A copy of the exact size, so that a byte beyond it is an overrun. */
        char *bytes = arena_alloc(&arena, body.size);
        memcpy(bytes, body.bytes, body.size);
        struct fault fault =
            schema_decode(&product_create_schema, (struct str){bytes, body.size}, &decoding, &edit);
        if (!fault_occurred(fault)) {
            taken++;
            check_taken(edit, &out);
        } else {
            assert_true(fault_is(fault, FAULT_MALFORMED_JSON) || fault_is(fault, FAULT_INVALID));
            assert_int_equal(fault_is(fault, FAULT_INVALID), violations_any(&violations));
        }
        arena_release(&arena);
    }
    buf_release(&out);
    /* Both ways are walked often, or the mutations would prove nothing. */
    assert_in_range(taken, ITERATIONS / 50, ITERATIONS / 2);
}

static void takes_the_bodies_themselves(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 26);
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        struct violations violations;
        void *edit = NULL;
        violations_init(&violations, &arena);
        struct schema_decoding decoding = {
            .arena = &arena, .violations = &violations, .default_currency = STR("USD")};
        assert_false(fault_occurred(
            schema_decode(&product_create_schema, str_of(bodies[i]), &decoding, &edit)));
    }
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_bodies_themselves),
        cmocka_unit_test(survives_mutations_of_valid_bodies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
