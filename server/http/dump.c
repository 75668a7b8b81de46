#include "server/http/internal.h"

#include "base/clock.h"
#include "base/log.h"
#include "server/api/route.h"

/* Of all loops together: a line of the log each, which has room for some thousands. */
#define DUMP_JOBS_MAX 1000

/* Route and request id only: a path's values and a query may be anybody's secret. */
static void dump_job(struct exchange *exchange, int64_t now_us) {
    struct job *job = &exchange->job;
    struct job_place place = job_trace_place(&job->trace);
    int64_t since_us = place.since_us == 0 ? job->started_us : place.since_us;
    bool is_sent = exchange->is_home;
    log_set_request_id(str_of(job->request_id));
    log_info("dump.job", LOG_TEXT("route", job->route == NULL ? "none" : job->route->id),
             LOG_TEXT("pool", is_sent ? "loop" : place.pool),
             LOG_TEXT("stage", is_sent ? "sending" : place.state),
             LOG_INT("stage_ms", (now_us - (is_sent ? exchange->answered_us : since_us)) / 1000),
             LOG_INT("age_ms", (now_us - job->started_us) / 1000),
             LOG_TEXT("client", exchange->req == NULL ? "gone" : "there"));
    log_set_request_id((struct str){NULL, 0});
}

static void dump_loop(struct http_loop *loop) {
    int64_t now_us = clock_monotonic_us();
    size_t jobs = 0;
    size_t left_out = 0;
    for (h2o_linklist_t *link = loop->exchanges.next; link != &loop->exchanges; link = link->next) {
        jobs++;
        if (atomic_fetch_add(&loop->server->dumped_jobs, 1) >= DUMP_JOBS_MAX) {
            left_out++;
            continue;
        }
        dump_job(H2O_STRUCT_FROM_MEMBER(struct exchange, link, link), now_us);
    }
    log_info("dump.loop", LOG_INT("loop", loop - loop->server->loops),
             LOG_INT("connections", loop->connection_count), LOG_INT("jobs", jobs),
             LOG_INT("left_out", left_out));
}

void dump_on_order(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages) {
    struct http_loop *loop = H2O_STRUCT_FROM_MEMBER(struct http_loop, dumps, receiver);
    h2o_linklist_unlink(&loop->dump_order.link);
    CHECK(h2o_linklist_is_empty(messages));
    atomic_store(&loop->is_dump_ordered, false);
    dump_loop(loop);
}

void http_server_dump(struct http_server *server) {
    atomic_store(&server->dumped_jobs, 0);
    for (size_t i = 0; i < server->loop_count; i++) {
        struct http_loop *loop = &server->loops[i];
        /* One that has not got to the order before needs no second. */
        if (!atomic_exchange(&loop->is_dump_ordered, true)) {
            http_loop_send(loop, &loop->dumps, &loop->dump_order);
        }
    }
}
