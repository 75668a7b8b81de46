/*
 * debug: routes that exist only in builds with AIZY_DEBUG, for tests of the frame.
 *
 * They answer 404 unless AIZY_ENV is test, and are not in the document.
 */
#ifndef AIZY_SERVER_API_DEBUG_DEBUG_H
#define AIZY_SERVER_API_DEBUG_DEBUG_H

#include "server/api/job.h"
#include "server/api/schema.h"

extern const struct schema debug_stream_query_schema;

/*
 * Streams `bytes` bytes, line after line of DEBUG_STREAM_LINE, in the hash pool; `sized`: with
 * Content-Length; `break_at`: fails when that many have been produced.
 */
#define DEBUG_STREAM_LINE "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.\n"
struct fault debug_stream(struct job *job);

#endif
