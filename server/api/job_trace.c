#include "server/api/job_trace.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/metric.h"
#include "server/api/route.h"

_Static_assert(JOB_VISITS_MAX == 2 * ROUTE_STAGES_MAX + 1, "the guard, the stages, their parks");

static const char *const pool_names[POOL_COUNT + 1] = {
    [JOB_TRACE_PARKED] = "parked", [POOL_UNSET] = "loop",  [POOL_LOOP] = "loop",
    [POOL_MYSQL] = "mysql",        [POOL_MONGO] = "mongo", [POOL_HASH] = "hash",
    [POOL_BULK] = "bulk",          [POOL_FILES] = "files",
};

/* One value, so that whoever reads it sees both of one moment: since_us, the pool, the state. */
enum state { STATE_WAITING, STATE_RUNNING, STATE_ENDING, STATE_COUNT };
#define POOL_BITS 6
#define STATE_BITS 2

static void publish(struct job_trace *trace, unsigned pool, enum state state) {
    int64_t place =
        trace->since_us << (POOL_BITS + STATE_BITS) | (int64_t)pool << STATE_BITS | (int64_t)state;
    atomic_store_explicit(&trace->here, place, memory_order_relaxed);
}

void job_trace_wait(struct job_trace *trace, unsigned pool) {
    CHECK(trace->count < JOB_VISITS_MAX);
    int64_t now_us = clock_monotonic_us();
    if (trace->count > 0) {
        trace->visits[trace->count - 1].run_us = now_us - trace->since_us;
    }
    trace->visits[trace->count++].pool = pool;
    trace->since_us = now_us;
    publish(trace, pool, STATE_WAITING);
}

void job_trace_wait_again(struct job_trace *trace) {
    CHECK(trace->count > 0);
    trace->since_us = clock_monotonic_us();
    publish(trace, trace->visits[trace->count - 1].pool, STATE_WAITING);
}

void job_trace_run(struct job_trace *trace) {
    if (trace->count == 0) {
        return;
    }
    struct job_visit *visit = &trace->visits[trace->count - 1];
    int64_t now_us = clock_monotonic_us();
    visit->wait_us = now_us - trace->since_us;
    trace->since_us = now_us;
    metric_observe(METRIC_POOL_WAIT, METRIC_LABELS(pool_names[visit->pool]), visit->wait_us);
    publish(trace, visit->pool, STATE_RUNNING);
}

void job_trace_end(struct job_trace *trace) {
    if (trace->count == 0) {
        return;
    }
    int64_t now_us = clock_monotonic_us();
    trace->visits[trace->count - 1].run_us = now_us - trace->since_us;
    trace->since_us = now_us;
    publish(trace, POOL_LOOP, STATE_ENDING);
}

struct job_place job_trace_place(struct job_trace *trace) {
    static const char *const state_names[STATE_COUNT] = {
        [STATE_WAITING] = "waiting", [STATE_RUNNING] = "running", [STATE_ENDING] = "ending"};
    int64_t place = atomic_load_explicit(&trace->here, memory_order_relaxed);
    return (struct job_place){
        .pool = pool_names[place >> STATE_BITS & ((1 << POOL_BITS) - 1)],
        .state = state_names[place & ((1 << STATE_BITS) - 1)],
        .since_us = place >> (POOL_BITS + STATE_BITS),
    };
}

void job_trace_print(const struct job_trace *trace, char text[static JOB_TRACE_TEXT_SIZE]) {
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < trace->count; i++) {
        const struct job_visit *visit = &trace->visits[i];
        int written =
            snprintf(text + used, JOB_TRACE_TEXT_SIZE - used, "%s%s %" PRId64 "+%" PRId64,
                     i == 0 ? "" : ", ", pool_names[visit->pool], visit->wait_us, visit->run_us);
        used += written > 0 ? (size_t)written : 0;
        CHECK(used < JOB_TRACE_TEXT_SIZE);
    }
}
