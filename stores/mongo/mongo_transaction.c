#include "stores/mongo/mongo_transaction.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

#define PAUSE_MAX_MS 64

/* Between half of and the whole of 2, 4, 8, ... ms: two that collided must not collide again. */
static void pause_after(int tries) {
    int64_t longest_ms = tries < 5 ? INT64_C(2) << tries : PAUSE_MAX_MS;
    int64_t longest_us = longest_ms * 1000;
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    unsigned seed = (unsigned)now.tv_nsec;
    int64_t pause_us = longest_us / 2 + rand_r(&seed) % (longest_us / 2);
    struct timespec pause = {.tv_nsec = pause_us * 1000};
    (void)nanosleep(&pause, NULL);
}

static struct fault try_once(struct mongo_store *store, mongo_transaction_body *body,
                             void *context) {
    TRY(mongo_connection_begin(store));
    struct fault fault = body(store, context);
    if (!fault_occurred(fault)) {
        return mongo_connection_commit(store);
    }
    bool is_transient = store->is_transient;
    mongo_connection_abort(store);
    store->is_transient = is_transient;
    return fault;
}

struct fault mongo_transaction_run(struct mongo_store *store, mongo_transaction_body *body,
                                   void *context) {
    if (store->session != NULL) {
        /* Part of another one, which is repeated and committed as a whole. */
        return body(store, context);
    }
    int64_t deadline_us = clock_monotonic_us() + store->timeout_ms * 1000;
    for (int tries = 1;; tries++) {
        store->is_transient = false;
        struct fault fault = try_once(store, body, context);
        bool is_over = !fault_occurred(fault) || !store->is_transient ||
                       fault_is(fault, FAULT_OUTCOME_UNKNOWN) ||
                       tries == MONGO_TRANSACTION_TRIES_MAX || clock_monotonic_us() > deadline_us;
        if (is_over) {
            return fault;
        }
        pause_after(tries);
    }
}

struct fault mongo_transaction_overtaken(struct mongo_store *store) {
    store->is_transient = true;
    return fault_of(FAULT_BUSY);
}
