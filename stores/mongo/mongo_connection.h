/*
 * mongo_connection: the one place that calls the MongoDB driver.
 *
 * Every command goes through here, so that each is timed (the slow ones are logged by name, never
 * with values), bounded (maxTimeMS), sent to the primary with majority write concern, and its
 * errors become faults by one table:
 *
 *  - the server cannot be reached, has no primary, or took too long: FAULT_STORE_DOWN;
 *  - a unique index refuses: FAULT_SLUG_TAKEN, FAULT_SKU_TAKEN, else FAULT_CONFLICT;
 *  - another transaction was faster: FAULT_BUSY, and `is_transient` is set;
 *  - an answer to a write outside of a transaction was lost: FAULT_OUTCOME_UNKNOWN;
 *  - anything else, a refused validator included: FAULT_INTERNAL.
 *
 * Commands are built by typed append (mongo_bson.h), never from text that came from a client. A
 * call's `name` is for the log: a static string such as "product.find".
 */
#ifndef AIZY_STORES_MONGO_MONGO_CONNECTION_H
#define AIZY_STORES_MONGO_MONGO_CONNECTION_H

#include <mongoc/mongoc.h>

#include "stores/mongo/mongo_bson.h"
#include "stores/mongo_store.h"

struct mongo_store {
    mongoc_uri_t *uri;
    mongoc_client_t *client;          /* NULL until the first call */
    mongoc_client_session_t *session; /* while a transaction is under way: every call joins it */
    int64_t timeout_ms;
    int64_t connect_timeout_ms;
    int64_t slow_ms; /* 0: no call is */
    struct store_watch watch;
    bool is_aside;          /* calls do not join the transaction that is under way */
    bool is_client_spent;   /* it met a server that is not there: see ensure_client */
    int failed_commands;    /* of the call under way, those that the driver repeats included */
    bool is_transient;      /* the last fault had no effect and the transaction may be repeated */
    bool is_commit_unknown; /* the last commit's answer was lost */
    int64_t outage_logged_at_us; /* monotonic; an outage is logged once a second, not per call */
    bson_error_t error; /* the driver's words for the last fault: for mongo_store_diagnose */
};

/* `reply` is set in any case and the caller destroys it (MONGO_BSON does). */
MUST_USE struct fault mongo_connection_read(struct mongo_store *store, const char *name,
                                            const bson_t *command, bson_t *reply);

/* Errors of single documents in the reply ("writeErrors") are faults here too. */
MUST_USE struct fault mongo_connection_write(struct mongo_store *store, const char *name,
                                             const bson_t *command, bson_t *reply);

/* The document is valid during the call. A fault ends the reading. */
typedef struct fault mongo_document_read(void *context, const bson_t *document);

/* `options`: sort, limit, projection as mongoc_collection_find_with_opts takes them. */
MUST_USE struct fault mongo_connection_find(struct mongo_store *store, const char *name,
                                            const char *collection, const bson_t *filter,
                                            const bson_t *options, mongo_document_read *read,
                                            void *context);

/* The steps of mongo_transaction_run; after a fault of commit see is_commit_unknown. */
MUST_USE struct fault mongo_connection_begin(struct mongo_store *store);
MUST_USE struct fault mongo_connection_commit(struct mongo_store *store);
void mongo_connection_abort(struct mongo_store *store);

/*
 * For what need not be all or nothing with the rest, and must not wait for it: while it is true,
 * calls do not join the transaction. Returns what it was before, for the caller to set again.
 */
bool mongo_connection_step_aside(struct mongo_store *store, bool is_aside);

/* Whether the next call joins a transaction. */
bool mongo_connection_is_joined(const struct mongo_store *store);

/* A store of its own for the same database, for another thread or with another time-out. */
struct mongo_store *mongo_connection_clone(const struct mongo_store *store, int64_t timeout_ms);

#endif
