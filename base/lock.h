/*
 * lock: mutex and condition, thinly over POSIX threads.
 *
 * Errors of the pthread calls are errors of the programmer and CHECKed. Locks are not recursive. No
 * store, network or file call is made while one is held.
 */
#ifndef AIZY_BASE_LOCK_H
#define AIZY_BASE_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct lock {
    pthread_mutex_t mutex;
};

struct condition {
    pthread_cond_t cond;
};

void lock_init(struct lock *lock);
void lock_release(struct lock *lock);
void lock_acquire(struct lock *lock);
void lock_give(struct lock *lock);

/* Waits are measured on the monotonic clock. */
void condition_init(struct condition *condition);
void condition_release(struct condition *condition);
void condition_wait(struct condition *condition, struct lock *lock);

/* False when `timeout_ms` passed; a spurious return gives true, so callers loop on their state. */
bool condition_wait_for(struct condition *condition, struct lock *lock, int64_t timeout_ms);
void condition_signal(struct condition *condition);
void condition_broadcast(struct condition *condition);

#endif
