/*
 * category_sweeper: finishes changes of categories that somebody has begun and left.
 *
 * A category that moves, is renamed or is emptied into another one takes its products along in
 * batches (stores/category_store.h). When the process that was about it has ended, a thread of any
 * other, or of the same when it is back, goes on: each looks at its start and every
 * CATEGORY_SWEEP_MS for what is older than CATEGORY_GRACE_MS. Several may meet.
 */
#ifndef AIZY_SERVER_WORK_CATEGORY_SWEEPER_H
#define AIZY_SERVER_WORK_CATEGORY_SWEEPER_H

#include "server/api/app.h"

struct category_sweeper;

struct category_sweeper_options {
    struct app *app;
    /* Whether the store is there, and its schema known to be this program's. */
    bool (*may_ask)(void *context);
    void *context;
};

/* Starts the thread, which has a connection of its own. Borrows what the options name. */
struct category_sweeper *category_sweeper_open(const struct category_sweeper_options *options);

/* Ends the thread, waiting for at most one batch of products. */
void category_sweeper_close(struct category_sweeper *sweeper);

#endif
