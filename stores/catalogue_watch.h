/*
 * catalogue_watch: tells of each change of the catalogue, whoever makes it.
 *
 * A watch has a connection of its own and belongs to the thread that opened it. It tells of changes
 * of products and categories that are committed after it was opened, in their order, each at least
 * once. Stock is told of as the product whose public view it changes.
 *
 * A watch that has reported a fault may have missed something and is of no more use: whoever
 * follows closes it, takes everything for changed, and opens another one.
 */
#ifndef AIZY_STORES_CATALOGUE_WATCH_H
#define AIZY_STORES_CATALOGUE_WATCH_H

#include "base/fault.h"
#include "stores/mongo_store.h"

struct catalogue_watch;

enum catalogue_change {
    CATALOGUE_QUIET = 0, /* nothing came in `wait_ms` */
    CATALOGUE_PRODUCT,   /* one product came, changed or went */
    CATALOGUE_ANYTHING,  /* more than one product may show otherwise: a category, a collection */
};

/* 24 hexadecimal digits and a NUL. */
#define CATALOGUE_ID_SIZE 25

struct catalogue_event {
    enum catalogue_change change;
    char product_id[CATALOGUE_ID_SIZE]; /* of CATALOGUE_PRODUCT */
};

/*
 * `options` as for mongo_store_open, but for `watch`, which nobody is told through: that this
 * connection broke says nothing of the others. FAULT_INVALID; FAULT_STORE_DOWN, and the reason goes
 * to the log as "mongo.failed" when `logs_failure`.
 */
MUST_USE struct fault catalogue_watch_open(const struct mongo_store_options *options,
                                           int64_t wait_ms, bool logs_failure,
                                           struct catalogue_watch **watch);
void catalogue_watch_close(struct catalogue_watch *watch);

/*
 * The next event; waits for one for `wait_ms`, and where the server is mute for its connecting and
 * twice its answering time-out. FAULT_STORE_DOWN.
 */
MUST_USE struct fault catalogue_watch_next(struct catalogue_watch *watch,
                                           struct catalogue_event *event);

/*
 * Every change that was acknowledged before this point of the monotonic clock has been told of by
 * the events before the last one.
 */
int64_t catalogue_watch_complete_until_us(const struct catalogue_watch *watch);

#endif
