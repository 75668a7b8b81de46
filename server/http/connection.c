#include "server/http/internal.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/metric.h"

/* An answer may take this long, and as much longer as this rate needs; further ones are cut. */
#define ANSWER_BASE_US (30 * 1000000LL)
#define ANSWER_BYTES_PER_SECOND 4096
/* Whoever left is looked for only behind requests that take this long. */
#define PENDING_LOOK_US (1000000LL)

static void on_close(void *data) {
    struct http_loop *loop = data;
    loop->connections--;
    metric_add(METRIC_HTTP_CONNECTIONS, METRIC_NO_LABELS, -1);
    atomic_fetch_sub(&loop->server->connections, 1);
}

bool connection_admit(struct http_loop *loop, h2o_socket_t *socket) {
    struct http_server *server = loop->server;
    if (atomic_fetch_add(&server->connections, 1) >= server->max_connections) {
        atomic_fetch_sub(&server->connections, 1);
        loop->refused_connections++;
        metric_add(METRIC_HTTP_CONNECTIONS_REFUSED, METRIC_NO_LABELS, 1);
        return false;
    }
    loop->connections++;
    metric_add(METRIC_HTTP_CONNECTIONS, METRIC_NO_LABELS, 1);
    socket->on_close.cb = on_close;
    socket->on_close.data = loop;
    return true;
}

static int descriptor_of(h2o_req_t *req) {
    return h2o_socket_get_fd(req->conn->callbacks->get_socket(req->conn));
}

/* Never closes: h2o finds out by itself and ends what hangs on the connection in its own order. */
static void cut(h2o_req_t *req, int how) {
    (void)shutdown(descriptor_of(req), how);
}

/* While a request is handled h2o does not read, so it would learn of a reset only by answering. */
static bool client_has_left(h2o_req_t *req) {
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    return getsockopt(descriptor_of(req), IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
           (info.tcpi_state == TCP_CLOSE || info.tcpi_state == TCP_CLOSE_WAIT);
}

static void sweep_exchange(struct exchange *exchange, int64_t now_us) {
    if (exchange->req == NULL) {
        return;
    }
    if (exchange->answered_us == 0) {
        if (now_us - exchange->job.started_us > PENDING_LOOK_US && client_has_left(exchange->req)) {
            atomic_store(&exchange->job.is_cancelled, true);
        }
        return;
    }
    int64_t allowed_us =
        ANSWER_BASE_US + (int64_t)exchange->job.reply.body.size * 1000000 / ANSWER_BYTES_PER_SECOND;
    if (now_us - exchange->answered_us > allowed_us) {
        cut(exchange->req, SHUT_RDWR);
    }
}

void connection_sweep(struct http_loop *loop, int64_t now_us) {
    for (h2o_linklist_t *link = loop->exchanges.next; link != &loop->exchanges; link = link->next) {
        sweep_exchange(H2O_STRUCT_FROM_MEMBER(struct exchange, link, link), now_us);
    }
    linger_sweep(loop, now_us);
    if (loop->refused_connections > 0) {
        log_warn("http.connections_refused", LOG_INT("count", loop->refused_connections),
                 LOG_INT("max_connections", loop->server->max_connections));
        loop->refused_connections = 0;
    }
}

static int close_if_idle(h2o_req_t *req, void *data) {
    (void)data;
    bool has_begun = req->version != 0 || req->conn->callbacks->get_socket(req->conn)->input->size;
    if (!has_begun) {
        cut(req, SHUT_RD);
    }
    return 0;
}

static int cut_whatever(h2o_req_t *req, void *data) {
    (void)data;
    cut(req, SHUT_RDWR);
    return 0;
}

void connection_close_idle(struct http_loop *loop) {
    (void)loop->server->config.http1.callbacks.foreach_request(&loop->context, close_if_idle, NULL);
}

void connection_cut_all(struct http_loop *loop) {
    (void)loop->server->config.http1.callbacks.foreach_request(&loop->context, cut_whatever, NULL);
    linger_end_all(loop);
}
