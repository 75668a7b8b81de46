/*
 * violation: what is wrong with which field of an input.
 *
 * A check of input goes on after the first violation, so that its client sees all of them at once:
 * it notes each one here and returns FAULT_INVALID at the end. Texts are for people.
 */
#ifndef AIZY_BASE_VIOLATION_H
#define AIZY_BASE_VIOLATION_H

#include "base/arena.h"
#include "base/str.h"

/* Further ones are counted but not kept. */
#define VIOLATIONS_MAX 100

struct violation {
    struct str field; /* a path: "variants[2].price" */
    struct str message;
};

struct violations {
    struct arena *arena;
    struct violation *items;
    size_t count;
    size_t dropped;
};

/* Borrows the arena, in which everything noted lives. */
void violations_init(struct violations *violations, struct arena *arena);

/* Copies `field` and the message. */
PRINTF_LIKE(3, 4)
void violations_add(struct violations *violations, struct str field, const char *format, ...);

static inline bool violations_any(const struct violations *violations) {
    return violations->count > 0;
}

#endif
