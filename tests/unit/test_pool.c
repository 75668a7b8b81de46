/* Pools: what is submitted is run once, in order, by workers that own a context each. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/lock.h"
#include "server/work/pool.h"

#define ITEMS 10000
#define WORKERS 4

struct bench {
    struct lock lock;
    struct condition changed;
    bool gate_is_open;
    size_t inside; /* waiting at the gate */
    size_t order[ITEMS];
    size_t run_count;
    atomic_size_t opened;
    atomic_size_t closed;
    char thread_name[16];
    bool term_is_blocked;
};

struct item {
    struct bench *bench;
    size_t number;
    bool waits_at_gate;
    atomic_size_t runs;
};

static void *open_worker(void *shared) {
    struct bench *bench = shared;
    atomic_fetch_add(&bench->opened, 1);
    return bench;
}

static void close_worker(void *context) {
    struct bench *bench = context;
    atomic_fetch_add(&bench->closed, 1);
}

static void run_item(void *data, void *context) {
    struct item *item = data;
    struct bench *bench = item->bench;
    /* CHECK, because cmocka's assertions belong to the thread of the test. */
    CHECK(context == bench);
    lock_acquire(&bench->lock);
    if (item->waits_at_gate) {
        bench->inside++;
        condition_broadcast(&bench->changed);
        while (!bench->gate_is_open) {
            condition_wait(&bench->changed, &bench->lock);
        }
    }
    bench->order[bench->run_count++] = item->number;
    lock_give(&bench->lock);
    atomic_fetch_add(&item->runs, 1);
}

static void bench_init(struct bench *bench) {
    memset(bench, 0, sizeof *bench);
    lock_init(&bench->lock);
    condition_init(&bench->changed);
}

static void bench_release(struct bench *bench) {
    condition_release(&bench->changed);
    lock_release(&bench->lock);
}

static struct pool *open_pool(struct bench *bench, size_t workers, size_t queue) {
    return pool_open(&(struct pool_options){
        .name = "pool-of-a-test",
        .workers = workers,
        .queue = queue,
        .worker_open = open_worker,
        .worker_close = close_worker,
        .run = run_item,
        .shared = bench,
    });
}

static void await_inside(struct bench *bench, size_t count) {
    lock_acquire(&bench->lock);
    while (bench->inside < count) {
        assert_true(condition_wait_for(&bench->changed, &bench->lock, 10000));
    }
    lock_give(&bench->lock);
}

static void open_gate(struct bench *bench) {
    lock_acquire(&bench->lock);
    bench->gate_is_open = true;
    condition_broadcast(&bench->changed);
    lock_give(&bench->lock);
}

static void runs_each_item_once(void **state) {
    (void)state;
    static struct bench bench;
    static struct item items[ITEMS];
    bench_init(&bench);
    struct pool *pool = open_pool(&bench, WORKERS, ITEMS);
    for (size_t i = 0; i < ITEMS; i++) {
        items[i] = (struct item){.bench = &bench, .number = i};
        assert_true(pool_submit(pool, &items[i]));
    }
    pool_close(pool);
    assert_int_equal(bench.run_count, ITEMS);
    for (size_t i = 0; i < ITEMS; i++) {
        assert_int_equal(atomic_load(&items[i].runs), 1);
    }
    assert_int_equal(atomic_load(&bench.opened), WORKERS);
    assert_int_equal(atomic_load(&bench.closed), WORKERS);
    bench_release(&bench);
}

static void refuses_when_full_and_keeps_the_order(void **state) {
    (void)state;
    static struct bench bench;
    bench_init(&bench);
    struct pool *pool = open_pool(&bench, 1, 2);
    struct item items[4];
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        items[i] = (struct item){.bench = &bench, .number = i, .waits_at_gate = i == 0};
    }
    assert_true(pool_submit(pool, &items[0]));
    await_inside(&bench, 1);
    assert_true(pool_submit(pool, &items[1]));
    assert_true(pool_submit(pool, &items[2]));
    assert_false(pool_submit(pool, &items[3]));

    struct pool_figures figures = pool_figures(pool);
    assert_int_equal(figures.workers, 1);
    assert_int_equal(figures.busy, 1);
    assert_int_equal(figures.waiting, 2);
    assert_int_equal(figures.queue, 2);

    open_gate(&bench);
    pool_close(pool);
    assert_int_equal(bench.run_count, 3);
    for (size_t i = 0; i < bench.run_count; i++) {
        assert_int_equal(bench.order[i], i);
    }
    assert_int_equal(atomic_load(&items[3].runs), 0);
    bench_release(&bench);
}

static void runs_as_many_at_once_as_it_has_workers(void **state) {
    (void)state;
    static struct bench bench;
    bench_init(&bench);
    struct pool *pool = open_pool(&bench, WORKERS, WORKERS);
    struct item items[WORKERS];
    for (size_t i = 0; i < WORKERS; i++) {
        items[i] = (struct item){.bench = &bench, .number = i, .waits_at_gate = true};
        assert_true(pool_submit(pool, &items[i]));
    }
    await_inside(&bench, WORKERS);
    assert_int_equal(pool_figures(pool).busy, WORKERS);
    open_gate(&bench);
    pool_close(pool);
    assert_int_equal(bench.run_count, WORKERS);
    bench_release(&bench);
}

static void look_around(void *data, void *context) {
    (void)context;
    struct bench *bench = data;
    sigset_t blocked;
    CHECK(pthread_sigmask(SIG_SETMASK, NULL, &blocked) == 0);
    bench->term_is_blocked = sigismember(&blocked, SIGTERM) == 1;
    CHECK(pthread_getname_np(pthread_self(), bench->thread_name, sizeof bench->thread_name) == 0);
}

static void names_its_threads_and_leaves_signals_to_main(void **state) {
    (void)state;
    static struct bench bench;
    bench_init(&bench);
    struct pool *pool = pool_open(
        &(struct pool_options){.name = "bench", .workers = 1, .queue = 1, .run = look_around});
    assert_true(pool_submit(pool, &bench));
    pool_close(pool);
    assert_string_equal(bench.thread_name, "bench");
    assert_true(bench.term_is_blocked);
    sigset_t blocked;
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &blocked), 0);
    assert_false(sigismember(&blocked, SIGTERM));
    bench_release(&bench);
}

static void note_niceness(void *item, void *context) {
    (void)context;
    *(int *)item = getpriority(PRIO_PROCESS, 0);
}

static void stands_back_in_its_own_threads_only(void **state) {
    (void)state;
    int before = getpriority(PRIO_PROCESS, 0);
    int within = before;
    struct pool *pool = pool_open(&(struct pool_options){
        .name = "bench", .workers = 1, .queue = 1, .niceness = 3, .run = note_niceness});
    assert_true(pool_submit(pool, &within));
    pool_close(pool);
    assert_int_equal(within, before + 3 < 19 ? before + 3 : 19);
    assert_int_equal(getpriority(PRIO_PROCESS, 0), before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_each_item_once),
        cmocka_unit_test(refuses_when_full_and_keeps_the_order),
        cmocka_unit_test(runs_as_many_at_once_as_it_has_workers),
        cmocka_unit_test(names_its_threads_and_leaves_signals_to_main),
        cmocka_unit_test(stands_back_in_its_own_threads_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
