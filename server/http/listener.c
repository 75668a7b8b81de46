#include "server/http/internal.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/metric.h"

/* So that neither a flood of connections nor the requests of those that are open starve the other.
 */
#define ACCEPTS_AT_ONCE 16
/* Bytes that nobody acknowledges for this long end a connection; inherited from the listener. */
#define UNACKNOWLEDGED_MAX_MS 30000

static bool set_option(int descriptor, int level, int name, int value) {
    return setsockopt(descriptor, level, name, &value, sizeof value) == 0;
}

static int port_of(int descriptor) {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {.v6 = {0}};
    socklen_t size = sizeof address;
    CHECK(getsockname(descriptor, &address.any, &size) == 0);
    bool is_v6 = address.any.sa_family == AF_INET6;
    return ntohs(is_v6 ? address.v6.sin6_port : address.v4.sin_port);
}

/*
 * The first binds without SO_REUSEPORT, so that a second program on the same port is told so rather
 * than given half of the first one's clients; it gets the option afterwards, for the others to
 * join.
 */
static bool bind_one(int descriptor, const struct addrinfo *address, bool is_first) {
    return set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1) &&
           (is_first || set_option(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)) &&
           (address->ai_family != AF_INET6 ||
            set_option(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 0)) &&
           set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_MAX_MS) &&
           bind(descriptor, address->ai_addr, address->ai_addrlen) == 0 &&
           (!is_first || set_option(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)) &&
           listen(descriptor, SOMAXCONN) == 0;
}

static void set_port(const struct addrinfo *address, int port) {
    if (address->ai_family == AF_INET6) {
        ((struct sockaddr_in6 *)address->ai_addr)->sin6_port = htons((uint16_t)port);
    } else {
        ((struct sockaddr_in *)address->ai_addr)->sin_port = htons((uint16_t)port);
    }
}

/* Fills `descriptors` in order; returns how many, `count` being success. */
static size_t bind_all(struct addrinfo *address, int *descriptors, size_t count) {
    for (size_t i = 0; i < count; i++) {
        descriptors[i] = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (descriptors[i] < 0) {
            return i;
        }
        if (!bind_one(descriptors[i], address, i == 0)) {
            int cause = errno;
            (void)close(descriptors[i]);
            errno = cause;
            return i;
        }
        set_port(address, port_of(descriptors[0]));
    }
    return count;
}

struct fault listener_bind(const struct config *config, int *descriptors, size_t count, int *port) {
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct arena arena;
    arena_init(&arena, 1024);
    struct addrinfo *address = NULL;
    int problem = getaddrinfo(arena_c_string(&arena, config->host), NULL, &hints, &address);
    arena_release(&arena);
    if (problem != 0) {
        log_error("http.bind_failed", LOG_STR("host", config->host),
                  LOG_TEXT("detail", gai_strerror(problem)));
        return fault_of(FAULT_INVALID);
    }
    set_port(address, (int)config->port);
    size_t bound = bind_all(address, descriptors, count);
    int cause = errno;
    freeaddrinfo(address);
    if (bound == count) {
        *port = port_of(descriptors[0]);
        return fault_none();
    }
    while (bound-- > 0) {
        (void)close(descriptors[bound]);
    }
    char text[128];
    log_error("http.bind_failed", LOG_STR("host", config->host), LOG_INT("port", config->port),
              LOG_TEXT("detail", strerror_r(cause, text, sizeof text)));
    return fault_of(FAULT_INVALID);
}

/* False when there is nobody more to accept for now. */
static bool accept_one(struct http_loop *loop) {
    h2o_socket_t *socket = h2o_evloop_socket_accept(loop->listener);
    if (socket == NULL) {
        int cause = errno;
        if (cause == EMFILE || cause == ENFILE || cause == ENOBUFS || cause == ENOMEM) {
            /* Whoever waits stays readable: without a pause the loop would do nothing but fail. */
            h2o_socket_read_stop(loop->listener);
            loop->listener_is_paused = true;
            return false;
        }
        return cause != EAGAIN && cause != EWOULDBLOCK;
    }
    if (!connection_admit(loop, socket)) {
        h2o_socket_close(socket);
        return true;
    }
    metric_add(METRIC_HTTP_CONNECTIONS_ACCEPTED, METRIC_NO_LABELS, 1);
    h2o_accept(&loop->accept, socket);
    return true;
}

static void on_readable(h2o_socket_t *listener, const char *problem) {
    struct http_loop *loop = listener->data;
    if (problem != NULL) {
        return;
    }
    for (int i = 0; i < ACCEPTS_AT_ONCE && accept_one(loop); i++) {}
}

void listener_start(struct http_loop *loop) {
    loop->listener =
        h2o_evloop_socket_create(loop->evloop, loop->descriptor, H2O_SOCKET_FLAG_DONT_READ);
    loop->listener->data = loop;
    h2o_socket_read_start(loop->listener, on_readable);
}

void listener_resume(struct http_loop *loop) {
    if (!loop->listener_is_paused || loop->listener == NULL) {
        return;
    }
    log_warn("http.descriptors_exhausted", LOG_INT("connections", loop->connections));
    loop->listener_is_paused = false;
    h2o_socket_read_start(loop->listener, on_readable);
}

void listener_close(struct http_loop *loop) {
    /* The kernel has already told them that they are connected. */
    for (int i = 0; i < SOMAXCONN && accept_one(loop); i++) {}
    h2o_socket_close(loop->listener);
    loop->listener = NULL;
}
