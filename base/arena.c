#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define ARENA_ALIGNMENT alignof(max_align_t)

/* A block with its header fits two pages; what would waste much of one gets a block of its own. */
#define ARENA_BLOCK_BYTES (8192 - sizeof(struct arena_block))
#define ARENA_SHARED_MAX_BYTES 1024

#ifdef AIZY_DEBUG
#define ARENA_SHARES_BLOCKS false
#else
#define ARENA_SHARES_BLOCKS true
#endif

struct arena_block {
    struct arena_block *older;
    size_t free_bytes; /* at the end of the block */
    size_t used_bytes;
    bool is_borrowed; /* the caller's of arena_init_with */
    alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *arena, size_t limit_bytes) {
    *arena = (struct arena){.limit_bytes = limit_bytes};
}

void arena_init_with(struct arena *arena, size_t limit_bytes, void *memory, size_t size) {
    arena_init(arena, limit_bytes);
    if (!ARENA_SHARES_BLOCKS || size <= sizeof *arena->newest) {
        return;
    }
    arena->newest = memory;
    *arena->newest =
        (struct arena_block){.free_bytes = size - sizeof *arena->newest, .is_borrowed = true};
}

void arena_release(struct arena *arena) {
    struct arena_block *block = arena->newest;
    while (block != NULL) {
        struct arena_block *older = block->older;
        if (!block->is_borrowed) {
            free(block);
        }
        block = older;
    }
    arena_init(arena, arena->limit_bytes);
}

static struct arena_block *check_block(struct arena_block *block, size_t size) {
    CHECK(block != NULL && "out of memory");
    block->older = NULL;
    block->free_bytes = size;
    block->used_bytes = 0;
    block->is_borrowed = false;
    return block;
}

/* Zeroed by the system where that is free of charge. */
static struct arena_block *make_own_block(size_t size) {
    return check_block(calloc(1, sizeof(struct arena_block) + size), size);
}

/* Not zeroed: much of it is never used. */
static struct arena_block *make_shared_block(void) {
    return check_block(malloc(sizeof(struct arena_block) + ARENA_BLOCK_BYTES), ARENA_BLOCK_BYTES);
}

static void *take(struct arena_block *block, size_t size) {
    void *start = block->bytes + block->used_bytes;
    block->used_bytes += size;
    block->free_bytes -= size;
    return start;
}

void *arena_alloc(struct arena *arena, size_t size) {
    CHECK(size <= PTRDIFF_MAX / 2);
    /* An empty allocation counts too, or a loop of them would never exhaust the arena. */
    size_t rounded =
        size == 0 ? ARENA_ALIGNMENT : (size + ARENA_ALIGNMENT - 1) & ~(ARENA_ALIGNMENT - 1);
    arena->used_bytes += rounded;
    if (!ARENA_SHARES_BLOCKS || rounded > ARENA_SHARED_MAX_BYTES) {
        /* The exact size, for AddressSanitizer; behind the newest, which may have room left. */
        struct arena_block *own = make_own_block(size);
        if (arena->newest == NULL) {
            arena->newest = own;
        } else {
            own->older = arena->newest->older;
            arena->newest->older = own;
        }
        return take(own, size);
    }
    if (arena->newest == NULL || arena->newest->free_bytes < rounded) {
        struct arena_block *block = make_shared_block();
        block->older = arena->newest;
        arena->newest = block;
    }
    return memset(take(arena->newest, rounded), 0, rounded);
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size) {
    size_t total = 0;
    bool overflows = __builtin_mul_overflow(count, size, &total);
    CHECK(!overflows);
    return arena_alloc(arena, total);
}

struct str arena_copy(struct arena *arena, struct str text) {
    if (str_is_absent(text)) {
        return text;
    }
    char *copy = arena_alloc(arena, text.size + 1);
    memcpy(copy, text.data, text.size);
    return (struct str){copy, text.size};
}

const char *arena_c_string(struct arena *arena, struct str text) {
    return str_is_absent(text) ? "" : arena_copy(arena, text).data;
}

struct str arena_printf(struct arena *arena, const char *format, ...) {
    va_list arguments;
    va_list again;
    CHECK(format != NULL);
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    CHECK(length >= 0);
    size_t size = (size_t)length;
    char *text = arena_alloc(arena, size + 1);
    (void)vsnprintf(text, size + 1, format, again);
    va_end(again);
    return (struct str){text, size};
}
