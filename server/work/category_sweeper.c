#include "server/work/category_sweeper.h"

#include <stdlib.h>

#include "base/cache.h"
#include "base/clock.h"
#include "base/lock.h"
#include "base/log.h"
#include "server/work/thread.h"
#include "stores/category_store.h"
#include "stores/mongo_store.h"

#define SWEEPER_STACK_BYTES (1024UL * 1024)
#define SWEEPER_ARENA_BYTES (64UL * 1024 * 1024)

struct category_sweeper {
    struct category_sweeper_options options;
    struct mongo_store *store; /* the thread's */
    struct lock lock;          /* guards is_ending */
    struct condition ending;
    bool is_ending;
    struct thread thread;
};

static bool may_go_on(void *context) {
    struct category_sweeper *sweeper = context;
    lock_acquire(&sweeper->lock);
    bool is_ending = sweeper->is_ending;
    lock_give(&sweeper->lock);
    return !is_ending && sweeper->options.may_ask(sweeper->options.context);
}

/* What a store that fails leaves is there next time. */
static void sweep(struct category_sweeper *sweeper) {
    const struct category_pace pace = {may_go_on, sweeper};
    struct app *app = sweeper->options.app;
    struct arena arena;
    size_t count = 0;
    if (!may_go_on(sweeper)) {
        return;
    }
    arena_init(&arena, SWEEPER_ARENA_BYTES);
    struct fault fault = category_store_finish(
        sweeper->store, &arena, clock_now_ms() - app->config->category_grace_ms, &pace, &count);
    arena_release(&arena);
    if (count > 0) {
        log_info("categories.finished", LOG_INT("count", count));
    }
    if (fault_occurred(fault) && may_go_on(sweeper)) {
        log_warn("categories.not_finished", LOG_TEXT("fault", fault_row(fault.name)->code));
    }
    if (app->cache != NULL && (count > 0 || fault_occurred(fault))) {
        cache_flush(app->cache);
    }
}

/* Whether the time is over, and not the sweeper's life. */
static bool wait_for_next(struct category_sweeper *sweeper) {
    bool is_time_left = true;
    lock_acquire(&sweeper->lock);
    while (!sweeper->is_ending && is_time_left) {
        is_time_left = condition_wait_for(&sweeper->ending, &sweeper->lock,
                                          sweeper->options.app->config->category_sweep_ms);
    }
    bool is_ending = sweeper->is_ending;
    lock_give(&sweeper->lock);
    return !is_ending;
}

static void *run(void *argument) {
    struct category_sweeper *sweeper = argument;
    const struct config *config = sweeper->options.app->config;
    const struct mongo_store_options options = {
        .url = config->mongodb_uri,
        .connect_timeout_ms = config->store_connect_timeout_ms,
        .timeout_ms = config->store_timeout_ms,
        .slow_ms = config->slow_store_ms,
    };
    /* Whoever started this has read the URL before. */
    CHECK(!fault_occurred(mongo_store_open(&options, &sweeper->store)));
    do {
        sweep(sweeper);
    } while (wait_for_next(sweeper));
    mongo_store_close(sweeper->store);
    return NULL;
}

struct category_sweeper *category_sweeper_open(const struct category_sweeper_options *options) {
    struct category_sweeper *sweeper = calloc(1, sizeof(*sweeper));
    CHECK(sweeper != NULL && "out of memory");
    sweeper->options = *options;
    lock_init(&sweeper->lock);
    condition_init(&sweeper->ending);
    thread_start(&sweeper->thread, "categories", SWEEPER_STACK_BYTES, run, sweeper);
    return sweeper;
}

void category_sweeper_close(struct category_sweeper *sweeper) {
    lock_acquire(&sweeper->lock);
    sweeper->is_ending = true;
    condition_broadcast(&sweeper->ending);
    lock_give(&sweeper->lock);
    thread_join(&sweeper->thread);
    condition_release(&sweeper->ending);
    lock_release(&sweeper->lock);
    free(sweeper);
}
