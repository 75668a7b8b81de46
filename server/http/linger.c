#include "server/http/internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

/* Long enough for an answer to cross the world while a body is still coming. */
#define LINGER_US (2 * 1000000LL)

struct lingerer {
    h2o_linklist_t link; /* in loop->lingering */
    h2o_socket_t *socket;
    int64_t since_us;
};

static void end(struct lingerer *lingerer) {
    h2o_linklist_unlink(&lingerer->link);
    h2o_socket_close(lingerer->socket);
    free(lingerer);
}

static void on_read(h2o_socket_t *socket, const char *problem) {
    if (problem != NULL) {
        end(socket->data);
        return;
    }
    h2o_buffer_consume(&socket->input, socket->input->size);
}

void linger_start(struct http_loop *loop, h2o_socket_t *socket) {
    if (loop->stopping_since_us != 0) {
        return;
    }
    /* h2o closes its own descriptor in a moment; the connection lives on in this one. */
    int descriptor = fcntl(h2o_socket_get_fd(socket), F_DUPFD_CLOEXEC, 0);
    if (descriptor < 0) {
        return;
    }
    (void)shutdown(descriptor, SHUT_WR);
    h2o_socket_t *own =
        h2o_evloop_socket_create(loop->evloop, descriptor, H2O_SOCKET_FLAG_IS_ACCEPTED_CONNECTION);
    if (!connection_admit(loop, own)) {
        h2o_socket_close(own);
        return;
    }
    struct lingerer *lingerer = calloc(1, sizeof *lingerer);
    CHECK(lingerer != NULL && "out of memory");
    lingerer->socket = own;
    lingerer->since_us = clock_monotonic_us();
    own->data = lingerer;
    h2o_linklist_insert(&loop->lingering, &lingerer->link);
    h2o_socket_read_start(own, on_read);
}

/* Ends those that began at or before a time. */
static void end_since(struct http_loop *loop, int64_t until_us) {
    h2o_linklist_t *next = NULL;
    for (h2o_linklist_t *link = loop->lingering.next; link != &loop->lingering; link = next) {
        next = link->next;
        struct lingerer *lingerer = H2O_STRUCT_FROM_MEMBER(struct lingerer, link, link);
        if (lingerer->since_us <= until_us) {
            end(lingerer);
        }
    }
}

void linger_sweep(struct http_loop *loop, int64_t now_us) {
    end_since(loop, now_us - LINGER_US);
}

void linger_end_all(struct http_loop *loop) {
    end_since(loop, INT64_MAX);
}
