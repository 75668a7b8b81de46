#include "server/work/chore.h"

#include "base/clock.h"

#define CHORE_STACK_BYTES (1024UL * 1024)

bool chore_is_ending(struct chore *chore) {
    lock_acquire(&chore->lock);
    bool is_ending = chore->is_ending;
    lock_give(&chore->lock);
    return is_ending;
}

/* False: it ends. */
static bool pause_for(struct chore *chore, int64_t pause_ms) {
    int64_t until_us = clock_monotonic_us() + pause_ms * 1000;
    lock_acquire(&chore->lock);
    int64_t left_us = until_us - clock_monotonic_us();
    while (!chore->is_ending && left_us > 0) {
        (void)condition_wait_for(&chore->ending, &chore->lock, (left_us + 999) / 1000);
        left_us = until_us - clock_monotonic_us();
    }
    bool goes_on = !chore->is_ending;
    lock_give(&chore->lock);
    return goes_on;
}

static void *run(void *argument) {
    struct chore *chore = argument;
    const struct config *config = chore->options.config;
    const struct mongo_store_options options = {
        .url = config->mongodb_uri,
        .connect_timeout_ms = config->store_connect_timeout_ms,
        .timeout_ms = config->store_timeout_ms,
        .slow_ms = config->slow_store_ms,
    };
    struct mongo_store *store = NULL;
    /* Another connection has read the same URL before, so opening cannot fail. */
    CHECK(!fault_occurred(mongo_store_open(&options, &store)));
    while (pause_for(chore, chore->options.run(chore->options.context, store))) {}
    mongo_store_close(store);
    return NULL;
}

void chore_start(struct chore *chore, const struct chore_options *options) {
    *chore = (struct chore){.options = *options};
    lock_init(&chore->lock);
    condition_init(&chore->ending);
    thread_start(&chore->thread, options->name, CHORE_STACK_BYTES, run, chore);
}

void chore_end(struct chore *chore) {
    lock_acquire(&chore->lock);
    chore->is_ending = true;
    condition_broadcast(&chore->ending);
    lock_give(&chore->lock);
    thread_join(&chore->thread);
    condition_release(&chore->ending);
    lock_release(&chore->lock);
}
