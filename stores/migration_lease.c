#include "stores/migration_lease.h"

#include <openssl/rand.h>
#include <stdio.h>

#include "base/clock.h"

void migration_holder_init(char holder[static MIGRATION_HOLDER_SIZE]) {
    unsigned char bytes[(MIGRATION_HOLDER_SIZE - 1) / 2];
    CHECK(RAND_bytes(bytes, sizeof(bytes)) == 1);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        (void)snprintf(holder + 2 * i, 3, "%02x", bytes[i]);
    }
}

/* False when it is time to stop. */
static bool wait_for_next(struct migration_heartbeat *heartbeat) {
    int64_t due_us = clock_monotonic_us() + MIGRATION_HEARTBEAT_MS * INT64_C(1000);
    lock_acquire(&heartbeat->lock);
    int64_t left_ms = MIGRATION_HEARTBEAT_MS;
    while (!heartbeat->is_stopping && left_ms > 0) {
        (void)condition_wait_for(&heartbeat->stopping, &heartbeat->lock, left_ms);
        left_ms = (due_us - clock_monotonic_us()) / 1000;
    }
    bool goes_on = !heartbeat->is_stopping;
    lock_give(&heartbeat->lock);
    return goes_on;
}

static void *run_heartbeat(void *argument) {
    struct migration_heartbeat *heartbeat = argument;
    while (wait_for_next(heartbeat)) {
        /* Measured before the call: the server counts from when it ran the update, or later. */
        int64_t begun_us = clock_monotonic_us();
        struct fault fault = heartbeat->calls->renew(heartbeat->context);
        lock_acquire(&heartbeat->lock);
        heartbeat->is_lost = heartbeat->is_lost || fault_is(fault, FAULT_CONFLICT);
        if (!fault_occurred(fault)) {
            heartbeat->renewed_at_us = begun_us;
        }
        lock_give(&heartbeat->lock);
    }
    heartbeat->calls->end(heartbeat->context);
    return NULL;
}

void migration_heartbeat_start(struct migration_heartbeat *heartbeat,
                               const struct migration_heartbeat_calls *calls, void *context) {
    *heartbeat = (struct migration_heartbeat){
        .calls = calls, .context = context, .renewed_at_us = clock_monotonic_us()};
    lock_init(&heartbeat->lock);
    condition_init(&heartbeat->stopping);
    CHECK(pthread_create(&heartbeat->thread, NULL, run_heartbeat, heartbeat) == 0);
}

void migration_heartbeat_stop(struct migration_heartbeat *heartbeat) {
    lock_acquire(&heartbeat->lock);
    heartbeat->is_stopping = true;
    condition_signal(&heartbeat->stopping);
    lock_give(&heartbeat->lock);
    CHECK(pthread_join(heartbeat->thread, NULL) == 0);
    condition_release(&heartbeat->stopping);
    lock_release(&heartbeat->lock);
}

bool migration_heartbeat_is_held(struct migration_heartbeat *heartbeat) {
    lock_acquire(&heartbeat->lock);
    int64_t age_us = clock_monotonic_us() - heartbeat->renewed_at_us;
    bool is_held = !heartbeat->is_lost && age_us < MIGRATION_LEASE_MS * INT64_C(1000);
    lock_give(&heartbeat->lock);
    return is_held;
}
