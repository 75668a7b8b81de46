/*
 * buf: a growing run of bytes with a declared maximum.
 *
 * Appending past the maximum appends nothing and marks the buf as overflowed, for good: writers
 * append without looking and check buf_is_overflowed once, at the end. What has been appended
 * before stays. The bytes always end with a NUL that is not counted. A buf owns its memory until
 * buf_release; one thread at a time uses it.
 */
#ifndef AIZY_BASE_BUF_H
#define AIZY_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/str.h"

struct buf {
    char *data; /* NULL until the first append */
    size_t size;
    size_t capacity;
    size_t max_bytes;
    bool overflowed;
};

void buf_init(struct buf *buf, size_t max_bytes);
void buf_release(struct buf *buf);

/* Empties it and forgets an overflow; keeps the memory. */
void buf_clear(struct buf *buf);

void buf_append(struct buf *buf, const void *data, size_t size);
void buf_append_str(struct buf *buf, struct str text);
void buf_append_byte(struct buf *buf, char byte);
void buf_append_int64(struct buf *buf, int64_t value);
PRINTF_LIKE(2, 3) void buf_printf(struct buf *buf, const char *format, ...);

/*
 * A JSON string with its quotes (RFC 8259): '"', '\' and everything below U+0020 escaped, and so
 * are '<', '>', '&', U+2028 and U+2029, so that an answer is harmless inside a page. Bytes that
 * are not UTF-8 become U+FFFD. An absent str gives null.
 */
void buf_append_json_string(struct buf *buf, struct str text);

/* Lower-case hexadecimal. */
void buf_append_hex(struct buf *buf, const unsigned char *data, size_t size);

/* Borrowed: until the next append, clear or release. Never absent. */
struct str buf_str(const struct buf *buf);

static inline bool buf_is_overflowed(const struct buf *buf) {
    return buf->overflowed;
}

#endif
