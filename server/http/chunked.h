/*
 * chunked: the decoder of Transfer-Encoding: chunked, in the place of h2o's.
 *
 * The one inside libh2o takes for a chunk's length whatever begins with a hex digit, bare line
 * feeds for line ends, and extensions and trailers without end: two programs that read one body may
 * then disagree about where it ends. h2o removes the framing while it reads, so nothing can be
 * checked afterwards. But it calls the decoder by a symbol that it exports, and the dynamic linker
 * gives it the program's definition first: this one, under its name and with its way of being
 * called.
 *
 * RFC 9112, 7.1: up to 8 hex digits, CRLF, and nothing else at the end of each line. Extensions
 * of up to 100 bytes and trailers of up to 4096 are passed over.
 */
#ifndef AIZY_SERVER_HTTP_CHUNKED_H
#define AIZY_SERVER_HTTP_CHUNKED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* As libh2o lays it out; zeroed, but for consume_trailer, before the first call. */
struct phr_chunked_decoder {
    size_t bytes_left_in_chunk;
    char consume_trailer;
    char hex_count;
    char state;
};

/*
 * Decodes in place; *size becomes that of the data. -1: it is malformed; -2: it is whole so far;
 * otherwise the body has ended, and so many bytes after it follow the data.
 */
ssize_t phr_decode_chunked(struct phr_chunked_decoder *decoder, char *bytes, size_t *size);

/* Whether libh2o really calls this decoder. */
bool chunked_is_in_use(void);

#endif
