#include "server/media/media_sweeper.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/log.h"
#include "server/work/thread.h"
#include "stores/mongo_store.h"

#define SWEEPER_STACK_BYTES (1024UL * 1024)
#define SWEEPER_ARENA_BYTES (1024UL * 1024)
#define RECORDS_MAX 100

struct media_sweeper {
    struct media_sweeper_options options;
    struct mongo_store *store; /* the thread's */
    struct lock lock;          /* guards is_ending */
    struct condition ending;
    bool is_ending;
    struct thread thread;
};

/* Files first: a record that is gone must have left nothing. */
static struct fault remove_files(struct mongo_store *store, const struct media_storage *storage,
                                 const struct media_record *record) {
    for (size_t i = 0; i < record->names.count; i++) {
        TRY(storage->calls->remove(storage->self, record->names.items[i]));
    }
    return media_store_forget(store, record->id);
}

void media_sweeper_clear(struct mongo_store *store, const struct media_storage *storage,
                         const struct media_record *record) {
    bool is_doomed = false;
    struct fault fault = media_store_give_up(store, record->id, &is_doomed);
    if (!fault_occurred(fault) && is_doomed) {
        fault = remove_files(store, storage, record);
    }
    if (fault_occurred(fault)) {
        log_warn("media.left", LOG_STR("id", record->id),
                 LOG_TEXT("fault", fault_row(fault.name)->code));
    }
}

/* *is_done when no more than was removed is due. */
static struct fault sweep_some(struct media_sweeper *sweeper, struct arena *arena, bool *is_done) {
    struct media_record_list records;
    int64_t before_ms = clock_now_ms() - sweeper->options.config->media_grace_ms;
    TRY(media_store_expire(sweeper->store, before_ms));
    TRY(media_store_find_doomed(sweeper->store, arena, before_ms, RECORDS_MAX, &records));
    for (size_t i = 0; i < records.count; i++) {
        TRY(remove_files(sweeper->store, sweeper->options.storage, &records.items[i]));
    }
    if (records.count > 0) {
        log_info("media.swept", LOG_INT("images", records.count));
    }
    *is_done = records.count < RECORDS_MAX;
    return fault_none();
}

static bool may_go_on(struct media_sweeper *sweeper) {
    lock_acquire(&sweeper->lock);
    bool is_ending = sweeper->is_ending;
    lock_give(&sweeper->lock);
    return !is_ending && sweeper->options.may_ask(sweeper->options.context);
}

/* What a store that fails leaves is there next time. */
static void sweep(struct media_sweeper *sweeper) {
    struct arena arena;
    struct fault fault = fault_none();
    bool is_done = false;
    arena_init(&arena, SWEEPER_ARENA_BYTES);
    while (!is_done && !fault_occurred(fault) && may_go_on(sweeper)) {
        fault = sweep_some(sweeper, &arena, &is_done);
        arena_release(&arena);
    }
}

/* Whether the time is over, and not the sweeper's life. */
static bool wait_for_next(struct media_sweeper *sweeper) {
    bool is_time_left = true;
    lock_acquire(&sweeper->lock);
    while (!sweeper->is_ending && is_time_left) {
        is_time_left = condition_wait_for(&sweeper->ending, &sweeper->lock,
                                          sweeper->options.config->media_sweep_ms);
    }
    bool is_ending = sweeper->is_ending;
    lock_give(&sweeper->lock);
    return !is_ending;
}

static void *run(void *argument) {
    struct media_sweeper *sweeper = argument;
    const struct config *config = sweeper->options.config;
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

struct media_sweeper *media_sweeper_open(const struct media_sweeper_options *options) {
    struct media_sweeper *sweeper = calloc(1, sizeof(*sweeper));
    CHECK(sweeper != NULL && "out of memory");
    sweeper->options = *options;
    lock_init(&sweeper->lock);
    condition_init(&sweeper->ending);
    thread_start(&sweeper->thread, "media-sweeper", SWEEPER_STACK_BYTES, run, sweeper);
    return sweeper;
}

void media_sweeper_close(struct media_sweeper *sweeper) {
    lock_acquire(&sweeper->lock);
    sweeper->is_ending = true;
    condition_broadcast(&sweeper->ending);
    lock_give(&sweeper->lock);
    thread_join(&sweeper->thread);
    condition_release(&sweeper->ending);
    lock_release(&sweeper->lock);
    free(sweeper);
}
