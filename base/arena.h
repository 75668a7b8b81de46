/*
 * arena: memory that is freed all at once, when what it belongs to ends.
 *
 * Each job has one, each command of the CLI has one, and what is allocated from it lives exactly
 * as long. One thread at a time uses an arena; a job's arena moves from thread to thread together
 * with the job.
 *
 * Bounds. An arena has a limit in bytes. Allocation never returns NULL: past the limit it still
 * hands out memory, and the arena is *exhausted* from then on. Every single allocation is bounded
 * by its caller (a body, a column, a row), so only loops can run away: a loop that allocates per
 * row ends with ENSURE(!arena_is_exhausted(arena), FAULT_ANSWER_TOO_LARGE), and the frame checks
 * once more after every stage. When the system has no memory left, the process aborts.
 *
 * Debug builds (AIZY_DEBUG) make every allocation a malloc of its own, so that AddressSanitizer
 * sees overruns and uses after the end.
 */
#ifndef AIZY_BASE_ARENA_H
#define AIZY_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"
#include "base/str.h"

struct arena_block;

struct arena {
    struct arena_block *newest;
    size_t used_bytes;
    size_t limit_bytes;
};

void arena_init(struct arena *arena, size_t limit_bytes);

/*
 * The same, but the first allocations come out of `size` bytes of the caller's, aligned as malloc's
 * are, which outlive what is allocated. They are used until the first release.
 */
void arena_init_with(struct arena *arena, size_t limit_bytes, void *memory, size_t size);

/* Frees everything; the arena may be used again, as after arena_init with the same limit. */
void arena_release(struct arena *arena);

/* `size` bytes, zeroed, aligned for any type. size may be 0. */
__attribute__((returns_nonnull, malloc)) void *arena_alloc(struct arena *arena, size_t size);

/* `count` elements of `size` bytes, zeroed; CHECKs that the product does not overflow. */
__attribute__((returns_nonnull)) void *arena_alloc_array(struct arena *arena, size_t count,
                                                         size_t size);

/* A copy that ends with a NUL that is not counted. Absent stays absent. */
struct str arena_copy(struct arena *arena, struct str text);

/* The same as a C string; an absent str gives "". Bytes after a NUL inside are not seen. */
__attribute__((returns_nonnull)) const char *arena_c_string(struct arena *arena, struct str text);

/* As printf; ends with a NUL that is not counted. */
PRINTF_LIKE(2, 3) struct str arena_printf(struct arena *arena, const char *format, ...);

static inline bool arena_is_exhausted(const struct arena *arena) {
    return arena->used_bytes > arena->limit_bytes;
}

/* One zeroed object of a type. */
#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

#endif
