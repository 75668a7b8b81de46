/*
 * gzip: bytes compressed once, to be sent many times (RFC 1952).
 */
#ifndef AIZY_BASE_GZIP_H
#define AIZY_BASE_GZIP_H

#include "base/arena.h"
#include "base/str.h"

/* Below this a head of its own and the work at both ends cost more than is saved. */
#define GZIP_MIN_BYTES 1024

/*
 * In the arena; the same bytes give the same. Absent when there are fewer than GZIP_MIN_BYTES, when
 * it would not be smaller, or when the arena is exhausted. Takes about 25 us per KiB: nothing for a
 * loop thread.
 */
struct str gzip_pack(struct str bytes, struct arena *arena);

#endif
