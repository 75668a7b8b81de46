#include "server/http/internal.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/metric.h"

/* A stopping server waits this long for what a client connected for. */
#define FIRST_REQUEST_US 500000

struct connection *connection_of(h2o_req_t *req) {
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

static void leave(struct connection *connection) {
    struct http_loop *loop = connection->loop;
    address_limit_leave(loop->server->addresses, connection->address);
    loop->connection_count--;
    metric_add(METRIC_HTTP_CONNECTIONS, METRIC_NO_LABELS, -1);
    atomic_fetch_sub(&loop->server->connections, 1);
}

static void on_close(void *data) {
    struct connection *connection = data;
    connection_set_reading(connection, 0);
    leave(connection);
    h2o_linklist_unlink(&connection->link);
    free(connection);
}

static bool enter(struct http_loop *loop, struct address_key address) {
    struct http_server *server = loop->server;
    if (atomic_fetch_add(&server->connections, 1) >= server->max_connections) {
        atomic_fetch_sub(&server->connections, 1);
        loop->refused_connections++;
        metric_add(METRIC_HTTP_CONNECTIONS_REFUSED, METRIC_LABELS("all"), 1);
        return false;
    }
    if (!address_limit_enter(server->addresses, address)) {
        atomic_fetch_sub(&server->connections, 1);
        loop->refused_by_address++;
        metric_add(METRIC_HTTP_CONNECTIONS_REFUSED, METRIC_LABELS("address"), 1);
        return false;
    }
    loop->connection_count++;
    metric_add(METRIC_HTTP_CONNECTIONS, METRIC_NO_LABELS, 1);
    return true;
}

bool connection_admit(struct http_loop *loop, h2o_socket_t *socket) {
    struct sockaddr_storage peer = {0};
    /* Fails when the client has already gone; then the family stays 0. */
    (void)h2o_socket_getpeername(socket, (struct sockaddr *)&peer);
    struct address_key address = address_key_of(&peer);
    if (!enter(loop, address)) {
        return false;
    }
    struct connection *connection = calloc(1, sizeof *connection);
    CHECK(connection != NULL && "out of memory");
    connection->loop = loop;
    connection->socket = socket;
    connection->address = address;
    connection->since_us = clock_monotonic_us();
    h2o_linklist_insert(&loop->connections, &connection->link);
    socket->on_close.cb = on_close;
    socket->on_close.data = connection;
    return true;
}

void connection_set_reading(struct connection *connection, size_t bytes) {
    atomic_fetch_add(&connection->loop->reading_bytes, bytes - connection->reading_bytes);
    connection->reading_bytes = bytes;
}

void connection_begin_exchange(struct connection *connection, struct exchange *exchange) {
    connection_set_reading(connection, 0);
    connection->exchange = exchange;
}

void connection_end_exchange(struct connection *connection) {
    connection->exchange = NULL;
    connection->phase = PHASE_IDLE;
    connection->since_us = clock_monotonic_us();
}

void connection_cut(struct connection *connection, int how) {
    (void)shutdown(h2o_socket_get_fd(connection->socket), how);
}

size_t connection_body_bytes(struct http_server *server) {
    size_t total = atomic_load(&server->held_body_bytes);
    for (size_t i = 0; i < server->loop_count; i++) {
        total += atomic_load(&server->loops[i].reading_bytes);
    }
    return total;
}

void connection_reset_at_close(const struct connection *connection) {
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(h2o_socket_get_fd(connection->socket), SOL_SOCKET, SO_LINGER, &at_once,
                     sizeof at_once);
}

static int close_if_idle(h2o_req_t *req, void *data) {
    const int64_t *now_us = data;
    struct connection *connection = connection_of(req);
    bool is_fresh =
        connection->phase == PHASE_NEW && *now_us - connection->since_us < FIRST_REQUEST_US;
    if (req->version == 0 && connection->socket->input->size == 0 && !is_fresh) {
        connection_cut(connection, SHUT_RD);
    }
    return 0;
}

void connection_close_idle(struct http_loop *loop) {
    int64_t now_us = clock_monotonic_us();
    (void)loop->server->config.http1.callbacks.foreach_request(&loop->context, close_if_idle,
                                                               &now_us);
}

void connection_cut_all(struct http_loop *loop) {
    for (h2o_linklist_t *link = loop->connections.next; link != &loop->connections;
         link = link->next) {
        connection_cut(H2O_STRUCT_FROM_MEMBER(struct connection, link, link), SHUT_RDWR);
    }
    linger_end_all(loop);
}
