#include "base/queue.h"

#include <stdlib.h>

void queue_init(struct queue *queue, size_t capacity) {
    CHECK(capacity > 0);
    *queue = (struct queue){.capacity = capacity};
    queue->items = calloc(capacity, sizeof *queue->items);
    CHECK(queue->items != NULL && "out of memory");
    lock_init(&queue->lock);
    condition_init(&queue->not_empty);
}

void queue_release(struct queue *queue) {
    CHECK(queue->count == 0);
    condition_release(&queue->not_empty);
    lock_release(&queue->lock);
    free(queue->items);
    *queue = (struct queue){0};
}

bool queue_push(struct queue *queue, void *item) {
    CHECK(item != NULL);
    lock_acquire(&queue->lock);
    bool accepted = !queue->closed && queue->count < queue->capacity;
    if (accepted) {
        queue->items[(queue->first + queue->count) % queue->capacity] = item;
        queue->count++;
    }
    /* One that is woken already and has not got the lock yet takes the item before this one. */
    bool wakes = accepted && queue->waiting > 0;
    queue->waiting -= wakes ? 1 : 0;
    lock_give(&queue->lock);
    /* After giving the lock, for which the other would only wait again. */
    if (wakes) {
        condition_signal(&queue->not_empty);
    }
    return accepted;
}

/* Under the lock; there is one. */
static void *take_first(struct queue *queue) {
    void *item = queue->items[queue->first];
    queue->first = (queue->first + 1) % queue->capacity;
    queue->count--;
    return item;
}

size_t queue_take(struct queue *queue, bool (*is_wanted)(const void *item), size_t parts,
                  void **items, size_t max) {
    CHECK(parts > 0);
    size_t taken = 0;
    lock_acquire(&queue->lock);
    size_t most = queue->count / parts < max ? queue->count / parts : max;
    while (taken < most && is_wanted(queue->items[queue->first])) {
        items[taken++] = take_first(queue);
    }
    lock_give(&queue->lock);
    return taken;
}

void *queue_pop(struct queue *queue) {
    void *item = NULL;
    lock_acquire(&queue->lock);
    while (queue->count == 0 && !queue->closed) {
        /* Whoever wakes it takes it off. One that wakes by itself counts twice from then on, which
         * only makes for a signal that nobody needs. */
        queue->waiting++;
        condition_wait(&queue->not_empty, &queue->lock);
    }
    if (queue->count > 0) {
        item = take_first(queue);
    }
    lock_give(&queue->lock);
    return item;
}

void queue_close(struct queue *queue) {
    lock_acquire(&queue->lock);
    queue->closed = true;
    condition_broadcast(&queue->not_empty);
    lock_give(&queue->lock);
}

size_t queue_count(struct queue *queue) {
    lock_acquire(&queue->lock);
    size_t count = queue->count;
    lock_give(&queue->lock);
    return count;
}
