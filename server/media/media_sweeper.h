/*
 * media_sweeper: removes the files of images that nobody names any more.
 *
 * One thread in each process looks at the records of stores/media_store.h every MEDIA_SWEEP_MS:
 * what has been pending for MEDIA_GRACE_MS is doomed, and what has been doomed for as long loses
 * its files and is forgotten. All processes may do so at once. The grace is for readers who were
 * given an address just before, and for uploads under way: one that takes longer than that fails
 * in the end, but nothing is lost or left over by it.
 */
#ifndef AIZY_SERVER_MEDIA_MEDIA_SWEEPER_H
#define AIZY_SERVER_MEDIA_MEDIA_SWEEPER_H

#include "server/config/config.h"
#include "server/media/media_storage.h"
#include "stores/media_store.h"

struct media_sweeper;

/* Starts the thread, which has a connection of its own. `may_ask` says whether the document store
 * may be used now; all is borrowed until media_sweeper_close. */
struct media_sweeper_options {
    const struct config *config;
    const struct media_storage *storage;
    bool (*may_ask)(void *context);
    void *context;
};
struct media_sweeper *media_sweeper_open(const struct media_sweeper_options *options);
void media_sweeper_close(struct media_sweeper *sweeper);

/* Of an upload that has failed: dooms the record if it is still pending, and removes its files at
 * once. What this cannot do is done by the sweeper. */
void media_sweeper_clear(struct mongo_store *store, const struct media_storage *storage,
                         const struct media_record *record);

#endif
