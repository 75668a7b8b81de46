/*
 * catalogue_follower: drops from the cache what other processes, or people by hand, have changed.
 *
 * A thread with a connection of its own watches the catalogue (stores/catalogue_watch.h): a product
 * that changed is dropped, anything else flushes. As long as it hears from its watch, answers about
 * products live long (base/cache.h, cache_follow); when it does not, all expire by age within
 * CATALOGUE_LIST_STALE_MS, and /readyz says so. What may have been missed meanwhile is flushed when
 * it follows again, which it tries for ever.
 */
#ifndef AIZY_SERVER_WORK_CATALOGUE_FOLLOWER_H
#define AIZY_SERVER_WORK_CATALOGUE_FOLLOWER_H

#include "base/cache.h"
#include "server/config/config.h"

struct catalogue_follower;

/* Tries once before it returns, then goes on in its thread. Borrows both. */
struct catalogue_follower *catalogue_follower_open(const struct config *config,
                                                   struct cache *cache);

/* Ends the thread, waiting for the call that is under way. */
void catalogue_follower_close(struct catalogue_follower *follower);

struct catalogue_follower_figures {
    bool is_up;        /* it has heard from its watch within CATALOGUE_LIST_STALE_MS */
    int64_t behind_us; /* since everything was known; of a follower that is up */
    uint64_t events;   /* since the start, as all below */
    uint64_t flushes;
    uint64_t opened; /* watches */
};

/* Any thread, without waiting. */
struct catalogue_follower_figures catalogue_follower_figures(struct catalogue_follower *follower);

#endif
