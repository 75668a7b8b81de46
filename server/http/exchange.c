#include "server/http/internal.h"

#include <stdlib.h>

#include "base/clock.h"

static void exchange_free(struct exchange *exchange) {
    h2o_linklist_unlink(&exchange->link);
    atomic_fetch_sub(&exchange->loop->server->held_body_bytes, exchange->held_bytes);
    job_release(&exchange->job);
    free(exchange);
}

/*
 * Runs when h2o disposes of the request: after its answer was sent, or because the connection
 * broke. Without an answer yet, the job is still under way or its message is, and either will find
 * `req` gone.
 */
static void on_request_disposed(void *shared) {
    struct exchange *exchange = *(struct exchange **)shared;
    connection_end_exchange(exchange->connection);
    if (exchange->is_home) {
        if (exchange->job.stream.produce != NULL) {
            answer_log_streamed(exchange);
        }
        exchange_free(exchange);
        return;
    }
    exchange->req = NULL;
    atomic_store(&exchange->job.is_cancelled, true);
}

static void conclude(struct exchange *exchange) {
    if (exchange->req == NULL) {
        answer_log_abandoned(exchange);
        exchange_free(exchange);
        return;
    }
    bool is_first = exchange->answered_us == 0;
    exchange->is_home = true;
    exchange->answered_us = clock_monotonic_us();
    if (is_first) {
        answer_send(exchange);
    } else {
        answer_send_piece(exchange);
    }
}

void exchange_stream_on(struct exchange *exchange) {
    /* A worker may have it before the call returns; its message comes to this thread later. */
    exchange->is_home = false;
    exchange->is_starved = false;
    if (!job_stream_on(&exchange->job)) {
        exchange->is_home = true;
        exchange->is_starved = true;
    }
}

/* job->finish: in any thread. */
static void on_job_finished(struct job *job) {
    struct exchange *exchange = job->http;
    if (http_loop_here() == exchange->loop) {
        conclude(exchange);
        return;
    }
    http_loop_send(exchange->loop, &exchange->loop->finished, &exchange->message);
}

void exchange_on_finished(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages) {
    (void)receiver;
    h2o_linklist_t *next = NULL;
    for (h2o_linklist_t *link = messages->next; link != messages; link = next) {
        next = link->next;
        h2o_linklist_unlink(link);
        conclude(H2O_STRUCT_FROM_MEMBER(struct exchange, message.link, link));
    }
}

static bool head_is_acceptable(h2o_req_t *req, const struct config *config) {
    /* While a request is handled, the bytes it came as are still at the start of the input. */
    const h2o_buffer_t *buffer = req->conn->callbacks->get_socket(req->conn)->input;
    struct str input = {buffer->bytes, buffer->size};
    return head_is_within(input, (size_t)config->max_head_bytes, (size_t)config->max_headers) &&
           head_is_strict(input, req->version < 0x101);
}

/* Accounts for the body, which is there twice: in h2o's buffer and in the job. */
static bool body_fits(struct exchange *exchange, size_t size) {
    struct http_server *server = exchange->loop->server;
    exchange->held_bytes = 2 * size;
    atomic_fetch_add(&server->held_body_bytes, exchange->held_bytes);
    size_t budget = (size_t)server->app->config->body_memory_mb * 1024 * 1024;
    return size == 0 || connection_body_bytes(server) <= budget;
}

int exchange_begin(h2o_handler_t *handler, h2o_req_t *req) {
    (void)handler;
    struct http_loop *loop = http_loop_of(req->conn->ctx);
    struct exchange *exchange = malloc(sizeof *exchange);
    CHECK(exchange != NULL && "out of memory");
    memset(exchange, 0, offsetof(struct exchange, memory));
    exchange->loop = loop;
    exchange->req = req;
    exchange->connection = connection_of(req);
    connection_begin_exchange(exchange->connection, exchange);
    h2o_linklist_insert(&loop->exchanges, &exchange->link);
    /* Lives as long as the request: it is how the exchange learns of the request's end. */
    struct exchange **slot =
        h2o_mem_alloc_shared(&req->pool, sizeof(struct exchange *), on_request_disposed);
    *slot = exchange;

    struct job *job = &exchange->job;
    job_init(job, loop->server->app);
    arena_init_with(&job->arena, JOB_ARENA_BYTES, exchange->memory, sizeof exchange->memory);
    job->finish = on_job_finished;
    job->http = exchange;
    job->token_cache = loop->token_cache;
    request_read(req, job);
    if (!head_is_acceptable(req, loop->server->app->config)) {
        /* What follows on this connection may be anything. */
        req->http1_is_persistent = 0;
        job_refuse(job, FAULT_INVALID);
        return 0;
    }
    if (!body_fits(exchange, req->entity.len)) {
        job_refuse(job, FAULT_BUSY);
        return 0;
    }
    /* From here on `req` and the exchange may be gone. */
    job_start(job);
    return 0;
}
