#include "server/media/media_sweeper.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/work/chore.h"

#define SWEEPER_ARENA_BYTES (1024UL * 1024)
#define RECORDS_MAX 100

struct media_sweeper {
    struct media_sweeper_options options;
    struct mongo_store *store; /* the thread's */
    struct chore chore;
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
    return !chore_is_ending(&sweeper->chore) && sweeper->options.may_ask(sweeper->options.context);
}

/* What a store that fails leaves is there next time. */
static int64_t run(void *context, struct mongo_store *store) {
    struct media_sweeper *sweeper = context;
    struct arena arena;
    struct fault fault = fault_none();
    bool is_done = false;
    sweeper->store = store;
    arena_init(&arena, SWEEPER_ARENA_BYTES);
    while (!is_done && !fault_occurred(fault) && may_go_on(sweeper)) {
        fault = sweep_some(sweeper, &arena, &is_done);
        arena_release(&arena);
    }
    return sweeper->options.config->media_sweep_ms;
}

struct media_sweeper *media_sweeper_open(const struct media_sweeper_options *options) {
    struct media_sweeper *sweeper = calloc(1, sizeof(*sweeper));
    CHECK(sweeper != NULL && "out of memory");
    sweeper->options = *options;
    chore_start(&sweeper->chore,
                &(struct chore_options){"media-sweeper", options->config, run, sweeper});
    return sweeper;
}

void media_sweeper_close(struct media_sweeper *sweeper) {
    chore_end(&sweeper->chore);
    free(sweeper);
}
