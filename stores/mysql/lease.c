#include "stores/mysql/lease.h"

#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "stores/mysql/statement.h"
#include "stores/mysql/transaction.h"

/* One write in a transaction of its own. */
struct single_write {
    struct mysql_use use;
    struct mysql_written written;
};

static struct fault run_single(struct mysql_store *store, void *context) {
    struct single_write *single = context;
    return mysql_write(store, &single->use, &single->written);
}

static struct fault insert_row(struct mysql_store *store) {
    struct single_write single = {.use = {.statement = STATEMENT_LEASE_INSERT}};
    return mysql_transaction_run(store, run_single, &single);
}

static struct fault try_to_take(struct mysql_store *store, const struct mysql_lease *lease,
                                bool *is_taken) {
    const struct mysql_parameter parameters[] = {
        PARAM_STR(str_of(lease->holder)),
        PARAM_INT(MIGRATION_LEASE_MS * INT64_C(1000)),
        PARAM_STR(str_of(lease->holder)),
    };
    struct single_write single = {.use = {.statement = STATEMENT_LEASE_TAKE,
                                          .parameters = parameters,
                                          .parameter_count = COUNT_OF(parameters)}};
    struct fault fault = mysql_transaction_run(store, run_single, &single);
    *is_taken = !fault_occurred(fault) && single.written.rows > 0;
    /* Taking it again is harmless, so what is not known to have been done is tried again too. */
    bool may_try_again = fault_is(fault, FAULT_OUTCOME_UNKNOWN) || fault_is(fault, FAULT_BUSY);
    return may_try_again ? fault_none() : fault;
}

static void pause_ms(int64_t milliseconds) {
    const struct timespec pause = {.tv_sec = milliseconds / 1000,
                                   .tv_nsec = (milliseconds % 1000) * 1000000};
    (void)nanosleep(&pause, NULL);
}

static struct fault wait_for_lease(struct mysql_store *store, int64_t wait_ms,
                                   const struct mysql_lease *lease) {
    int64_t deadline_us = clock_monotonic_us() + wait_ms * 1000;
    bool is_taken = false;
    bool is_waiting = false;
    TRY(try_to_take(store, lease, &is_taken));
    while (!is_taken) {
        ENSURE(clock_monotonic_us() < deadline_us, FAULT_BUSY);
        if (!is_waiting) {
            log_info("migration.waiting", LOG_TEXT("store", "mysql"));
            is_waiting = true;
        }
        pause_ms(MIGRATION_LEASE_POLL_MS);
        TRY(try_to_take(store, lease, &is_taken));
    }
    return fault_none();
}

static struct fault renew(void *context) {
    struct mysql_lease *lease = context;
    if (lease->heartbeat_store == NULL) {
        TRY(mysql_store_open(&lease->options, &lease->heartbeat_store));
    }
    const struct mysql_parameter parameters[] = {
        PARAM_INT(MIGRATION_LEASE_MS * INT64_C(1000)),
        PARAM_STR(str_of(lease->holder)),
    };
    struct single_write single = {.use = {.statement = STATEMENT_LEASE_RENEW,
                                          .parameters = parameters,
                                          .parameter_count = COUNT_OF(parameters)}};
    TRY(mysql_transaction_run(lease->heartbeat_store, run_single, &single));
    ENSURE(single.written.rows > 0, FAULT_CONFLICT);
    return fault_none();
}

static void end(void *context) {
    struct mysql_lease *lease = context;
    if (lease->heartbeat_store != NULL) {
        mysql_store_close(lease->heartbeat_store);
    }
}

static const struct migration_heartbeat_calls heartbeat_calls = {.renew = renew, .end = end};

struct fault mysql_lease_take(struct mysql_store *store, int64_t wait_ms,
                              const struct mysql_store_options *heartbeat_options,
                              struct mysql_lease *lease) {
    *lease = (struct mysql_lease){.options = *heartbeat_options};
    migration_holder_init(lease->holder);
    TRY(insert_row(store));
    TRY(wait_for_lease(store, wait_ms, lease));
    migration_heartbeat_start(&lease->heartbeat, &heartbeat_calls, lease);
    return fault_none();
}

bool mysql_lease_is_held(struct mysql_lease *lease) {
    return migration_heartbeat_is_held(&lease->heartbeat);
}

void mysql_lease_give(struct mysql_store *store, struct mysql_lease *lease) {
    migration_heartbeat_stop(&lease->heartbeat);
    const struct mysql_parameter parameters[] = {PARAM_STR(str_of(lease->holder))};
    struct single_write single = {.use = {.statement = STATEMENT_LEASE_GIVE,
                                          .parameters = parameters,
                                          .parameter_count = COUNT_OF(parameters)}};
    /* When it cannot be given back it expires. */
    if (fault_occurred(mysql_transaction_run(store, run_single, &single))) {
        log_warn("migration.lease_left", LOG_TEXT("store", "mysql"));
    }
}
