#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "server/api/reply.h"
#include "server/work/thread.h"
#include "tests/unit/job_fixture.h"

#define JOBS 1000
#define WORKERS 4
#define COMMITTERS 2
#define BATCH 64
#define PATIENCE_MS 20000

/* What many jobs hand themselves to, so that one commit serves all of a batch. */
struct batcher {
    struct lock lock;
    struct condition changed;
    struct job *items[JOBS];
    size_t count;
    size_t resumed;
    bool is_refusing;
    bool is_open;   /* committers may begin */
    bool is_closed; /* nothing more comes */
};

struct parking {
    struct batcher batcher;
    struct pool *pool;
    struct job *jobs;
    atomic_int finished;
    atomic_int rendered;
};

static struct parking parking;

static bool take(struct job *job, void *context) {
    struct batcher *batcher = context;
    lock_acquire(&batcher->lock);
    bool is_taken = !batcher->is_refusing && batcher->count < JOBS;
    if (is_taken) {
        batcher->items[batcher->count++] = job;
        condition_broadcast(&batcher->changed);
    }
    lock_give(&batcher->lock);
    return is_taken;
}

static struct fault park(struct job *job) {
    return job_park(job, take, &parking.batcher);
}

static struct fault park_and_fail(struct job *job) {
    TRY(job_park(job, take, &parking.batcher));
    return fault_of(FAULT_CONFLICT);
}

static struct fault render(struct job *job) {
    atomic_fetch_add(&parking.rendered, 1);
    return reply_json(job, STR("{}"));
}

static const struct route parking_route = {
    .method = HTTP_POST,
    .path = "/parking",
    .id = "park",
    .access = ACCESS_ANYONE,
    .status = 200,
    .stages = {{POOL_HASH, park}, {POOL_LOOP, render}},
};

static const struct route failing_route = {
    .method = HTTP_POST,
    .path = "/parking",
    .id = "park_and_fail",
    .access = ACCESS_ANYONE,
    .status = 200,
    .stages = {{POOL_HASH, park_and_fail}, {POOL_LOOP, render}},
};

/* Waits there once more, for a worker. */
static const struct route returning_route = {
    .method = HTTP_POST,
    .path = "/parking",
    .id = "park_and_return",
    .access = ACCESS_ANYONE,
    .status = 200,
    .stages = {{POOL_HASH, park}, {POOL_HASH, render}},
};

static void run_item(void *item, void *context) {
    job_run_stage(item, POOL_HASH, context);
}

static void note_finished(struct job *job) {
    assert_non_null(job->http);
    lock_acquire(&parking.batcher.lock);
    atomic_fetch_add(&parking.finished, 1);
    condition_broadcast(&parking.batcher.changed);
    lock_give(&parking.batcher.lock);
}

static int open_parking(void **state) {
    (void)state;
    memset(&parking, 0, sizeof(parking));
    fixture_open(&fixture);
    lock_init(&parking.batcher.lock);
    condition_init(&parking.batcher.changed);
    parking.pool = pool_open(&(struct pool_options){
        .name = "park", .workers = WORKERS, .queue = JOBS + 1, .run = run_item});
    fixture.app.pools[POOL_HASH] = parking.pool;
    parking.jobs = calloc(JOBS + 1, sizeof(*parking.jobs));
    assert_non_null(parking.jobs);
    return 0;
}

static int close_parking(void **state) {
    (void)state;
    pool_close(parking.pool);
    for (size_t i = 0; i < JOBS + 1 && parking.jobs[i].app != NULL; i++) {
        job_release(&parking.jobs[i]);
    }
    free(parking.jobs);
    condition_release(&parking.batcher.changed);
    lock_release(&parking.batcher.lock);
    fixture_close(&fixture);
    return 0;
}

static struct job *submit(size_t index, const struct route *route) {
    struct job *job = &parking.jobs[index];
    job->finish = note_finished;
    job->http = &parking;
    job_init(job, &fixture.app);
    job->route = route;
    job_trace_wait(&job->trace, POOL_HASH);
    assert_true(pool_submit(parking.pool, job));
    return job;
}

/* Until as many are in the batcher, or finished. */
static void await(const size_t *count, const atomic_int *finished, size_t wanted) {
    struct batcher *batcher = &parking.batcher;
    lock_acquire(&batcher->lock);
    while ((count != NULL ? *count : (size_t)atomic_load(finished)) < wanted) {
        assert_true(condition_wait_for(&batcher->changed, &batcher->lock, PATIENCE_MS));
    }
    lock_give(&batcher->lock);
}

/* A batch of those that wait; 0 when there are none and will be none. */
static size_t take_batch(struct batcher *batcher, struct job *batch[static BATCH]) {
    size_t size = 0;
    lock_acquire(&batcher->lock);
    while (!batcher->is_open || (batcher->count == batcher->resumed && !batcher->is_closed)) {
        condition_wait(&batcher->changed, &batcher->lock);
    }
    while (size < BATCH && batcher->resumed < batcher->count) {
        batch[size++] = batcher->items[batcher->resumed++];
    }
    lock_give(&batcher->lock);
    return size;
}

/* One commit for the whole batch; each tenth job is told that it failed. */
static void *commit(void *argument) {
    struct batcher *batcher = argument;
    struct job *batch[BATCH];
    for (size_t size = take_batch(batcher, batch); size > 0; size = take_batch(batcher, batch)) {
        for (size_t i = 0; i < size; i++) {
            if ((batch[i] - parking.jobs) % 10 == 0) {
                job_resume_fault(batch[i], FAULT_CONFLICT);
            } else {
                job_resume(batch[i]);
            }
        }
    }
    return NULL;
}

static void open_batcher(bool is_closed) {
    lock_acquire(&parking.batcher.lock);
    parking.batcher.is_open = true;
    parking.batcher.is_closed = is_closed;
    condition_broadcast(&parking.batcher.changed);
    lock_give(&parking.batcher.lock);
}

/* All of them wait at once, which four workers could not do. */
static void parks_a_thousand_jobs_on_four_workers(void **state) {
    (void)state;
    struct thread committers[COMMITTERS];
    for (size_t i = 0; i < COMMITTERS; i++) {
        thread_start(&committers[i], "commit", 256UL * 1024, commit, &parking.batcher);
    }
    for (size_t i = 0; i < JOBS; i++) {
        submit(i, &parking_route);
    }
    await(&parking.batcher.count, NULL, JOBS);
    assert_int_equal(atomic_load(&parking.finished), 0);
    assert_int_equal(atomic_load(&fixture.app.parked_jobs), JOBS);

    submit(JOBS, &parking_route);
    await(NULL, &parking.finished, 1);
    assert_int_equal(parking.jobs[JOBS].reply.status, 503);
    assert_non_null(strstr(buf_str(&parking.jobs[JOBS].reply.body).data, "\"code\":\"busy\""));

    /* Clients that leave before, during and after. */
    open_batcher(true);
    for (size_t i = 0; i < JOBS; i += 3) {
        atomic_store(&parking.jobs[i].is_cancelled, true);
    }
    await(NULL, &parking.finished, JOBS + 1);
    for (size_t i = 0; i < COMMITTERS; i++) {
        thread_join(&committers[i]);
    }
    for (size_t i = 0; i < JOBS; i++) {
        assert_int_equal(parking.jobs[i].reply.status, i % 10 == 0 ? 409 : 200);
    }
    assert_int_equal(atomic_load(&parking.finished), JOBS + 1);
    assert_int_equal(atomic_load(&parking.rendered), JOBS - JOBS / 10);
    assert_int_equal(atomic_load(&fixture.app.parked_jobs), 0);
}

/* The stage's thread and the taker's race for the same job from the first moment. */
static void resumes_jobs_while_others_park(void **state) {
    (void)state;
    struct thread committers[COMMITTERS];
    open_batcher(false);
    for (size_t i = 0; i < COMMITTERS; i++) {
        thread_start(&committers[i], "commit", 256UL * 1024, commit, &parking.batcher);
    }
    for (size_t i = 0; i < JOBS; i++) {
        submit(i, i % 2 == 0 ? &parking_route : &returning_route);
    }
    await(NULL, &parking.finished, JOBS);
    open_batcher(true);
    for (size_t i = 0; i < COMMITTERS; i++) {
        thread_join(&committers[i]);
    }
    assert_int_equal(atomic_load(&parking.finished), JOBS);
    assert_int_equal(atomic_load(&fixture.app.parked_jobs), 0);
}

static void gives_the_place_back_when_it_is_not_taken(void **state) {
    (void)state;
    parking.batcher.is_refusing = true;
    struct job *refused = submit(0, &parking_route);
    await(NULL, &parking.finished, 1);
    assert_int_equal(refused->reply.status, 503);
    struct job *failed = submit(1, &failing_route);
    await(NULL, &parking.finished, 2);
    assert_int_equal(failed->reply.status, 409);
    assert_int_equal(parking.batcher.count, 0);
    assert_int_equal(atomic_load(&fixture.app.parked_jobs), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(parks_a_thousand_jobs_on_four_workers, open_parking,
                                        close_parking),
        cmocka_unit_test_setup_teardown(resumes_jobs_while_others_park, open_parking,
                                        close_parking),
        cmocka_unit_test_setup_teardown(gives_the_place_back_when_it_is_not_taken, open_parking,
                                        close_parking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
