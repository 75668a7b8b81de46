#include "server/http/internal.h"

#include "base/clock.h"
#include "base/log.h"

/* RFC 9110's phrases. */
static const struct {
    int status;
    const char *reason;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {409, "Conflict"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
};

static const char *reason_of(int status) {
    for (size_t i = 0; i < COUNT_OF(reasons); i++) {
        if (reasons[i].status == status) {
            return reasons[i].reason;
        }
    }
    return "Other";
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
    log_request("http.abandoned", exchange, 0);
}

void answer_on_refused_by_h2o(h2o_logger_t *logger, h2o_req_t *req) {
    (void)logger;
    log_info("http.refused", LOG_INT("status", req->res.status));
    linger_start(http_loop_of(req->conn->ctx), req->conn->callbacks->get_socket(req->conn));
}

static void add_header(h2o_req_t *req, const char *name, struct str value) {
    h2o_add_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 1, NULL, value.data,
                          value.size);
}

void answer_send(struct exchange *exchange) {
    h2o_req_t *req = exchange->req;
    struct job *job = &exchange->job;
    const struct reply *reply = &job->reply;
    /* A job that was not run because its client had left; should it listen after all: try again. */
    int status = reply->status == 0 ? 503 : reply->status;
    bool may_have_body = status >= 200 && status != 204 && status != 304;
    struct str body =
        reply->ready != NULL ? cache_entry_bytes(reply->ready) : buf_str(&reply->body);

    req->res.status = status;
    req->res.reason = reason_of(status);
    if (may_have_body) {
        req->res.content_length = body.size;
    }
    if (!str_is_absent(reply->content_type) && may_have_body && body.size > 0) {
        add_header(req, "content-type", reply->content_type);
    }
    for (size_t i = 0; i < reply->header_count; i++) {
        add_header(req, reply->headers[i].name, reply->headers[i].value);
    }
    if (exchange->loop->is_stopping || atomic_load(&job->is_cancelled)) {
        req->http1_is_persistent = 0;
    }

    bool sends_body = may_have_body && body.size > 0 && job->request.method != HTTP_HEAD;
    log_request("http.request", exchange, sends_body ? body.size : 0);
    /* h2o does not write to what it sends. */
    h2o_iovec_t bytes = h2o_iovec_init(body.data, body.size);
    h2o_start_response(req, &exchange->generator);
    h2o_send(req, &bytes, sends_body ? 1 : 0, H2O_SEND_STATE_FINAL);
}
