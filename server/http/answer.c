#include "server/http/internal.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "server/api/route.h"

#define HTTP_1_1 0x101

/* RFC 9110's phrases. */
static const struct status_row {
    int status;
    const char *digits;
    const char *reason;
} statuses[] = {
    {200, "200", "OK"},
    {201, "201", "Created"},
    {202, "202", "Accepted"},
    {204, "204", "No Content"},
    {304, "304", "Not Modified"},
    {400, "400", "Bad Request"},
    {401, "401", "Unauthorized"},
    {403, "403", "Forbidden"},
    {404, "404", "Not Found"},
    {405, "405", "Method Not Allowed"},
    {406, "406", "Not Acceptable"},
    {409, "409", "Conflict"},
    {412, "412", "Precondition Failed"},
    {413, "413", "Content Too Large"},
    {415, "415", "Unsupported Media Type"},
    {422, "422", "Unprocessable Content"},
    {428, "428", "Precondition Required"},
    {429, "429", "Too Many Requests"},
    {500, "500", "Internal Server Error"},
    {501, "501", "Not Implemented"},
    {503, "503", "Service Unavailable"},
};

static const struct status_row *row_of(int status) {
    static const struct status_row other = {0, "other", "Other"};
    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        if (statuses[i].status == status) {
            return &statuses[i];
        }
    }
    return &other;
}

static const char *route_id(const struct job *job) {
    return job->route == NULL ? "none" : job->route->id;
}

static void log_slow(const struct exchange *exchange, int64_t duration_us) {
    const struct job *job = &exchange->job;
    char stages[JOB_TRACE_TEXT_SIZE];
    job_trace_print(&job->trace, stages);
    log_set_request_id(str_of(job->request_id));
    log_warn("http.slow", LOG_TEXT("route", route_id(job)), LOG_INT("status", job->reply.status),
             LOG_INT("duration_ms", duration_us / 1000), LOG_TEXT("stages_us", stages));
    log_set_request_id((struct str){NULL, 0});
}

/* The duration is that of the work; how long the client takes to read is not ours. */
static void count(const struct exchange *exchange, int status, size_t body_bytes) {
    const struct job *job = &exchange->job;
    const char *route = route_id(job);
    int64_t duration_us = exchange->answered_us - job->started_us;
    metric_add(METRIC_HTTP_REQUESTS, METRIC_LABELS(route, row_of(status)->digits), 1);
    metric_observe(METRIC_HTTP_DURATION, METRIC_LABELS(route), duration_us);
    metric_add(METRIC_HTTP_REQUEST_BYTES, METRIC_NO_LABELS, (int64_t)job->request.body.size);
    metric_add(METRIC_HTTP_ANSWER_BYTES, METRIC_NO_LABELS, (int64_t)body_bytes);
    if (duration_us >= job->app->config->slow_request_ms * 1000) {
        log_slow(exchange, duration_us);
    }
}

static struct str method_name(enum http_method method) {
    return method == HTTP_METHOD_OTHER ? STR("other") : str_of(http_method_names[method]);
}

/* One line per job, without the query, which may hold what is nobody's business. */
static void log_request(const char *event, const struct exchange *exchange, size_t body_bytes) {
    const struct job *job = &exchange->job;
    log_set_request_id(str_of(job->request_id));
    log_info(event, LOG_STR("method", method_name(job->request.method)),
             LOG_STR("path", job->request.path), LOG_INT("status", job->reply.status),
             LOG_INT("duration_us", clock_monotonic_us() - exchange->job.started_us),
             LOG_INT("bytes", body_bytes), LOG_STR("address", job->request.address));
    log_set_request_id((struct str){NULL, 0});
}

void answer_log_abandoned(const struct exchange *exchange) {
    metric_add(METRIC_HTTP_ABANDONED, METRIC_LABELS(route_id(&exchange->job)), 1);
    log_request("http.abandoned", exchange, 0);
}

void answer_on_refused_by_h2o(h2o_logger_t *logger, h2o_req_t *req) {
    (void)logger;
    metric_add(METRIC_HTTP_REQUESTS, METRIC_LABELS("none", row_of(req->res.status)->digits), 1);
    log_info("http.refused", LOG_INT("status", req->res.status));
    linger_start(http_loop_of(req->conn->ctx), req->conn->callbacks->get_socket(req->conn));
}

void answer_log_streamed(const struct exchange *exchange) {
    bool is_whole = exchange->job.stream.state == STREAM_LAST;
    log_request(is_whole ? "http.request" : "http.broken_off", exchange,
                (size_t)exchange->job.stream.produced);
}

static void add_header(h2o_req_t *req, const char *name, struct str value) {
    h2o_add_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 1, NULL, value.data,
                          value.size);
}

static h2o_send_state_t state_of(const struct job *job) {
    static const h2o_send_state_t states[] = {
        [STREAM_MORE] = H2O_SEND_STATE_IN_PROGRESS,
        [STREAM_LAST] = H2O_SEND_STATE_FINAL,
        [STREAM_BROKEN] = H2O_SEND_STATE_ERROR,
    };
    return states[job->stream.state];
}

static void on_piece_sent(h2o_generator_t *generator, h2o_req_t *req) {
    (void)req;
    exchange_stream_on(H2O_STRUCT_FROM_MEMBER(struct exchange, generator, generator));
}

/* The head and the first piece. */
static void begin_stream(struct exchange *exchange) {
    h2o_req_t *req = exchange->req;
    const struct job *job = &exchange->job;
    struct str body = buf_str(&job->reply.body);
    if (job->stream.length != INT64_ABSENT) {
        req->res.content_length = (size_t)job->stream.length;
    } else if (req->version < HTTP_1_1) {
        /* There it is the end of the connection that ends the answer. */
        req->http1_is_persistent = 0;
    }
    add_header(req, "content-type", job->reply.content_type);
    count(exchange, req->res.status, body.size);
    h2o_iovec_t bytes = h2o_iovec_init(body.data, body.size);
    exchange->generator.proceed = on_piece_sent;
    h2o_start_response(req, &exchange->generator);
    h2o_send(req, &bytes, body.size > 0 ? 1 : 0, state_of(job));
}

void answer_send_piece(struct exchange *exchange) {
    const struct job *job = &exchange->job;
    h2o_req_t *req = exchange->req;
    struct str body = buf_str(&job->reply.body);
    h2o_iovec_t bytes = h2o_iovec_init(body.data, body.size);
    if (job->stream.state == STREAM_BROKEN) {
        connection_reset_at_close(exchange->connection);
    }
    metric_add(METRIC_HTTP_ANSWER_BYTES, METRIC_NO_LABELS, (int64_t)body.size);
    h2o_send(req, &bytes, body.size > 0 ? 1 : 0, state_of(job));
}

void answer_send(struct exchange *exchange) {
    h2o_req_t *req = exchange->req;
    struct job *job = &exchange->job;
    const struct reply *reply = &job->reply;
    /* A job that was not run because its client had left; should it listen after all: try again. */
    int status = reply->status == 0 ? 503 : reply->status;
    bool is_streamed = job->stream.produce != NULL;
    bool may_have_body = status >= 200 && status != 204 && status != 304;
    struct str body = reply->ready != NULL ? reply->ready_bytes : buf_str(&reply->body);

    req->res.status = status;
    req->res.reason = row_of(status)->reason;
    if (may_have_body && !is_streamed) {
        req->res.content_length = body.size;
    }
    if (!str_is_absent(reply->content_type) && may_have_body && body.size > 0 && !is_streamed) {
        add_header(req, "content-type", reply->content_type);
    }
    for (size_t i = 0; i < reply->header_count; i++) {
        add_header(req, reply->headers[i].name, reply->headers[i].value);
    }
    if (exchange->loop->stopping_since_us != 0 || atomic_load(&job->is_cancelled)) {
        req->http1_is_persistent = 0;
    }

    if (is_streamed) {
        begin_stream(exchange);
        return;
    }
    bool sends_body = may_have_body && body.size > 0 && job->request.method != HTTP_HEAD;
    count(exchange, status, sends_body ? body.size : 0);
    log_request("http.request", exchange, sends_body ? body.size : 0);
    /* h2o does not write to what it sends. */
    h2o_iovec_t bytes = h2o_iovec_init(body.data, body.size);
    h2o_start_response(req, &exchange->generator);
    h2o_send(req, &bytes, sends_body ? 1 : 0, H2O_SEND_STATE_FINAL);
}
