#include "server/api/job.h"

#include "base/clock.h"
#include "base/log.h"
#include "server/api/admission.h"
#include "server/api/answer_cache.h"
#include "server/api/cors.h"
#include "server/api/guard.h"
#include "server/api/idempotency.h"
#include "server/api/reply.h"
#include "server/api/route.h"

void job_init(struct job *job, struct app *app) {
    job->app = app;
    job->started_us = clock_monotonic_us();
    arena_init(&job->arena, JOB_ARENA_BYTES);
    buf_init(&job->reply.body, JOB_ANSWER_MAX_BYTES);
    violations_init(&job->violations, &job->arena);
    atomic_init(&job->is_cancelled, false);
}

void job_release(struct job *job) {
    if (job->reply.ready != NULL) {
        cache_entry_release(job->reply.ready);
    }
    buf_release(&job->reply.body);
    arena_release(&job->arena);
}

static void hand_on(struct job *job);

static void finish_alone(struct job *job) {
    reply_finish(job);
    job_trace_end(&job->trace);
    job->finish(job);
}

/* What says something of all that asked the same, and not of the one that asked first. */
static bool is_shared(enum fault_name refusal) {
    return refusal == FAULT_NOT_FOUND || refusal == FAULT_STORE_DOWN || refusal == FAULT_BUSY;
}

/* With what the leader of its flight got; otherwise it goes and sees for itself. */
static void answer_waiting(struct job *job, const struct job *leader) {
    job_trace_run(&job->trace);
    if (leader->reply.ready != NULL) {
        reply_ready(job, cache_entry_retain(leader->reply.ready));
        finish_alone(job);
    } else if (is_shared(leader->refusal)) {
        job_refuse(job, leader->refusal);
    } else {
        hand_on(job);
    }
}

static void finish(struct job *job) {
    struct job *waiting = answer_flight_land(job);
    while (waiting != NULL) {
        struct job *next = waiting->flight.next;
        answer_waiting(waiting, job);
        waiting = next;
    }
    finish_alone(job);
}

/* A filling of the spool that is not the first: the head has been sent. */
static void finish_piece(struct job *job) {
    job_trace_end(&job->trace);
    job->finish(job);
}

void job_refuse(struct job *job, enum fault_name fault) {
    if (job->stream.has_begun) {
        stream_break(job, fault);
        finish_piece(job);
        return;
    }
    if (job->request_id[0] == '\0') {
        admission_give_request_id(job);
    }
    reply_fault(job, fault);
    finish(job);
}

/* Gives the place back: with a fault, or when it is resumed. */
static void leave_parking(struct job *job) {
    job->taker = NULL;
    atomic_fetch_sub(&job->app->parked_jobs, 1);
}

struct fault job_park(struct job *job, job_taker *take, void *context) {
    struct app *app = job->app;
    CHECK(take != NULL && job->taker == NULL);
    if (atomic_fetch_add(&app->parked_jobs, 1) >= (size_t)app->config->parked_jobs) {
        atomic_fetch_sub(&app->parked_jobs, 1);
        return fault_of(FAULT_BUSY);
    }
    job->taker = take;
    job->taker_context = context;
    return fault_none();
}

static bool stages_are_done(const struct job *job) {
    return job->stage == ROUTE_STAGES_MAX || job->route->stages[job->stage].run == NULL;
}

/* Where the job goes on: the guard asks in mysql whatever pool the route's own work is in. */
static enum pool_name next_pool(const struct job *job) {
    if (guard_is_needed(job) && !job->guard_is_done) {
        return POOL_MYSQL;
    }
    return job->route->stages[job->stage].pool;
}

static bool begun(const struct job *job) {
    return job->guard_is_done || job->stage > 0;
}

/* A write that was begun is finished; nothing is hashed after one, and it is the dearest step. */
static bool is_worth_while(const struct job *job, enum pool_name pool) {
    return !atomic_load(&job->is_cancelled) || (begun(job) && pool != POOL_HASH);
}

/* One step: the guard, or a stage. Input is decoded after the guard, so that strangers learn
 * nothing. */
static struct fault run_step(struct job *job) {
    if (guard_is_needed(job) && !job->guard_is_done) {
        TRY(guard_check_caller(job));
        job->guard_is_done = true;
        return fault_none();
    }
    if (!job->input_is_decoded) {
        TRY(admission_decode_body(job));
        job->input_is_decoded = true;
    }
    const struct route *route = job->route;
    bool is_last = job->stage + 1 == ROUTE_STAGES_MAX || route->stages[job->stage + 1].run == NULL;
    job_step *run =
        idempotency_applies(job) ? idempotency_run_stage : route->stages[job->stage].run;
    struct fault fault = is_last && route->around != NULL ? route->around(job, run) : run(job);
    answer_cache_drop(job, fault);
    TRY(fault);
    ENSURE(!arena_is_exhausted(&job->arena), FAULT_ANSWER_TOO_LARGE);
    job->stage++;
    return fault_none();
}

/* Whether there is a chance that the store may be asked, before the job waits for its pool. */
static bool pool_is_admitted(struct app *app, enum pool_name pool) {
    struct breaker *breaker = app_breaker(app, pool);
    return breaker == NULL || breaker_may_admit(breaker);
}

/* All that is still to come: no password is hashed for a store that is not there. */
static bool rest_is_admitted(const struct job *job) {
    bool is_admitted = pool_is_admitted(job->app, next_pool(job));
    for (size_t i = job->stage; i < ROUTE_STAGES_MAX && is_admitted; i++) {
        is_admitted = pool_is_admitted(job->app, job->route->stages[i].pool);
    }
    return is_admitted;
}

/* Into the pool of its next step. */
static void hand_on(struct job *job) {
    enum pool_name pool = next_pool(job);
    job_trace_wait(&job->trace, pool);
    if (!rest_is_admitted(job)) {
        job_refuse(job, FAULT_STORE_DOWN);
    } else if (!pool_submit(job->app->pools[pool], job)) {
        job_refuse(job, FAULT_BUSY);
    }
}

/* Whether a thread of `pool` goes on with the job itself. */
static bool runs_here(const struct job *job, enum pool_name pool) {
    return !stages_are_done(job) && job->taker == NULL &&
           (next_pool(job) == pool || next_pool(job) == POOL_LOOP);
}

/* The job is the taker's before it is called: it may be answered and gone when it returns. */
static void give_away(struct job *job) {
    job_trace_wait(&job->trace, JOB_TRACE_PARKED);
    if (!job->taker(job, job->taker_context)) {
        job_resume_fault(job, FAULT_BUSY);
    }
}

/* Runs what belongs to `pool` and hands the job on, or answers. */
static void advance(struct job *job, enum pool_name pool) {
    struct fault fault = fault_none();
    while (!fault_occurred(fault) && runs_here(job, pool)) {
        fault = run_step(job);
    }
    if (!fault_occurred(fault) && stages_are_done(job) && job->stream.produce != NULL) {
        fault = stream_fill(job);
    }
    job->mysql = NULL;
    job->mongo = NULL;
    if (fault_occurred(fault)) {
        if (job->taker != NULL) {
            leave_parking(job);
        }
        job_refuse(job, fault.name);
        return;
    }
    if (job->taker != NULL) {
        give_away(job);
        return;
    }
    if (stages_are_done(job)) {
        CHECK(job->reply.status != 0);
        answer_cache_fill(job);
        finish(job);
        return;
    }
    hand_on(job);
}

static void fill_again(struct job *job) {
    struct fault fault = stream_fill(job);
    job->mysql = NULL;
    job->mongo = NULL;
    if (fault_occurred(fault)) {
        job_refuse(job, fault.name);
        return;
    }
    finish_piece(job);
}

bool job_stream_on(struct job *job) {
    CHECK(job->stream.state == STREAM_MORE);
    enum pool_name pool = job->route->stages[job->stage - 1].pool;
    job->stream.has_begun = true;
    job_trace_wait_again(&job->trace);
    return pool_is_admitted(job->app, pool) && pool_submit(job->app->pools[pool], job);
}

/* The job may be answered and gone when it returns. */
static void work_on(struct job *job, enum pool_name pool, void *context) {
    job->mysql = pool == POOL_MYSQL ? context : NULL;
    job->mongo = pool == POOL_MONGO || pool == POOL_BULK ? context : NULL;
    if (job->stream.has_begun) {
        fill_again(job);
    } else {
        advance(job, pool);
    }
}

static void run_stage(struct job *job, enum pool_name pool, void *context) {
    struct breaker *breaker = app_breaker(job->app, pool);
    bool is_trial = false;
    log_set_request_id(str_of(job->request_id));
    if (!is_worth_while(job, pool)) {
        job_refuse(job, FAULT_SHUTTING_DOWN);
    } else if (breaker != NULL && !breaker_admits(breaker, &is_trial)) {
        job_refuse(job, FAULT_STORE_DOWN);
    } else {
        work_on(job, pool, context);
    }
    if (is_trial) {
        breaker_end_trial(breaker);
    }
    log_set_request_id((struct str){NULL, 0});
}

void job_run_stage(struct job *job, enum pool_name pool, void *context) {
    struct job *group[GUARD_GROUP_MAX] = {job};
    size_t count = pool == POOL_MYSQL ? guard_gather(group) : 1;
    for (size_t i = 0; i < count; i++) {
        job_trace_run(&group[i]->trace);
    }
    if (count > 1) {
        guard_find_callers(context, group, count);
    }
    for (size_t i = 0; i < count; i++) {
        run_stage(group[i], pool, context);
    }
}

/* What a stage that parked has changed is there only now. */
static void begin_resuming(struct job *job) {
    CHECK(job->taker != NULL && "a job is resumed once, and only when it was parked");
    log_set_request_id(str_of(job->request_id));
    leave_parking(job);
    job_trace_run(&job->trace);
    answer_cache_drop(job, fault_none());
}

void job_resume(struct job *job) {
    begin_resuming(job);
    advance(job, POOL_LOOP);
    log_set_request_id((struct str){NULL, 0});
}

void job_resume_fault(struct job *job, enum fault_name fault) {
    begin_resuming(job);
    job_refuse(job, fault);
    log_set_request_id((struct str){NULL, 0});
}

static void answer_method(struct job *job, const struct route_result *found) {
    if (job->request.method == HTTP_OPTIONS) {
        cors_answer_options(job, found->allowed_methods);
        finish(job);
        return;
    }
    reply_fault(job, FAULT_METHOD_NOT_ALLOWED);
    reply_header(job, "allow", route_allow_text(found->allowed_methods, &job->arena));
    finish(job);
}

void job_start(struct job *job) {
    admission_give_request_id(job);
    struct route_result found = route_find(job->request.method, job->request.path, &job->arena);
    if (found.match == ROUTE_NO_METHOD) {
        answer_method(job, &found);
        return;
    }
    if (found.match == ROUTE_BAD_PATH) {
        violations_add(
            &job->violations, STR("path"),
            "must be percent-encoded UTF-8 without NUL, encoded slashes or dot segments");
        job_refuse(job, FAULT_INVALID);
        return;
    }
    if (found.match != ROUTE_FOUND) {
        job_refuse(job, FAULT_NOT_FOUND);
        return;
    }
    job->route = found.route;
    memcpy(job->path_values, found.values, sizeof(job->path_values));
    struct fault fault = admission_check(job);
    if (fault_occurred(fault)) {
        job_refuse(job, fault.name);
        return;
    }
    switch (answer_cache_answer(job)) {
    case ANSWER_READY:
        finish(job);
        break;
    case ANSWER_AWAITED:
        break;
    case ANSWER_NEEDED:
        advance(job, POOL_LOOP);
        break;
    }
}
