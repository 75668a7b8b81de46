/*
 * mongo_store: one connection to the MongoDB store (products, categories, inventory).
 *
 * A store belongs to one thread at a time, each worker of the mongo pool has its own, and it lives
 * as long as that worker. It wraps one mongoc client, which connects when it is first used and
 * again after a failure. Writes are made in transactions or are single-document, with majority
 * write concern and reads from the primary; a transient transaction error is repeated a bounded
 * number of times. FAULT_STORE_DOWN, FAULT_OUTCOME_UNKNOWN and FAULT_INTERNAL as in mysql_store.h.
 */
#ifndef AIZY_STORES_MONGO_STORE_H
#define AIZY_STORES_MONGO_STORE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"
#include "stores/store_watch.h"

struct mongo_store;

struct mongo_store_options {
    struct str url; /* a mongodb:// or mongodb+srv:// URI that names a database */
    int64_t connect_timeout_ms;
    int64_t
        timeout_ms;  /* of one call: maxTimeMS; a server that is mute is given up a second later */
    int64_t slow_ms; /* a call that takes as long is logged; 0: none is */
    bool tries_once; /* the driver repeats no read that failed: for who asks again soon anyway */
    struct store_watch watch;
};

/* Once in the process, before any thread opens a store, and after all are closed. */
void mongo_store_library_init(void);
void mongo_store_library_release(void);

/* In the thread that will use it. FAULT_INVALID when the url cannot be read or names no database.
 */
MUST_USE struct fault mongo_store_open(const struct mongo_store_options *options,
                                       struct mongo_store **store);
void mongo_store_close(struct mongo_store *store);

/*
 * Whether the server is there: FAULT_STORE_DOWN or none. Looks for a document by its key, because a
 * server that answers a ping may hang on that; a refusal is an answer.
 */
MUST_USE struct fault mongo_store_probe(struct mongo_store *store);

/*
 * For `aizy check`: what is wrong and how to mend it, as one sentence without the password; absent
 * when nothing is. A standalone mongod is refused with the rs.initiate() that mends it.
 */
struct str mongo_store_diagnose(struct mongo_store *store, struct arena *arena);

#endif
