#include "tests/fuzz/fuzz.h"

/* As a job's. */
#define FUZZ_ARENA_BYTES (64UL * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { // NOLINT: libFuzzer's name
    struct arena arena;
    arena_init(&arena, FUZZ_ARENA_BYTES);
    fuzz_one((struct str){size == 0 ? "" : (const char *)data, size}, &arena);
    arena_release(&arena);
    return 0;
}
