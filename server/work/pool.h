/*
 * pool: threads that do what may wait, fed by a bounded queue.
 *
 * Each store has its pool, and so has hashing, so that nothing starves anything: a store that
 * hangs holds its own workers alone. Each worker owns one context (a connection), opened in its own
 * thread before it takes its first item and closed there after its last. Workers never wait on
 * another pool; work that needs two goes through one after the other.
 */
#ifndef AIZY_SERVER_WORK_POOL_H
#define AIZY_SERVER_WORK_POOL_H

#include "base/fault.h"

struct pool;

struct pool_options {
    const char *name; /* static; at most 15 bytes, also the threads' name */
    size_t workers;   /* at least 1 */
    size_t queue;     /* items that may wait, at least 1 */
    int niceness;     /* 0 to 19: how far the threads stand back for others (nice(2)) */

    /* All three run in the worker's thread. `shared` is the same for all of a pool's workers. */
    void *(*worker_open)(void *shared);  /* may be NULL: the context is NULL */
    void (*worker_close)(void *context); /* may be NULL */
    void (*run)(void *item, void *context);
    void *shared;
};

/* Starts the threads. CHECKs that the system gives them. */
struct pool *pool_open(const struct pool_options *options);

/* False at once when the queue is full or the pool is being closed; then `item` is the caller's. */
MUST_USE bool pool_submit(struct pool *pool, void *item);

/*
 * For a worker of the pool that can do several items at the cost of one: takes along from the front
 * of the queue what is_wanted (which only looks, under the queue's lock), without waiting, up to
 * `max` and no more than its share, so that the other workers find as much. Returns how many; they
 * are the caller's to run.
 */
size_t pool_take(struct pool *pool, bool (*is_wanted)(const void *item), void **items, size_t max);

/*
 * Refuses new items, runs those that wait, ends the threads. Where workers of several pools submit
 * to one another all are stopped before one is closed: a submission touches the pool's memory for a
 * moment after its item may have been run.
 */
void pool_stop(struct pool *pool);

/* Stops it, unless that has been done, and frees it. */
void pool_close(struct pool *pool);

/* Right at some moment during the call. */
struct pool_figures {
    const char *name; /* static */
    size_t workers;
    size_t busy;
    size_t waiting;
    size_t queue;
};
struct pool_figures pool_figures(struct pool *pool);

#endif
