/*
 * job_trace: where a job is, and where its time went.
 *
 * A job visits pools: it waits there for a worker, then has one. The two durations of each visit
 * are kept for the slow log. Where it is now may be read in any thread, for a dump of what is under
 * way; everything else belongs to whoever has the job.
 */
#ifndef AIZY_SERVER_API_JOB_TRACE_H
#define AIZY_SERVER_API_JOB_TRACE_H

#include <stdatomic.h>

#include "server/api/app.h"

/* The guard's, one for each stage, and one for each time that a stage parked it. */
#define JOB_VISITS_MAX 9

/* Beside the pools: with a taker (job_park), where it waits for no worker. */
#define JOB_TRACE_PARKED POOL_COUNT

struct job_visit {
    unsigned pool; /* enum pool_name, or JOB_TRACE_PARKED */
    int64_t wait_us;
    int64_t run_us;
};

struct job_trace {
    struct job_visit visits[JOB_VISITS_MAX];
    size_t count;
    int64_t since_us;          /* when the wait or the run that is under way began */
    atomic_int_least64_t here; /* of job_trace_place */
};

/* It goes into a pool's queue, or is parked. */
void job_trace_wait(struct job_trace *trace, unsigned pool);

/* Into the same queue, for the next piece of a streamed reply: it counts as the same visit. */
void job_trace_wait_again(struct job_trace *trace);

/* A worker has taken it, or who had it resumes it. Nothing for one that never waited. */
void job_trace_run(struct job_trace *trace);

/* Its answer is complete. */
void job_trace_end(struct job_trace *trace);

struct job_place {
    const char *pool;  /* "mysql", ..., "parked"; "loop": neither a pool nor a taker has it */
    const char *state; /* "waiting" or "running"; "ending" once its answer is complete */
    int64_t since_us;  /* on the monotonic clock; 0: since it began */
};

/* In any thread. */
struct job_place job_trace_place(struct job_trace *trace);

#define JOB_TRACE_TEXT_SIZE 512

/* "mysql 12+850, hash 3+61200": each visit's wait and run in microseconds. */
void job_trace_print(const struct job_trace *trace, char text[static JOB_TRACE_TEXT_SIZE]);

#endif
