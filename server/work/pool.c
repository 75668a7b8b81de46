#include "server/work/pool.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/metric.h"
#include "base/queue.h"
#include "server/work/thread.h"

/*
 * The deepest of what workers do: a handshake within a driver (OpenSSL, and the resolver's buffers)
 * under a handler's own frames. Half of it would do; the rest is for libraries to come. Argon2id's
 * memory is on the heap. Only pages that were touched cost anything.
 */
#define POOL_STACK_BYTES (1024UL * 1024)

struct pool {
    struct pool_options options;
    struct queue queue;
    atomic_size_t busy;
    bool is_stopped;
    struct thread threads[];
};

static void *run_worker(void *argument) {
    struct pool *pool = argument;
    const struct pool_options *options = &pool->options;
    /* In Linux a thread has a niceness of its own; 0 names the one that calls. */
    CHECK(setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + options->niceness) == 0);
    void *context = options->worker_open == NULL ? NULL : options->worker_open(options->shared);
    for (void *item = queue_pop(&pool->queue); item != NULL; item = queue_pop(&pool->queue)) {
        atomic_fetch_add(&pool->busy, 1);
        options->run(item, context);
        atomic_fetch_sub(&pool->busy, 1);
    }
    if (options->worker_close != NULL) {
        options->worker_close(context);
    }
    return NULL;
}

struct pool *pool_open(const struct pool_options *options) {
    CHECK(options->workers >= 1 && options->queue >= 1 && options->run != NULL);
    struct pool *pool = calloc(1, sizeof *pool + options->workers * sizeof pool->threads[0]);
    CHECK(pool != NULL && "out of memory");
    pool->options = *options;
    queue_init(&pool->queue, options->queue);
    for (size_t i = 0; i < options->workers; i++) {
        thread_start(&pool->threads[i], options->name, POOL_STACK_BYTES, run_worker, pool);
    }
    return pool;
}

bool pool_submit(struct pool *pool, void *item) {
    bool is_taken = queue_push(&pool->queue, item);
    if (!is_taken) {
        metric_add(METRIC_POOL_REFUSED, METRIC_LABELS(pool->options.name), 1);
    }
    return is_taken;
}

size_t pool_take(struct pool *pool, bool (*is_wanted)(const void *item), void **items, size_t max) {
    return queue_take(&pool->queue, is_wanted, pool->options.workers, items, max);
}

void pool_stop(struct pool *pool) {
    CHECK(!pool->is_stopped);
    queue_close(&pool->queue);
    for (size_t i = 0; i < pool->options.workers; i++) {
        thread_join(&pool->threads[i]);
    }
    pool->is_stopped = true;
}

void pool_close(struct pool *pool) {
    if (!pool->is_stopped) {
        pool_stop(pool);
    }
    queue_release(&pool->queue);
    free(pool);
}

struct pool_figures pool_figures(struct pool *pool) {
    return (struct pool_figures){
        .name = pool->options.name,
        .workers = pool->options.workers,
        .busy = atomic_load(&pool->busy),
        .waiting = queue_count(&pool->queue),
        .queue = pool->options.queue,
    };
}
