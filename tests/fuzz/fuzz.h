/*
 * fuzz: what the targets of this folder share.
 *
 * A target is one file fuzz_<name>.c that defines fuzz_one. In the clang-fuzz build libFuzzer calls
 * it with whatever it thinks up; in every other build replay.c calls it with each file of
 * corpus/<name>, as a unit test. A property that does not hold is a failed CHECK.
 */
#ifndef AIZY_TESTS_FUZZ_FUZZ_H
#define AIZY_TESTS_FUZZ_FUZZ_H

#include "base/arena.h"
#include "base/str.h"

/* Everything allocated in the arena is gone when it returns. The input is never absent. */
void fuzz_one(struct str input, struct arena *arena);

/* driver.c: what libFuzzer and replay.c call. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); // NOLINT: libFuzzer's name

/* The first byte, to choose by; 0 when there is none. */
static inline unsigned fuzz_take_byte(struct str *input) {
    unsigned byte = input->size > 0 ? (unsigned char)input->data[0] : 0;
    *input = str_slice(*input, 1, SIZE_MAX);
    return byte;
}

/* Up to the next line end, which is taken too; empty when nothing is left. */
static inline struct str fuzz_take_line(struct str *input) {
    struct str line = STR("");
    (void)str_next(input, '\n', &line);
    return line;
}

static inline bool fuzz_is_text(struct str text) {
    return str_is_utf8(text) && str_find_byte(text, '\0') == text.size;
}

static inline bool fuzz_is_same(struct str left, struct str right) {
    return str_is_absent(left) == str_is_absent(right) && str_equals(left, right);
}

/* Every byte as %XX. */
static inline struct str fuzz_percent_encode(struct arena *arena, struct str text) {
    static const char digits[] = "0123456789abcdef";
    char *encoded = arena_alloc(arena, text.size * 3 + 1);
    for (size_t i = 0; i < text.size; i++) {
        unsigned byte = (unsigned char)text.data[i];
        encoded[i * 3] = '%';
        encoded[i * 3 + 1] = digits[byte >> 4];
        encoded[i * 3 + 2] = digits[byte & 15];
    }
    return (struct str){encoded, text.size * 3};
}

/* The same text with another byte at `at`, which is never the one that is there. */
static inline struct str fuzz_changed(struct arena *arena, struct str text, size_t at) {
    char *copy = arena_alloc(arena, text.size);
    memcpy(copy, text.data, text.size);
    copy[at] = copy[at] == 'A' ? 'B' : 'A';
    return (struct str){copy, text.size};
}

#endif
