/* phr_decode_chunked: the same in pieces as at once, and where it takes a body, h2o's own agrees.
 */
#include "server/http/chunked.h"

#include <dlfcn.h>

#include "tests/fuzz/fuzz.h"

typedef ssize_t decoder_function(struct phr_chunked_decoder *decoder, char *bytes, size_t *size);

/* What became of a body: malformed, whole so far, or ended, and then where. */
struct outcome {
    enum { MALFORMED, GOES_ON, ENDED } kind;
    struct str data;
    size_t end;
};

static struct outcome decode(decoder_function *function, struct str input, size_t piece_size,
                             struct arena *arena) {
    struct phr_chunked_decoder decoder = {.consume_trailer = 1};
    char *data = arena_alloc(arena, input.size);
    struct outcome outcome = {.kind = GOES_ON, .data = {data, 0}};
    for (size_t at = 0; at < input.size && outcome.kind == GOES_ON; at += piece_size) {
        struct str piece = str_slice(input, at, piece_size);
        char *bytes = arena_alloc(arena, piece.size);
        memcpy(bytes, piece.data, piece.size);
        size_t size = piece.size;
        ssize_t left = function(&decoder, bytes, &size);
        CHECK(left >= -2 && size <= piece.size);
        if (left == -1) {
            return (struct outcome){.kind = MALFORMED};
        }
        memcpy(data + outcome.data.size, bytes, size);
        outcome.data.size += size;
        if (left >= 0) {
            CHECK((size_t)left <= piece.size - size);
            outcome.kind = ENDED;
            outcome.end = at + piece.size - (size_t)left;
            struct str rest = str_slice(input, outcome.end, (size_t)left);
            CHECK(str_equals((struct str){bytes + size, (size_t)left}, rest));
        }
    }
    return outcome;
}

static bool is_same(const struct outcome *left, const struct outcome *right) {
    return left->kind == right->kind && str_equals(left->data, right->data) &&
           left->end == right->end;
}

/* Where a body has ended, the last line was empty and no line feed stood alone in its framing. */
static void check_end(struct str input, const struct outcome *outcome) {
    struct str body = str_slice(input, 0, outcome->end);
    CHECK(str_ends_with(body, STR("\r\n\r\n")));
    CHECK(outcome->data.size < body.size);
}

void fuzz_one(struct str input, struct arena *arena) {
    static decoder_function *theirs;
    if (theirs == NULL) {
        union {
            void *found;
            decoder_function *function;
        } next = {.found = dlsym(RTLD_NEXT, "phr_decode_chunked")};
        CHECK(next.found != NULL && next.function != phr_decode_chunked);
        theirs = next.function;
    }
    size_t piece_size = 1 + fuzz_take_byte(&input) % 32;
    struct outcome whole = decode(phr_decode_chunked, input, SIZE_MAX / 2, arena);
    struct outcome pieces = decode(phr_decode_chunked, input, piece_size, arena);
    CHECK(is_same(&whole, &pieces));
    if (whole.kind == ENDED) {
        check_end(input, &whole);
        struct outcome other = decode(theirs, input, SIZE_MAX / 2, arena);
        CHECK(is_same(&whole, &other));
    }
}
