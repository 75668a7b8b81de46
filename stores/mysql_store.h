/*
 * mysql_store: one connection to the MySQL store (people, sessions, roles, audit, outbox).
 *
 * A store belongs to one thread at a time, each worker of the mysql pool has its own, and it lives
 * as long as that worker. Opening does not connect: the first call does, and a call that finds the
 * connection lost connects anew. Nothing here retries what is not safe to repeat:
 *
 *  - a read that failed on a lost connection is repeated once;
 *  - a transaction that lost its connection before COMMIT, or was chosen as the victim of a
 * deadlock or a failed certification, has had no effect and is repeated up to 3 times;
 *  - a COMMIT whose answer was lost is FAULT_OUTCOME_UNKNOWN.
 *
 * Every domain's functions (user_store.h, session_store.h) answer FAULT_STORE_DOWN when the server
 * cannot be reached, is read-only, or a call times out; FAULT_BUSY when only a lock was waited for
 * too long (half of a call's time); and FAULT_INTERNAL for what should not happen. The log has the
 * detail.
 */
#ifndef AIZY_STORES_MYSQL_STORE_H
#define AIZY_STORES_MYSQL_STORE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"
#include "stores/store_watch.h"

struct mysql_store;

struct mysql_store_options {
    struct str url; /* mysql://user:password@host:port/database?socket=&ssl-mode=&ssl-ca= */
    int64_t connect_timeout_ms;
    int64_t timeout_ms; /* of one call; a server that is mute is given up a second later */
    int64_t slow_ms;    /* a call that takes as long is logged; 0: none is */
    struct store_watch watch;
};

/* Once in the process, before any thread opens a store, and after all are closed. */
MUST_USE struct fault mysql_store_library_init(void);
void mysql_store_library_release(void);

/* In the thread that will use it. Borrows the url. FAULT_INVALID when the url cannot be read. */
MUST_USE struct fault mysql_store_open(const struct mysql_store_options *options,
                                       struct mysql_store **store);
void mysql_store_close(struct mysql_store *store);

/*
 * Whether the server is there: FAULT_STORE_DOWN or none. Reads a row, because a server that answers
 * a ping may hang on that; a refusal is an answer.
 */
MUST_USE struct fault mysql_store_probe(struct mysql_store *store);

/*
 * For `aizy check`: what is wrong with the connection and how to mend it, as one sentence without
 * the password; absent when nothing is. Also says when the server is too old or not UTF-8.
 */
struct str mysql_store_diagnose(struct mysql_store *store, struct arena *arena);

#endif
