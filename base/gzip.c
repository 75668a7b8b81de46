#include "base/gzip.h"

#include <limits.h>
#include <zlib.h>

/* zlib's way of asking for gzip's head and tail instead of its own. */
#define GZIP_WINDOW_BITS (MAX_WBITS + 16)
#define MEMORY_LEVEL 8

struct str gzip_pack(struct str bytes, struct arena *arena) {
    const struct str nothing = {NULL, 0};
    z_stream stream = {0};
    if (bytes.size < GZIP_MIN_BYTES || bytes.size > UINT_MAX) {
        return nothing;
    }
    CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW_BITS, MEMORY_LEVEL,
                       Z_DEFAULT_STRATEGY) == Z_OK &&
          "out of memory");
    char *packed = arena_alloc(arena, bytes.size);
    stream.next_in = (z_const Bytef *)bytes.data;
    stream.avail_in = (uInt)bytes.size;
    stream.next_out = (Bytef *)packed;
    stream.avail_out = (uInt)bytes.size;
    bool is_whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    size_t size = stream.total_out;
    (void)deflateEnd(&stream);
    return is_whole && !arena_is_exhausted(arena) ? (struct str){packed, size} : nothing;
}
