#include "base/lock.h"

#include <errno.h>
#include <time.h>

#include "base/check.h"

void lock_init(struct lock *lock) {
    CHECK(pthread_mutex_init(&lock->mutex, NULL) == 0);
}

void lock_release(struct lock *lock) {
    CHECK(pthread_mutex_destroy(&lock->mutex) == 0);
}

void lock_acquire(struct lock *lock) {
    CHECK(pthread_mutex_lock(&lock->mutex) == 0);
}

void lock_give(struct lock *lock) {
    CHECK(pthread_mutex_unlock(&lock->mutex) == 0);
}

void condition_init(struct condition *condition) {
    pthread_condattr_t attributes;
    CHECK(pthread_condattr_init(&attributes) == 0);
    CHECK(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&condition->cond, &attributes) == 0);
    CHECK(pthread_condattr_destroy(&attributes) == 0);
}

void condition_release(struct condition *condition) {
    CHECK(pthread_cond_destroy(&condition->cond) == 0);
}

void condition_wait(struct condition *condition, struct lock *lock) {
    CHECK(pthread_cond_wait(&condition->cond, &lock->mutex) == 0);
}

bool condition_wait_for(struct condition *condition, struct lock *lock, int64_t timeout_ms) {
    struct timespec until;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
    if (timeout_ms > 0) {
        until.tv_sec += timeout_ms / 1000;
        until.tv_nsec += timeout_ms % 1000 * 1000000;
    }
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    int result = pthread_cond_timedwait(&condition->cond, &lock->mutex, &until);
    CHECK(result == 0 || result == ETIMEDOUT);
    return result == 0;
}

void condition_signal(struct condition *condition) {
    CHECK(pthread_cond_signal(&condition->cond) == 0);
}

void condition_broadcast(struct condition *condition) {
    CHECK(pthread_cond_broadcast(&condition->cond) == 0);
}
