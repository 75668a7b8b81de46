/*
 * pace: whether bytes go on fast enough.
 *
 * A client starts with a grace, spends it as time passes, and earns it back, up to the whole of it,
 * with every byte, at the slowest rate that is allowed. When nothing is left it is too slow. So a
 * short halt is borne at any time, a drip is not.
 */
#ifndef AIZY_SERVER_HTTP_PACE_H
#define AIZY_SERVER_HTTP_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"

struct pace_limit {
    int64_t grace_us;
    int64_t bytes_per_second; /* 0: none is too slow */
};

struct pace {
    int64_t left_us;
    int64_t seen_us;
    uint64_t seen_bytes;
};

/* `bytes` counts up from anywhere; all times are on the monotonic clock. */
void pace_begin(struct pace *pace, const struct pace_limit *limit, uint64_t bytes, int64_t now_us);

/* False when it is too slow. */
MUST_USE bool pace_holds(struct pace *pace, const struct pace_limit *limit, uint64_t bytes,
                         int64_t now_us);

/* The time since the last look does not count: it was not the client who was waited for. */
void pace_pause(struct pace *pace, int64_t now_us);

/* How many bytes the client's machine has acknowledged since the connection began. */
uint64_t pace_acknowledged_bytes(int descriptor);

#endif
