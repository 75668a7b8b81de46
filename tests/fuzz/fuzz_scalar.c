/* Texts that are one value: each reader on the same input. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/money.h"
#include "server/security/base64url.h"
#include "tests/fuzz/fuzz.h"

static void check_base64url(struct str input, struct arena *arena) {
    struct str bytes;
    if (base64url_decode(arena, input, &bytes)) {
        CHECK(str_equals(base64url_encode(arena, bytes), input));
    }
    CHECK(base64url_decode(arena, base64url_encode(arena, input), &bytes));
    CHECK(str_equals(bytes, input));
}

static void check_clock(struct str input) {
    int64_t time_ms = 0;
    int64_t again_ms = 0;
    char text[CLOCK_TEXT_MS_SIZE];
    if (!clock_parse(input, &time_ms)) {
        return;
    }
    clock_format_with_ms(time_ms, text);
    CHECK(clock_parse(str_of(text), &again_ms) && again_ms == time_ms);
    char seconds[CLOCK_TEXT_SIZE];
    clock_format(time_ms, seconds);
    CHECK(strncmp(text, seconds, CLOCK_TEXT_SIZE - 2) == 0);
}

static void check_int64(struct str input, struct arena *arena) {
    int64_t value = 0;
    bool is_taken = str_to_int64(input, &value);
    const char *text = arena_c_string(arena, input);
    char *end = NULL;
    errno = 0;
    long long expected = strtoll(text, &end, 10);
    bool begins_well = input.size > 0 && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
    bool is_number = begins_well && end == text + input.size && errno == 0;
    CHECK(is_taken == is_number && (!is_taken || value == expected));
}

static void check_money(struct str input, struct arena *arena) {
    for (int exponent = 0; exponent <= 4; exponent++) {
        int64_t minor = 0;
        int64_t again = 0;
        if (!money_parse(input, exponent, &minor)) {
            continue;
        }
        CHECK(minor >= 0 && fuzz_is_text(input));
        struct str digits = arena_printf(arena, "%0*lld", exponent + 1, (long long)minor);
        struct str whole = str_slice(digits, 0, digits.size - (size_t)exponent);
        struct str text =
            arena_printf(arena, "%.*s%s%s", STR_ARG(whole), exponent > 0 ? "." : "",
                         arena_c_string(arena, str_slice(digits, whole.size, SIZE_MAX)));
        CHECK(money_parse(text, exponent, &again) && again == minor);
    }
}

/* Whatever the bytes, their JSON string is one; of text without NUL nothing is lost. */
static void check_json_string(struct str input) {
    struct buf out;
    json_error_t error;
    buf_init(&out, 16 * input.size + 16);
    buf_append_json_string(&out, input);
    struct str text = buf_str(&out);
    CHECK(!buf_is_overflowed(&out) && fuzz_is_text(text));
    json_t *value = json_loadb(text.data, text.size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    CHECK(json_is_string(value));
    struct str again = {json_string_value(value), json_string_length(value)};
    CHECK(!str_is_utf8(input) || str_equals(again, input));
    json_decref(value);
    buf_release(&out);
}

/* Byte by byte, as the header says it. */
static void check_control(struct str input) {
    bool has_control = false;
    for (size_t i = 0; i < input.size; i++) {
        unsigned char byte = (unsigned char)input.data[i];
        has_control |= byte < 0x20 || byte == 0x7f;
    }
    CHECK(str_has_control(input) == has_control);
}

void fuzz_one(struct str input, struct arena *arena) {
    check_base64url(input, arena);
    check_clock(input);
    check_int64(input, arena);
    check_money(input, arena);
    check_json_string(input);
    check_control(input);
}
