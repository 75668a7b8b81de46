/*
 * job: one request, from its arrival to its answer.
 *
 * The HTTP layer makes a job, copies the request into its arena and calls job_start on the loop
 * thread. From then on the job belongs to one thread at a time: the loop, or the worker of a pool
 * that runs one of its stages. When the answer is ready, `job->finish` hands it back to the HTTP
 * layer, in whatever thread that is. The answer's bytes live in the job until the HTTP layer frees
 * it.
 *
 * Handlers are stages: `struct fault handler(struct job *job)`, plain code from top to bottom. They
 * see the stores, the request, the decoded body and query, and the caller; they neither see HTTP's
 * sockets nor a driver. What a stage leaves for the next one it keeps in `job->state`.
 */
#ifndef AIZY_SERVER_API_JOB_H
#define AIZY_SERVER_API_JOB_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cache.h"
#include "base/fault.h"
#include "base/violation.h"
#include "server/api/answer_flight.h"
#include "server/api/app.h"
#include "server/api/job_trace.h"
#include "server/api/stream.h"
#include "server/api/upload.h"
#include "stores/user_store.h"

struct route;
struct token_cache;
struct mysql_store;
struct mongo_store;

/* A job's arena: a page of 100 of the largest products fits. */
#define JOB_ARENA_BYTES (64UL * 1024 * 1024)
/* The largest answer that is held in memory. */
#define JOB_ANSWER_MAX_BYTES (64UL * 1024 * 1024)
#define JOB_PATH_VALUES_MAX 4
#define JOB_HEADERS_MAX 16
#define JOB_REQUEST_ID_MAX_BYTES 64

enum http_method {
    HTTP_GET = 0,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_METHOD_COUNT,
    HTTP_METHOD_OTHER = HTTP_METHOD_COUNT,
};

/* "GET", ...: by enum http_method. */
extern const char *const http_method_names[HTTP_METHOD_COUNT];

struct request {
    enum http_method method;
    struct str path;  /* as it came, percent-encoding and all, without the query */
    struct str query; /* without the '?'; absent when there is none */
    struct str body;
    struct str address; /* of the client, as text */
#define REQUEST_HEADER(field, name, is_list) struct str field;
#include "server/api/headers.def"
#undef REQUEST_HEADER
    bool has_refused_header; /* one that may come only once came twice */
    bool is_secure;          /* came through TLS */
};

struct reply_header {
    const char *name; /* static, lower case */
    struct str value; /* in the arena, or static; CR and LF are CHECKed not to be in it */
};

struct reply {
    int status; /* 0: not answered yet */
    struct str content_type;
    struct reply_header headers[JOB_HEADERS_MAX];
    size_t header_count;
    struct buf body;
    const struct cache_entry *ready; /* then these are the body, not what `body` may hold: */
    struct str ready_bytes;
};

struct job;

/*
 * Takes a parked job over: in the thread of the stage, as the last that it does with the job. False
 * when there is no room for it. It may be resumed, by another thread, before this returns.
 */
typedef bool job_taker(struct job *job, void *context);

struct job {
    struct app *app;
    struct arena arena;
    struct request request;
    struct reply reply;
    struct violations violations;
    char request_id[JOB_REQUEST_ID_MAX_BYTES + 1];
    int64_t started_us; /* on the monotonic clock */

    const struct route *route;                   /* NULL until matched */
    struct str path_values[JOB_PATH_VALUES_MAX]; /* decoded, in the path's order */
    void *query;                                 /* of the route's query schema; NULL without one */
    void *body;                                  /* likewise of its body schema */
    struct upload_file_list files;               /* of its upload; none without one */
    struct str decimal_currency;                 /* by which decimal strings were read; absent */
    bool input_is_decoded;
    bool is_managing;                /* asked for what route->managing guards */
    struct token_cache *token_cache; /* of the loop, during job_start; NULL: none */
    struct token_claims claims;      /* of the verified access token; user_id 0: none */
    struct user caller;              /* id 0: anonymous, or the guard has not asked yet */
    bool caller_is_known;            /* asked about together with others': */
    struct fault caller_fault;       /* what came of it */
    struct str cart_token;           /* a guest's, genuine; absent */
    size_t stage;
    struct job_trace trace;
    job_taker *taker; /* of a job that parks or is parked; NULL otherwise */
    void *taker_context;
    bool guard_is_done;
    void *state;

    /* answer_cache.h */
    struct str cache_key;             /* absent: what it answers is not kept */
    struct str cache_subject;         /* what the answer is about; absent: about everything */
    struct str cache_tag;             /* its ETag; absent */
    struct cache_moment cache_moment; /* before anything was read */
    bool takes_gzip;                  /* and likes nothing better */
    enum fault_name refusal;          /* what it was answered with, where that was a fault */
    struct answer_flight flight;
    struct answer_cache_drop *drops; /* that its stage has noted */

    struct stream stream; /* stream.h; without a producer: the reply is whole */

    /* Only during a stage of that pool, mongo in POOL_BULK too; NULL otherwise. */
    struct mysql_store *mysql;
    struct mongo_store *mongo;

    /* Set by the loop when the client has left; a job that has not begun is then not run. */
    atomic_bool is_cancelled;

    /* Called once, when `reply` is complete, in any thread; the job is the HTTP layer's from then
     * on. Of a streamed reply: for each filling of the spool, and the job is the HTTP layer's until
     * job_stream_on. */
    void (*finish)(struct job *job);
    void *http; /* of the HTTP layer */
};

/* Prepares a zeroed job: the arena, the reply, violations. The request is filled in afterwards. */
void job_init(struct job *job, struct app *app);
void job_release(struct job *job);

/*
 * The frame, in order: job_start on the loop (the path, what needs no store, the token, the query);
 * then in workers the guard, the body, and the route's stages; then `finish`.
 *
 * On the loop thread, with the request filled in: finds the route, checks what needs no store, and
 * submits the first stage, or answers. Never blocks. `finish` may be called before it returns.
 */
void job_start(struct job *job);

/* The run function of every pool: `context` is a worker's store. */
void job_run_stage(struct job *job, enum pool_name pool, void *context);

/* Answers a fault, with or without a route, and calls finish: also for the HTTP layer's refusals.
 */
void job_refuse(struct job *job, enum fault_name fault);

/*
 * Parked jobs: a job that waits for something without holding a worker, such as a commit together
 * with others. A stage says `return job_park(job, take, batcher)`; once it has returned, the frame
 * gives the job to `take`. From then on it belongs to the taker, which ends that by job_resume or
 * job_resume_fault, once, from any thread. A stage never touches the job after job_park, and no
 * stage of an is_idempotent row parks.
 *
 * At most PARKED_JOBS are parked at a time. A client that leaves changes nothing: what was given
 * away is done, and its answer is thrown away. A server that stops waits for parked jobs as for any
 * others, so a taker is closed after the listeners and before the pools, with nothing left in it.
 */

/* FAULT_BUSY when too many are parked. */
MUST_USE struct fault job_park(struct job *job, job_taker *take, void *context);

/*
 * The job goes on: stages of POOL_LOOP run right here, in the caller's thread, a stage of another
 * pool there. That one's queue may be full, so what only renders the answer to an effect is a stage
 * of POOL_LOOP. After the last stage the reply must be complete.
 */
void job_resume(struct job *job);

/* Ends it with a fault instead. */
void job_resume_fault(struct job *job, enum fault_name fault);

/*
 * Of a streamed reply, on the loop thread, when the spool has been sent and stream.state is
 * STREAM_MORE: has it filled again. False when no worker is to be had now; then the job stays the
 * caller's, who asks again later.
 */
MUST_USE bool job_stream_on(struct job *job);

/* For stages. */

/* Who acts, for the stores' audit trail. */
struct actor job_actor(const struct job *job);

bool job_caller_may(const struct job *job, enum permission permission);

#endif
