/*
 * migration_lease: the times of the lease under which migrations run, and its heartbeat.
 *
 * The lease itself is a row (MySQL) or a document (MongoDB) named "migration": its holder, and when
 * it expires by the clock of the server. A store takes it with one conditional update: it must be
 * expired or already its own. While a process works, a thread renews it on a connection of its own,
 * because one DDL statement may take far longer than the lease lasts.
 */
#ifndef AIZY_STORES_MIGRATION_LEASE_H
#define AIZY_STORES_MIGRATION_LEASE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/lock.h"
#include "base/str.h"

/* How long a second process waits after the first was killed; several heartbeats may get lost. */
#define MIGRATION_LEASE_MS 30000
#define MIGRATION_HEARTBEAT_MS 5000

/* How often whoever waits for the lease looks again. */
#define MIGRATION_LEASE_POLL_MS 100

/* 32 random hexadecimal digits and a NUL: names one attempt, in any process on any machine. */
#define MIGRATION_HOLDER_SIZE 33
void migration_holder_init(char holder[static MIGRATION_HOLDER_SIZE]);

/* Both are called in the heartbeat's thread only. */
struct migration_heartbeat_calls {
    /* FAULT_CONFLICT: somebody else has the lease. Any other fault is tried again. */
    struct fault (*renew)(void *context);
    void (*end)(void *context); /* once, at the end: close what renew opened */
};

struct migration_heartbeat {
    const struct migration_heartbeat_calls *calls;
    void *context;
    pthread_t thread;
    struct lock lock;
    struct condition stopping;
    int64_t renewed_at_us; /* monotonic */
    bool is_stopping;
    bool is_lost;
};

/* The lease has just been taken. `calls` and `context` must outlive the heartbeat. */
void migration_heartbeat_start(struct migration_heartbeat *heartbeat,
                               const struct migration_heartbeat_calls *calls, void *context);

/* Ends the thread and waits for it; a renewal under way ends by the store's time-out. */
void migration_heartbeat_stop(struct migration_heartbeat *heartbeat);

/* False once the lease is somebody else's or may have expired: then begin nothing further. */
bool migration_heartbeat_is_held(struct migration_heartbeat *heartbeat);

#endif
