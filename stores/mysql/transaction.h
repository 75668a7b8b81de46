/*
 * transaction: everything that writes runs in one.
 */
#ifndef AIZY_STORES_MYSQL_TRANSACTION_H
#define AIZY_STORES_MYSQL_TRANSACTION_H

#include "stores/mysql/connection.h"

/* The statements of a transaction. It may be called several times, so it begins from nothing. */
typedef struct fault mysql_transaction_body(struct mysql_store *store, void *context);

/*
 * Runs the body between START TRANSACTION and COMMIT. A fault of the body rolls everything back and
 * is returned, unless the transaction had no effect and may be repeated, as mysql_store.h says; to
 * refuse something and yet keep what was written, the body notes that in its context.
 */
MUST_USE struct fault mysql_transaction_run(struct mysql_store *store, mysql_transaction_body *body,
                                            void *context);

#endif
