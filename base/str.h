/*
 * str: a borrowed, immutable run of bytes.
 *
 * A `struct str` owns nothing: whoever hands one out says how long its bytes live (a literal: for
 * ever; from a job's arena: as long as the job). It need not end with NUL and may contain it. A
 * str whose `data` is NULL is absent, which is not the same as empty: JSON null and a column that
 * is NULL read as absent.
 */
#ifndef AIZY_BASE_STR_H
#define AIZY_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/check.h"

struct str {
    const char *data;
    size_t size;
};

struct str_list {
    struct str *items;
    size_t count;
};

/* A member of a small map of strings, kept in order. */
struct str_pair {
    struct str name;
    struct str value;
};

struct str_pair_list {
    struct str_pair *items;
    size_t count;
};

/* The absent value of an integer, an amount of money or a time, as NULL is of a str. */
#define INT64_ABSENT INT64_MIN

/* A str over a string literal; the second form serves static initialisers. */
#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
#define STR_INIT(literal) \
    { (literal), sizeof(literal) - 1 }

/* For printf: printf("%.*s", STR_ARG(name)). */
#define STR_ARG(text) (int)(text).size, (text).data

static inline struct str str_of(const char *text) {
    return (struct str){text, text == NULL ? 0 : strlen(text)};
}

static inline bool str_is_absent(struct str text) {
    return text.data == NULL;
}

static inline bool str_is_empty(struct str text) {
    return text.size == 0;
}

static inline bool str_equals(struct str left, struct str right) {
    return left.size == right.size &&
           (left.size == 0 || memcmp(left.data, right.data, left.size) == 0);
}

/* ASCII only, as HTTP's tokens are compared. */
bool str_equals_ignoring_case(struct str left, struct str right);

/* FNV-1a, 64 bits: for tables of ours with bounded lists, not against anybody who searches for
 * collisions. */
uint64_t str_hash(struct str text);

bool str_starts_with(struct str text, struct str prefix);
bool str_ends_with(struct str text, struct str suffix);

/* Without leading and trailing spaces and tabs. */
struct str str_trim(struct str text);

/* From `start` on, at most `size` bytes; both may reach beyond the end. */
struct str str_slice(struct str text, size_t start, size_t size);

/* The index of the first `byte`, or text.size. */
size_t str_find_byte(struct str text, char byte);

/*
 * Takes the next piece before `separator` off *rest. Returns false when nothing is left, so
 * "a,,b" gives "a", "", "b" and "" gives nothing.
 */
bool str_next(struct str *rest, char separator, struct str *piece);

/* Strict decimal: an optional '-', digits and nothing else. False when it is not, or overflows. */
MUST_USE bool str_to_int64(struct str text, int64_t *value);

/* Well-formed UTF-8 (RFC 3629: no surrogates, nothing overlong, nothing above U+10FFFF). */
bool str_is_utf8(struct str text);

/* The number of code points of well-formed UTF-8. */
size_t str_utf8_length(struct str text);

/* Whether it has a control character (below U+0020, or U+007F); lines of headers must not. */
bool str_has_control(struct str text);

/* Time depends on the sizes alone, never on the bytes: for secrets. */
bool str_equals_in_constant_time(struct str left, struct str right);

#endif
