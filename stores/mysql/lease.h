/*
 * lease: the migrations' lease (stores/migration_lease.h) as the row of schema_lease.
 *
 * A row that is committed, because DDL ends every transaction and with it every row lock, and
 * Galera has no GET_LOCK. Its times are the server's.
 */
#ifndef AIZY_STORES_MYSQL_LEASE_H
#define AIZY_STORES_MYSQL_LEASE_H

#include "stores/migration_lease.h"
#include "stores/mysql/connection.h"

struct mysql_lease {
    char holder[MIGRATION_HOLDER_SIZE];
    struct mysql_store_options options; /* of the heartbeat's connection */
    struct mysql_store *heartbeat_store;
    struct migration_heartbeat heartbeat;
};

/*
 * Takes it and keeps it alive from a thread of its own; schema_lease exists. FAULT_BUSY when
 * another process has held it for longer than `wait_ms`.
 */
MUST_USE struct fault mysql_lease_take(struct mysql_store *store, int64_t wait_ms,
                                       const struct mysql_store_options *heartbeat_options,
                                       struct mysql_lease *lease);

/* False once it may be somebody else's. */
bool mysql_lease_is_held(struct mysql_lease *lease);

/* Ends the heartbeat and lets the next one in at once. */
void mysql_lease_give(struct mysql_store *store, struct mysql_lease *lease);

#endif
