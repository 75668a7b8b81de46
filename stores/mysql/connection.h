/*
 * connection: the one place through which every call of the driver goes.
 *
 * A `struct mysql_store` holds at most one session of the server. Calls run through mysql_call,
 * which connects when there is no session, takes the time, writes the slow log, classifies what
 * went wrong, and closes a session that is of no more use together with its prepared statements.
 * Nothing is repeated here: statement.h and transaction.h know what is safe to repeat.
 */
#ifndef AIZY_STORES_MYSQL_CONNECTION_H
#define AIZY_STORES_MYSQL_CONNECTION_H

#include <mysql.h>

#include "stores/mysql/database_url.h"
#include "stores/mysql/error_class.h"
#include "stores/mysql/statement_names.h"
#include "stores/mysql_store.h"

/* The text of a failure to connect, for diagnosis only; at most what the driver itself keeps. */
#define MYSQL_FAILURE_TEXT_SIZE 512

/* What the last call that failed said; class NONE when it did not fail. */
struct mysql_failure {
    enum mysql_class class;
    unsigned int error_number;
};

struct mysql_store {
    struct mysql_store_options options;
    struct database_url url;
    MYSQL *session;                          /* NULL: not connected */
    MYSQL_STMT *statements[STATEMENT_COUNT]; /* of this session; NULL: not yet prepared */
    struct mysql_failure failure;
    bool in_transaction; /* then a lost session is not replaced */
};

/* Does one thing with the session and returns 0 or the driver's error number. */
typedef unsigned int mysql_step(struct mysql_store *store, void *context);

struct mysql_call {
    const char *name; /* for the logs: of a statement, never its values */
    mysql_step *run;
    void *context;
    bool carries_values; /* then the server's text may quote them and is not logged */
};

/*
 * Runs the step in a session. The fault is that of the class (error_class.h), and store->failure
 * says which; within a transaction whose session is lost, FAULT_STORE_DOWN without running
 * anything.
 */
MUST_USE struct fault mysql_call(struct mysql_store *store, const struct mysql_call *call);

/* Runs SQL text without parameters and drops its rows, if any. */
MUST_USE struct fault mysql_run_text(struct mysql_store *store, const char *name, struct str sql);

/* Ends the session, if there is one. */
void mysql_disconnect(struct mysql_store *store);

#endif
