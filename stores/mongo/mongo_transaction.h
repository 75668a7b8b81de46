/*
 * mongo_transaction: all or nothing, repeated when another transaction was faster.
 */
#ifndef AIZY_STORES_MONGO_MONGO_TRANSACTION_H
#define AIZY_STORES_MONGO_MONGO_TRANSACTION_H

#include "stores/mongo/mongo_connection.h"

/*
 * Its calls through mongo_connection join the transaction. It may run several times and starts
 * afresh each time; what it leaves in *context counts only when mongo_transaction_run succeeds.
 */
typedef struct fault mongo_transaction_body(struct mongo_store *store, void *context);

/*
 * Runs the body between begin and commit; a fault of the body aborts. Conflicts are repeated with
 * growing, random pauses, up to MONGO_TRANSACTION_TRIES_MAX times and for the store's time-out;
 * then FAULT_BUSY. FAULT_OUTCOME_UNKNOWN when the commit's answer was lost.
 *
 * Within the body of another one it joins that: it is then neither repeated nor committed by
 * itself, and whatever it returns the outer body must pass on (idempotency_store.c).
 */
#define MONGO_TRANSACTION_TRIES_MAX 30
MUST_USE struct fault mongo_transaction_run(struct mongo_store *store, mongo_transaction_body *body,
                                            void *context);

/*
 * For a body whose write did not find what it had read: another transaction was faster. Its
 * FAULT_BUSY has this one tried again.
 */
MUST_USE struct fault mongo_transaction_overtaken(struct mongo_store *store);

#endif
