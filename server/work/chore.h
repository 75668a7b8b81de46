/*
 * chore: a thread that comes back to the same work in MongoDB, again and again, until it is ended.
 */
#ifndef AIZY_SERVER_WORK_CHORE_H
#define AIZY_SERVER_WORK_CHORE_H

#include "base/lock.h"
#include "server/config/config.h"
#include "server/work/thread.h"
#include "stores/mongo_store.h"

struct chore_options {
    const char *name; /* the thread's, at most 15 bytes */
    const struct config *config;
    /* Done at once, and again each time that what it returned, in milliseconds, is over. The store
     * is the thread's own. */
    int64_t (*run)(void *context, struct mongo_store *store);
    void *context;
};

/* What `options` names is borrowed until chore_end. Not to be moved meanwhile. */
struct chore {
    struct chore_options options;
    struct lock lock; /* guards is_ending */
    struct condition ending;
    bool is_ending;
    struct thread thread;
};

/* Starts the thread. CHECKs that the configuration names a store that can be opened. */
void chore_start(struct chore *chore, const struct chore_options *options);

/* From any thread: work that takes long asks between its steps. */
bool chore_is_ending(struct chore *chore);

/* Waits for what is being done, and for no pause. */
void chore_end(struct chore *chore);

#endif
