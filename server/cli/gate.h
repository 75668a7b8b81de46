/*
 * gate: keeps requests from a store whose schema is not known to be this program's.
 *
 * A store that is down when the server starts cannot be asked for its schema, and the server starts
 * all the same, for the other one. Until its schema has been seen and found right its gate is
 * closed and whatever needs it is answered 503. gate_check runs in main's thread only; the workers
 * read gate_is_open.
 */
#ifndef AIZY_SERVER_CLI_GATE_H
#define AIZY_SERVER_CLI_GATE_H

#include <stdatomic.h>

#include "server/config/config.h"

struct gate {
    const char *store_name; /* for people: "MySQL" */
    const struct config *config;
    /* Opens a store, asks for its migrations, closes it. */
    struct fault (*check)(struct gate *gate, struct arena *arena);
    atomic_bool is_open;
    bool is_refused;
};

/* Closed; borrows the settings. The stores' libraries are open. */
void gate_init_mysql(struct gate *gate, const struct config *config);
void gate_init_mongo(struct gate *gate, const struct config *config);

/*
 * Looks at the schema of a gate that is closed, waiting for the store as long as its time-outs say.
 * Opens it when the schema is right. `is_refused` says that it is another one: the sentence has
 * been logged, and the server must end. Neither: the store did not answer.
 */
void gate_check(struct gate *gate);

static inline bool gate_is_open(struct gate *gate) {
    return atomic_load(&gate->is_open);
}

#endif
