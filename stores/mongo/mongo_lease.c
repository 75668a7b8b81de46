#include "stores/mongo/mongo_lease.h"

#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "stores/mongo/mongo_command.h"

#define LEASE_ID STR("migration")

/* Times are compared by the server's clock: that of this machine may be wrong. */
static struct fault read_server_time(struct mongo_store *store, int64_t *now_ms) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    bson_iter_t at;
    mongo_put_int64(&command, "hello", 1);
    TRY(mongo_connection_read(store, "lease.clock", &command, &reply));
    bool is_there = bson_iter_init_find(&at, &reply, "localTime") && BSON_ITER_HOLDS_DATE_TIME(&at);
    *now_ms = is_there ? bson_iter_date_time(&at) : clock_now_ms();
    return fault_none();
}

/* {holder: ...}, or {$or: [that, {expires_at: {$lt: now}}]}. */
static void put_condition(const struct mongo_lease *lease, int64_t now_ms, bool takes_over,
                          bson_t *query) {
    bson_t either;
    bson_t side;
    bson_t bound;
    mongo_put_str(query, "_id", LEASE_ID);
    if (!takes_over) {
        mongo_put_str(query, "holder", str_of(lease->holder));
        return;
    }
    CHECK(BSON_APPEND_ARRAY_BEGIN(query, "$or", &either));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&either, "0", &side));
    mongo_put_str(&side, "holder", str_of(lease->holder));
    CHECK(bson_append_document_end(&either, &side));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&either, "1", &side));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&side, "expires_at", &bound));
    CHECK(BSON_APPEND_DATE_TIME(&bound, "$lt", now_ms));
    CHECK(bson_append_document_end(&side, &bound));
    CHECK(bson_append_document_end(&either, &side));
    CHECK(bson_append_array_end(query, &either));
}

/*
 * To take it is an upsert: while somebody else has it the query finds nothing, the upsert becomes
 * an insert, and the _id refuses that. FAULT_CONFLICT then, and when a renewal finds it gone.
 */
static struct fault write_lease(const struct mongo_lease *lease, struct mongo_store *store,
                                bool takes_over) {
    MONGO_BSON(filter);
    MONGO_BSON(update);
    bson_t set;
    int64_t now_ms = 0;
    int64_t written = 0;
    TRY(read_server_time(store, &now_ms));
    put_condition(lease, now_ms, takes_over, &filter);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "$set", &set));
    mongo_put_str(&set, "holder", str_of(lease->holder));
    CHECK(BSON_APPEND_DATE_TIME(&set, "expires_at", now_ms + MIGRATION_LEASE_MS));
    CHECK(bson_append_document_end(&update, &set));
    TRY(mongo_command_update(store, "lease.write", "leases", &filter, &update,
                             takes_over ? MONGO_UPSERT_ONE : MONGO_UPDATE_ONE, &written));
    ENSURE(written == 1, FAULT_CONFLICT);
    return fault_none();
}

static struct fault renew(void *context) {
    const struct mongo_lease *lease = context;
    return write_lease(lease, lease->heartbeat_store, false);
}

static void end_heartbeat(void *context) {
    struct mongo_lease *lease = context;
    mongo_store_close(lease->heartbeat_store);
    lease->heartbeat_store = NULL;
}

static const struct migration_heartbeat_calls heartbeat_calls = {renew, end_heartbeat};

/* Somebody else has it, or was faster, or the answer was lost: look again. */
static bool is_worth_waiting(struct fault fault) {
    return fault_is(fault, FAULT_CONFLICT) || fault_is(fault, FAULT_BUSY) ||
           fault_is(fault, FAULT_OUTCOME_UNKNOWN);
}

struct fault mongo_lease_take(struct mongo_lease *lease, struct mongo_store *store,
                              int64_t wait_ms) {
    int64_t deadline_us = clock_monotonic_us() + wait_ms * 1000;
    lease->store = store;
    migration_holder_init(lease->holder);
    struct fault fault = write_lease(lease, store, true);
    if (is_worth_waiting(fault)) {
        log_info("migration.waiting", LOG_TEXT("store", "mongo"));
    }
    while (is_worth_waiting(fault) && clock_monotonic_us() < deadline_us) {
        struct timespec pause = {.tv_nsec = MIGRATION_LEASE_POLL_MS * 1000000L};
        (void)nanosleep(&pause, NULL);
        fault = write_lease(lease, store, true);
    }
    if (is_worth_waiting(fault)) {
        return fault_of(FAULT_BUSY);
    }
    TRY(fault);
    lease->heartbeat_store = mongo_connection_clone(store, store->timeout_ms);
    migration_heartbeat_start(&lease->heartbeat, &heartbeat_calls, lease);
    return fault_none();
}

static struct fault remove_lease(const struct mongo_lease *lease) {
    MONGO_BSON(filter);
    put_condition(lease, 0, false, &filter);
    return mongo_command_remove(lease->store, "lease.remove", "leases", &filter, NULL);
}

void mongo_lease_give(struct mongo_lease *lease) {
    migration_heartbeat_stop(&lease->heartbeat);
    if (fault_occurred(remove_lease(lease))) {
        log_warn("migration.lease_kept", LOG_TEXT("store", "mongo"),
                 LOG_INT("expires_in_ms", MIGRATION_LEASE_MS));
    }
}

bool mongo_lease_is_held(struct mongo_lease *lease) {
    return migration_heartbeat_is_held(&lease->heartbeat);
}
