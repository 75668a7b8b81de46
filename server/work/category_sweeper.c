#include "server/work/category_sweeper.h"

#include <stdlib.h>

#include "base/cache.h"
#include "base/clock.h"
#include "base/log.h"
#include "server/work/chore.h"
#include "stores/category_store.h"

#define SWEEPER_ARENA_BYTES (64UL * 1024 * 1024)

struct category_sweeper {
    struct category_sweeper_options options;
    struct chore chore;
};

static bool may_go_on(void *context) {
    struct category_sweeper *sweeper = context;
    return !chore_is_ending(&sweeper->chore) && sweeper->options.may_ask(sweeper->options.context);
}

/* What a store that fails leaves is there next time. */
static void sweep(struct category_sweeper *sweeper, struct mongo_store *store) {
    const struct category_pace pace = {may_go_on, sweeper};
    struct app *app = sweeper->options.app;
    struct arena arena;
    size_t count = 0;
    if (!may_go_on(sweeper)) {
        return;
    }
    arena_init(&arena, SWEEPER_ARENA_BYTES);
    struct fault fault = category_store_finish(
        store, &arena, clock_now_ms() - app->config->category_grace_ms, &pace, &count);
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

static int64_t run(void *context, struct mongo_store *store) {
    struct category_sweeper *sweeper = context;
    sweep(sweeper, store);
    return sweeper->options.app->config->category_sweep_ms;
}

struct category_sweeper *category_sweeper_open(const struct category_sweeper_options *options) {
    struct category_sweeper *sweeper = calloc(1, sizeof(*sweeper));
    CHECK(sweeper != NULL && "out of memory");
    sweeper->options = *options;
    chore_start(&sweeper->chore,
                &(struct chore_options){"categories", options->app->config, run, sweeper});
    return sweeper;
}

void category_sweeper_close(struct category_sweeper *sweeper) {
    chore_end(&sweeper->chore);
    free(sweeper);
}
