/*
 * breaker: whether a store may be asked, for all the workers of its pool.
 *
 * Closed: it is asked. Open: whatever needs it is refused at once, on the loop thread where
 * possible, and only the store's watcher (server/work/readiness.h) goes on asking, on a connection
 * of its own.
 *
 *  - A call that got no answer in its time opens it at once, unless another call that was begun
 *    later has been answered since: then it was the call, not the store.
 *  - A connection that fails or breaks fails fast and may be that connection's alone, so it only
 *    has the watcher look at once instead of at the next full second.
 *  - What the watcher finds opens and closes it.
 *
 * So a hanging store costs each worker one time-out at most, a false alarm lasts as long as one
 * ping, and a store that is back is used again within BREAKER_RETRY_MS of its first answer. Each
 * change is logged once ("store.down", with the reason, and "store.up").
 */
#ifndef AIZY_SERVER_WORK_BREAKER_H
#define AIZY_SERVER_WORK_BREAKER_H

#include <stdatomic.h>

#include "base/fault.h"
#include "base/lock.h"
#include "stores/store_watch.h"

/* How often the watcher asks a store that is there, one that is not, and one that calls doubt. */
#define BREAKER_INTERVAL_MS 1000
#define BREAKER_RETRY_MS 250
#define BREAKER_PAUSE_MS 100

struct breaker {
    const char *store; /* static; for the log */
    atomic_bool is_closed;
    atomic_bool has_state;            /* false until the watcher has asked for the first time */
    atomic_int_least64_t answered_us; /* when the youngest call that was answered had begun */
    atomic_uint_least64_t opened;
    atomic_uint_least64_t refused;

    struct lock lock; /* guards what follows */
    struct condition changed;
    bool is_probe_due;
    bool is_stopping;
};

/* Open, as nobody has asked the store yet. */
void breaker_init(struct breaker *breaker, const char *store);
void breaker_release(struct breaker *breaker);

/* Any thread, without waiting. */
static inline bool breaker_is_closed(struct breaker *breaker) {
    return atomic_load(&breaker->is_closed);
}

/* The same for a request that would ask the store: false counts as refused. */
MUST_USE bool breaker_admits(struct breaker *breaker);

/* What a worker's call came to: the `note` of a store's watch; the context is the breaker. */
void breaker_note(void *context, enum store_outcome outcome, int64_t begun_us);

/* For the watcher: what its own call, begun at `begun_us`, found. */
void breaker_note_probe(struct breaker *breaker, bool is_up, int64_t begun_us);

/* For the watcher: waits until it is time to ask (again). False: end. */
MUST_USE bool breaker_await_probe(struct breaker *breaker);

/* Ends the watcher's waiting, for good. */
void breaker_stop(struct breaker *breaker);

/* For whoever reports: totals since the start. */
struct breaker_figures {
    bool is_closed;
    uint64_t opened;
    uint64_t refused;
};
struct breaker_figures breaker_figures(struct breaker *breaker);

#endif
