/*
 * queue: a bounded first-in first-out queue of pointers between threads.
 *
 * Many threads may push and pop. A push never waits: a full queue refuses, and whoever pushed says
 * so to its client at once. The queue owns nothing that is in it.
 */
#ifndef AIZY_BASE_QUEUE_H
#define AIZY_BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"
#include "base/lock.h"

struct queue {
    struct lock lock;
    struct condition not_empty;
    void **items;
    size_t capacity;
    size_t first;
    size_t count;
    size_t waiting; /* threads in queue_pop that nobody has woken yet */
    bool closed;
};

void queue_init(struct queue *queue, size_t capacity);

/* The queue must be empty and no thread may be in it. */
void queue_release(struct queue *queue);

/* False when it is full or closed. Wakes one of those who wait in queue_pop, if any does. */
MUST_USE bool queue_push(struct queue *queue, void *item);

/* Waits for an item; NULL once the queue is closed and empty. */
void *queue_pop(struct queue *queue);

/*
 * Without waiting: takes from the front what is_wanted, up to `max` items and no more than one part
 * in `parts` of all. is_wanted is called with the lock held, so it only looks. Returns how many.
 */
size_t queue_take(struct queue *queue, bool (*is_wanted)(const void *item), size_t parts,
                  void **items, size_t max);

/*
 * Refuses further items; those inside are still handed out. Whoever pushes may still be in the
 * queue when it returns.
 */
void queue_close(struct queue *queue);

size_t queue_count(struct queue *queue);

#endif
