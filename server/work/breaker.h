/*
 * breaker: whether a store may be asked, for all the workers of its pool.
 *
 *  - Closed: it is asked.
 *  - Open: whatever needs it is refused at once, on the loop thread where possible, and only the
 *    store's watcher (server/work/readiness.h) goes on asking, on a connection of its own.
 *  - Trying: one request at a time is let through, the trial; what comes of its calls decides.
 *
 * What opens it:
 *
 *  - A call of a worker that got no answer in its time, unless another worker's call that was begun
 *    later has been answered since: then it was the call, not the store. The watcher's own answers
 *    do not count here, because a store may answer who looks after it and hang on everything else.
 *  - A watcher that gets no answer while no worker does.
 *  - A connection that fails or breaks fails fast and may be that connection's alone, so it only
 *    has the watcher look at once instead of at the next full second.
 *
 * What closes it: the watcher's next answer, when the watcher has seen the store down itself or a
 * worker's call has been answered since. Otherwise the watcher does not see what the workers do,
 * and its answer only begins the trying, after a pause that doubles each time until the store has
 * stayed closed for a while. A trial whose every call is answered closes it: connecting or
 * beginning a transaction alone would say little. One that meets silence opens it again.
 *
 * So a hanging store costs each worker one time-out at most and then one request one after each
 * pause, a false alarm lasts for the shortest pause, and a store that is back is used again within
 * `pause_max_ms` and BREAKER_RETRY_MS. Each change is logged once: "store.down" with the reason,
 * "store.trying", "store.up".
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
#define BREAKER_DOUBT_MS 100
/* Who has stayed closed for so long begins with the shortest pause again. */
#define BREAKER_CALM_MS 30000

enum breaker_state { BREAKER_CLOSED, BREAKER_TRYING, BREAKER_OPEN };

struct breaker_limits {
    int64_t pause_ms;     /* from a call without an answer to the first trial */
    int64_t pause_max_ms; /* where its doubling ends */
    int64_t trial_ms;     /* how long a trial that does not end keeps others away */
};

struct breaker {
    const char *store; /* static; for the log */
    struct breaker_limits limits;
    atomic_int state;                 /* changed with the lock held */
    atomic_int_least64_t answered_us; /* when the youngest worker's call that was answered began */
    atomic_uint_least64_t opened;
    atomic_uint_least64_t refused;
    atomic_uint_least64_t trials;

    struct lock lock; /* guards what follows; times are on the monotonic clock */
    struct condition changed;
    bool has_state;        /* the watcher has asked for the first time */
    bool is_doubted;       /* opened by a worker's call; the watcher has seen nothing of it yet */
    int64_t known_us;      /* when the call began that the present state is owed to */
    int64_t changed_at_us; /* when the present state began */
    int64_t trial_since_us;
    int64_t trial_until_us; /* others wait no longer for it; 0: there is none */
    int64_t pause_ms;
    bool is_probe_due;
    bool is_stopping;
};

/* Open, as nobody has asked the store yet. */
void breaker_init(struct breaker *breaker, const char *store, const struct breaker_limits *limits);
void breaker_release(struct breaker *breaker);

/* Any thread, without waiting. */
static inline enum breaker_state breaker_state(struct breaker *breaker) {
    return (enum breaker_state)atomic_load(&breaker->state);
}

static inline bool breaker_is_closed(struct breaker *breaker) {
    return breaker_state(breaker) == BREAKER_CLOSED;
}

/* Whether a request would be admitted now: it is closed, or trying and has no trial. */
MUST_USE bool breaker_would_admit(struct breaker *breaker);

/* The same for a request that will ask the store: false counts as refused. */
MUST_USE bool breaker_may_admit(struct breaker *breaker);

/*
 * For a worker that is about to ask the store; false as above. What sets *is_trial is followed by
 * breaker_end_trial when the worker is through with it.
 */
MUST_USE bool breaker_admits(struct breaker *breaker, bool *is_trial);
void breaker_end_trial(struct breaker *breaker);

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
    enum breaker_state state;
    uint64_t opened; /* from closed or trying */
    uint64_t refused;
    uint64_t trials;
};
struct breaker_figures breaker_figures(struct breaker *breaker);

/* "closed", "trying", "open"; static. */
const char *breaker_state_text(enum breaker_state state);

#endif
