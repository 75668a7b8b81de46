#include "server/work/catalogue_follower.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/log.h"
#include "server/work/thread.h"
#include "stores/catalogue_watch.h"

#define FOLLOWER_STACK_BYTES (1024UL * 1024)
/* Before another watch is opened: at first, and doubled at most up to. */
#define RETRY_MS 250
#define RETRY_MAX_MS 2000
/* A watch is heard of several times before answers about products would have to expire. */
#define WAITS_PER_LIFETIME 4
#define WAIT_MAX_MS 500
/* A connection that says nothing is given up after this; see catalogue_watch_next. */
#define WATCH_TIMEOUT_MS 2000

struct catalogue_follower {
    const struct config *config;
    struct cache *cache;
    struct thread thread;

    atomic_int_least64_t complete_until_us; /* 0: there is no watch */
    atomic_uint_least64_t events, flushes, opened;
    atomic_bool is_stopping;

    struct lock lock; /* guards what follows */
    struct condition changed;
    bool was_tried;
};

static int64_t shorter(int64_t one_ms, int64_t other_ms) {
    return one_ms < other_ms ? one_ms : other_ms;
}

static int64_t wait_ms(const struct config *config) {
    int64_t share_ms = shorter(config->catalogue_list_stale_ms / WAITS_PER_LIFETIME, WAIT_MAX_MS);
    share_ms = shorter(share_ms, config->store_timeout_ms);
    return share_ms > 0 ? share_ms : 1;
}

static struct fault open_watch(struct catalogue_follower *follower, bool logs_failure,
                               struct catalogue_watch **watch) {
    const struct config *config = follower->config;
    const struct mongo_store_options options = {
        .url = config->mongodb_uri,
        .connect_timeout_ms = shorter(config->store_connect_timeout_ms, WATCH_TIMEOUT_MS),
        .timeout_ms = shorter(config->store_timeout_ms, WATCH_TIMEOUT_MS),
    };
    return catalogue_watch_open(&options, wait_ms(config), logs_failure, watch);
}

static void flush(struct catalogue_follower *follower) {
    cache_flush(follower->cache);
    atomic_fetch_add(&follower->flushes, 1);
}

static void set_complete_until(struct catalogue_follower *follower, int64_t complete_until_us) {
    cache_follow(follower->cache, complete_until_us);
    atomic_store(&follower->complete_until_us, complete_until_us);
}

static void take(struct catalogue_follower *follower, const struct catalogue_event *event) {
    if (event->change == CATALOGUE_QUIET) {
        return;
    }
    atomic_fetch_add(&follower->events, 1);
    if (event->change == CATALOGUE_PRODUCT) {
        cache_drop_subject(follower->cache, str_of(event->product_id));
    } else {
        flush(follower);
    }
}

static void note_tried(struct catalogue_follower *follower) {
    lock_acquire(&follower->lock);
    follower->was_tried = true;
    condition_broadcast(&follower->changed);
    lock_give(&follower->lock);
}

/* Until the watch breaks or the thread is to end. */
static void listen_to(struct catalogue_follower *follower, struct catalogue_watch *watch) {
    struct fault fault = fault_none();
    while (!fault_occurred(fault) && !atomic_load(&follower->is_stopping)) {
        struct catalogue_event event;
        fault = catalogue_watch_next(watch, &event);
        take(follower, &event);
        if (!fault_occurred(fault)) {
            set_complete_until(follower, catalogue_watch_complete_until_us(watch));
        }
    }
}

/* False when no watch could be opened. */
static bool follow_once(struct catalogue_follower *follower, bool logs_failure) {
    struct catalogue_watch *watch = NULL;
    struct fault fault = open_watch(follower, logs_failure, &watch);
    if (!fault_occurred(fault)) {
        /* What changed before it was opened, nobody tells. */
        flush(follower);
        atomic_fetch_add(&follower->opened, 1);
        set_complete_until(follower, catalogue_watch_complete_until_us(watch));
        log_info("catalogue.followed", LOG_NOTHING);
    }
    note_tried(follower);
    if (watch == NULL) {
        return false;
    }
    listen_to(follower, watch);
    set_complete_until(follower, 0);
    if (!atomic_load(&follower->is_stopping)) {
        log_warn("catalogue.not_followed", LOG_TEXT("reason", "the change stream broke"));
    }
    catalogue_watch_close(watch);
    return true;
}

/* False: end. */
static bool pause_for(struct catalogue_follower *follower, int64_t pause_ms) {
    bool is_over = false;
    lock_acquire(&follower->lock);
    while (!atomic_load(&follower->is_stopping) && !is_over) {
        is_over = !condition_wait_for(&follower->changed, &follower->lock, pause_ms);
    }
    lock_give(&follower->lock);
    return !atomic_load(&follower->is_stopping);
}

static void *follow(void *argument) {
    struct catalogue_follower *follower = argument;
    int64_t pause_ms = RETRY_MS;
    bool was_open = true;
    do {
        /* An outage is logged once. */
        was_open = follow_once(follower, was_open);
        pause_ms = was_open ? RETRY_MS : shorter(2 * pause_ms, RETRY_MAX_MS);
    } while (pause_for(follower, pause_ms));
    return NULL;
}

struct catalogue_follower *catalogue_follower_open(const struct config *config,
                                                   struct cache *cache) {
    struct catalogue_follower *follower = calloc(1, sizeof *follower);
    CHECK(follower != NULL && "out of memory");
    follower->config = config;
    follower->cache = cache;
    lock_init(&follower->lock);
    condition_init(&follower->changed);
    thread_start(&follower->thread, "catalogue", FOLLOWER_STACK_BYTES, follow, follower);
    lock_acquire(&follower->lock);
    while (!follower->was_tried) {
        condition_wait(&follower->changed, &follower->lock);
    }
    lock_give(&follower->lock);
    return follower;
}

void catalogue_follower_close(struct catalogue_follower *follower) {
    lock_acquire(&follower->lock);
    atomic_store(&follower->is_stopping, true);
    condition_broadcast(&follower->changed);
    lock_give(&follower->lock);
    thread_join(&follower->thread);
    condition_release(&follower->changed);
    lock_release(&follower->lock);
    free(follower);
}

struct catalogue_follower_figures catalogue_follower_figures(struct catalogue_follower *follower) {
    int64_t complete_until_us = atomic_load(&follower->complete_until_us);
    int64_t behind_us = clock_monotonic_us() - complete_until_us;
    bool is_up =
        complete_until_us > 0 && behind_us <= follower->config->catalogue_list_stale_ms * 1000;
    return (struct catalogue_follower_figures){
        .is_up = is_up,
        .behind_us = behind_us > 0 ? behind_us : 0,
        .events = atomic_load(&follower->events),
        .flushes = atomic_load(&follower->flushes),
        .opened = atomic_load(&follower->opened),
    };
}
