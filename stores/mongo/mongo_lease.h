/*
 * mongo_lease: the lease under which migrations run (stores/migration_lease.h), as the document
 * {_id: "migration", holder, expires_at} of the collection `leases`.
 */
#ifndef AIZY_STORES_MONGO_MONGO_LEASE_H
#define AIZY_STORES_MONGO_MONGO_LEASE_H

#include "stores/migration_lease.h"
#include "stores/mongo/mongo_connection.h"

struct mongo_lease {
    struct mongo_store *store;           /* borrowed */
    struct mongo_store *heartbeat_store; /* the heartbeat's own */
    char holder[MIGRATION_HOLDER_SIZE];
    struct migration_heartbeat heartbeat;
};

/* Waits for it up to `wait_ms`, then FAULT_BUSY. Once taken it is renewed until it is given back.
 */
MUST_USE struct fault mongo_lease_take(struct mongo_lease *lease, struct mongo_store *store,
                                       int64_t wait_ms);
void mongo_lease_give(struct mongo_lease *lease);

bool mongo_lease_is_held(struct mongo_lease *lease);

#endif
