#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/queue.h"

#define PRODUCERS 3
#define CONSUMERS 3
#define ITEMS_EACH 20000

static struct queue queue;
static int numbers[PRODUCERS * ITEMS_EACH];
static atomic_int times_popped[PRODUCERS * ITEMS_EACH];

static void keeps_order_and_bound(void **state) {
    (void)state;
    int items[4];
    queue_init(&queue, 3);
    /* Twice round, so that the ring wraps. */
    for (int round = 0; round < 2; round++) {
        assert_true(queue_push(&queue, &items[0]));
        assert_true(queue_push(&queue, &items[1]));
        assert_true(queue_push(&queue, &items[2]));
        assert_false(queue_push(&queue, &items[3]));
        assert_int_equal(queue_count(&queue), 3);
        assert_ptr_equal(queue_pop(&queue), &items[0]);
        assert_true(queue_push(&queue, &items[3]));
        assert_ptr_equal(queue_pop(&queue), &items[1]);
        assert_ptr_equal(queue_pop(&queue), &items[2]);
        assert_ptr_equal(queue_pop(&queue), &items[3]);
    }
    queue_close(&queue);
    queue_release(&queue);
}

static bool is_small(const void *item) {
    return *(const int *)item < 10;
}

static void takes_its_part_of_what_is_wanted(void **state) {
    (void)state;
    int items[8] = {1, 2, 3, 4, 5, 6, 70, 8};
    void *taken[8] = {NULL};
    queue_init(&queue, COUNT_OF(items));
    assert_int_equal(queue_take(&queue, is_small, 1, taken, COUNT_OF(taken)), 0);
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        assert_true(queue_push(&queue, &items[i]));
    }
    assert_int_equal(queue_take(&queue, is_small, 9, taken, COUNT_OF(taken)), 0);
    assert_int_equal(queue_take(&queue, is_small, 4, taken, COUNT_OF(taken)), 2);
    assert_ptr_equal(taken[0], &items[0]);
    assert_ptr_equal(taken[1], &items[1]);
    assert_int_equal(queue_take(&queue, is_small, 1, taken, 1), 1);
    assert_ptr_equal(taken[0], &items[2]);
    /* Up to the first that is not wanted, which stays where it is. */
    assert_int_equal(queue_take(&queue, is_small, 1, taken, COUNT_OF(taken)), 3);
    assert_int_equal(queue_take(&queue, is_small, 1, taken, COUNT_OF(taken)), 0);
    assert_ptr_equal(queue_pop(&queue), &items[6]);
    assert_ptr_equal(queue_pop(&queue), &items[7]);
    queue_close(&queue);
    queue_release(&queue);
}

static void hands_out_what_was_inside_when_closed(void **state) {
    (void)state;
    int item = 0;
    queue_init(&queue, 2);
    assert_true(queue_push(&queue, &item));
    queue_close(&queue);
    assert_false(queue_push(&queue, &item));
    assert_ptr_equal(queue_pop(&queue), &item);
    assert_null(queue_pop(&queue));
    assert_null(queue_pop(&queue));
    queue_release(&queue);
}

static void *produce(void *first) {
    int *items = first;
    for (int i = 0; i < ITEMS_EACH;) {
        if (queue_push(&queue, &items[i])) {
            i++;
        } else {
            (void)sched_yield();
        }
    }
    return NULL;
}

static void *consume(void *unused) {
    (void)unused;
    for (int *item = queue_pop(&queue); item != NULL; item = queue_pop(&queue)) {
        atomic_fetch_add(&times_popped[item - numbers], 1);
    }
    return NULL;
}

static void hands_each_item_to_one_thread(void **state) {
    (void)state;
    pthread_t producers[PRODUCERS];
    pthread_t consumers[CONSUMERS];
    queue_init(&queue, 64);
    for (int i = 0; i < CONSUMERS; i++) {
        assert_int_equal(pthread_create(&consumers[i], NULL, consume, NULL), 0);
    }
    for (int i = 0; i < PRODUCERS; i++) {
        int *first = numbers + (ptrdiff_t)i * ITEMS_EACH;
        assert_int_equal(pthread_create(&producers[i], NULL, produce, first), 0);
    }
    for (int i = 0; i < PRODUCERS; i++) {
        assert_int_equal(pthread_join(producers[i], NULL), 0);
    }
    queue_close(&queue);
    for (int i = 0; i < CONSUMERS; i++) {
        assert_int_equal(pthread_join(consumers[i], NULL), 0);
    }
    for (size_t i = 0; i < COUNT_OF(times_popped); i++) {
        assert_int_equal(times_popped[i], 1);
    }
    queue_release(&queue);
}

static void waits_no_longer_than_told(void **state) {
    (void)state;
    struct lock lock;
    struct condition condition;
    lock_init(&lock);
    condition_init(&condition);
    lock_acquire(&lock);
    int64_t start = clock_monotonic_us();
    while (condition_wait_for(&condition, &lock, 30)) {}
    assert_true(clock_monotonic_us() - start >= 30000);
    assert_false(condition_wait_for(&condition, &lock, 0));
    assert_false(condition_wait_for(&condition, &lock, -5));
    lock_give(&lock);
    condition_release(&condition);
    lock_release(&lock);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_order_and_bound),
        cmocka_unit_test(takes_its_part_of_what_is_wanted),
        cmocka_unit_test(hands_out_what_was_inside_when_closed),
        cmocka_unit_test(hands_each_item_to_one_thread),
        cmocka_unit_test(waits_no_longer_than_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
