#include "server/http/internal.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"

#define SWEEP_INTERVAL_US 500000
/* While bodies take more than half of the memory they may. */
#define SWEEP_TIGHT_INTERVAL_US 50000
/* Whoever left is looked for only behind requests that take this long. */
#define PENDING_LOOK_US 1000000
/* Smaller bodies are not worth cutting. */
#define LARGE_BODY_BYTES 65536

/* Why connections were cut, in the words of the log. */
enum cut { CUT_SLOW_HEAD, CUT_LARGE_HEAD, CUT_SLOW_BODY, CUT_SLOW_READER, CUT_MEMORY, CUT_COUNT };

struct sweep {
    struct http_loop *loop;
    const struct config *config;
    struct pace_limit pace;
    int64_t now_us;
    size_t cuts[CUT_COUNT];
};

static enum connection_phase phase_of(const struct connection *connection, const h2o_req_t *req) {
    if (connection->exchange != NULL) {
        return connection->exchange->answered_us != 0 ? PHASE_ANSWER : PHASE_WORK;
    }
    if (req->version != 0) {
        return PHASE_BODY;
    }
    if (connection->socket->input->size > 0) {
        return PHASE_HEAD;
    }
    return connection->phase == PHASE_NEW ? PHASE_NEW : PHASE_IDLE;
}

static uint64_t progress_of(const struct connection *connection) {
    return connection->phase == PHASE_BODY
               ? connection->socket->input->size
               : pace_acknowledged_bytes(h2o_socket_get_fd(connection->socket));
}

static void note_phase(struct sweep *sweep, struct connection *connection,
                       enum connection_phase phase) {
    if (phase == connection->phase) {
        return;
    }
    /* A new connection's head is late by the time it was opened, not by its first byte. */
    if (connection->phase != PHASE_NEW || phase != PHASE_HEAD) {
        connection->since_us = sweep->now_us;
    }
    connection->phase = phase;
    if (phase == PHASE_BODY || phase == PHASE_ANSWER) {
        pace_begin(&connection->pace, &sweep->pace, progress_of(connection), sweep->now_us);
    }
}

/* Never closes: h2o finds out by itself and ends what hangs on the connection in its own order. */
static void cut_for(struct sweep *sweep, struct connection *connection, enum cut cause) {
    sweep->cuts[cause]++;
    connection_cut(connection, SHUT_RDWR);
}

static void check_wait(struct sweep *sweep, struct connection *connection) {
    bool is_idle = connection->phase == PHASE_IDLE;
    int64_t allowed_ms = is_idle ? sweep->config->idle_timeout_ms : sweep->config->head_timeout_ms;
    if (sweep->now_us - connection->since_us <= allowed_ms * 1000) {
        return;
    }
    if (is_idle) {
        connection_cut(connection, SHUT_RD);
    } else {
        cut_for(sweep, connection, CUT_SLOW_HEAD);
    }
}

static void check_body(struct sweep *sweep, struct connection *connection) {
    connection_set_reading(connection, connection->socket->input->size);
    if (!pace_holds(&connection->pace, &sweep->pace, progress_of(connection), sweep->now_us)) {
        cut_for(sweep, connection, CUT_SLOW_BODY);
    }
}

/* While a request is handled h2o does not read, so it would learn of a reset only by answering. */
static bool client_has_left(const struct connection *connection) {
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    int descriptor = h2o_socket_get_fd(connection->socket);
    return getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
           (info.tcpi_state == TCP_CLOSE || info.tcpi_state == TCP_CLOSE_WAIT);
}

static void check_work(struct sweep *sweep, struct connection *connection) {
    struct job *job = &connection->exchange->job;
    if (sweep->now_us - job->started_us > PENDING_LOOK_US && client_has_left(connection)) {
        atomic_store(&job->is_cancelled, true);
    }
}

static void check_answer(struct sweep *sweep, struct connection *connection) {
    if (!h2o_socket_is_writing(connection->socket)) {
        pace_pause(&connection->pace, sweep->now_us);
        if (connection->exchange->is_starved) {
            exchange_stream_on(connection->exchange);
        }
        return;
    }
    if (!pace_holds(&connection->pace, &sweep->pace, progress_of(connection), sweep->now_us)) {
        cut_for(sweep, connection, CUT_SLOW_READER);
    }
}

static int sweep_request(h2o_req_t *req, void *data) {
    struct sweep *sweep = data;
    struct connection *connection = connection_of(req);
    note_phase(sweep, connection, phase_of(connection, req));
    switch (connection->phase) {
    case PHASE_HEAD:
        if (connection->socket->input->size > (size_t)sweep->config->max_head_bytes) {
            cut_for(sweep, connection, CUT_LARGE_HEAD);
            break;
        }
        check_wait(sweep, connection);
        break;
    case PHASE_NEW:
    case PHASE_IDLE:
        check_wait(sweep, connection);
        break;
    case PHASE_BODY:
        check_body(sweep, connection);
        break;
    case PHASE_WORK:
        check_work(sweep, connection);
        break;
    case PHASE_ANSWER:
        check_answer(sweep, connection);
        break;
    }
    return 0;
}

/* The latest connections go first: the others are nearer to their end. */
static void keep_within_memory(struct sweep *sweep, size_t total) {
    size_t budget = (size_t)sweep->config->body_memory_mb * 1024 * 1024;
    struct http_loop *loop = sweep->loop;
    for (h2o_linklist_t *link = loop->connections.prev;
         link != &loop->connections && total > budget; link = link->prev) {
        struct connection *connection = H2O_STRUCT_FROM_MEMBER(struct connection, link, link);
        if (connection->reading_bytes >= LARGE_BODY_BYTES) {
            total -= connection->reading_bytes < total ? connection->reading_bytes : total;
            cut_for(sweep, connection, CUT_MEMORY);
        }
    }
}

static void report(const struct sweep *sweep) {
    struct http_loop *loop = sweep->loop;
    if (loop->refused_connections + loop->refused_by_address > 0) {
        log_warn("http.connections_refused",
                 LOG_INT("count", loop->refused_connections + loop->refused_by_address),
                 LOG_INT("by_address", loop->refused_by_address),
                 LOG_INT("max_connections", loop->server->max_connections));
        loop->refused_connections = 0;
        loop->refused_by_address = 0;
    }
    static const char *const cut_names[CUT_COUNT] = {
        [CUT_SLOW_HEAD] = "slow_head", [CUT_LARGE_HEAD] = "large_head",
        [CUT_SLOW_BODY] = "slow_body", [CUT_SLOW_READER] = "slow_reader",
        [CUT_MEMORY] = "body_memory",
    };
    size_t cuts = 0;
    for (size_t i = 0; i < CUT_COUNT; i++) {
        cuts += sweep->cuts[i];
        metric_add(METRIC_HTTP_CONNECTIONS_CUT, METRIC_LABELS(cut_names[i]),
                   (int64_t)sweep->cuts[i]);
    }
    if (cuts > 0) {
        log_warn("http.cut", LOG_INT("slow_heads", sweep->cuts[CUT_SLOW_HEAD]),
                 LOG_INT("large_heads", sweep->cuts[CUT_LARGE_HEAD]),
                 LOG_INT("slow_bodies", sweep->cuts[CUT_SLOW_BODY]),
                 LOG_INT("slow_readers", sweep->cuts[CUT_SLOW_READER]),
                 LOG_INT("body_memory", sweep->cuts[CUT_MEMORY]));
    }
}

void sweep_if_due(struct http_loop *loop) {
    int64_t now_us = clock_monotonic_us();
    int64_t interval_us = loop->body_memory_is_tight ? SWEEP_TIGHT_INTERVAL_US : SWEEP_INTERVAL_US;
    if (now_us - loop->swept_at_us < interval_us) {
        return;
    }
    loop->swept_at_us = now_us;
    const struct config *config = loop->server->app->config;
    struct sweep sweep = {
        .loop = loop,
        .config = config,
        .pace = {config->slow_grace_ms * 1000, config->min_bytes_per_second},
        .now_us = now_us,
    };
    (void)loop->server->config.http1.callbacks.foreach_request(&loop->context, sweep_request,
                                                               &sweep);
    size_t total = connection_body_bytes(loop->server);
    metric_set(METRIC_HTTP_BODY_MEMORY, METRIC_NO_LABELS, (int64_t)total);
    keep_within_memory(&sweep, total);
    loop->body_memory_is_tight = total > (size_t)config->body_memory_mb * 1024 * 1024 / 2;
    linger_sweep(loop, now_us);
    listener_sweep(loop);
    report(&sweep);
}
