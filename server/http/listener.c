#include "server/http/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/metric.h"
#include "server/http/activation.h"

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
 * than given half of the first one's clients; it gets the option afterwards, for the others, and a
 * program that takes over, to join.
 */
static bool bind_one(int descriptor, const struct addrinfo *address, bool is_alone) {
    return set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1) &&
           (is_alone || set_option(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)) &&
           (address->ai_family != AF_INET6 ||
            set_option(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 0)) &&
           set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_MAX_MS) &&
           bind(descriptor, address->ai_addr, address->ai_addrlen) == 0 &&
           (!is_alone || set_option(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)) &&
           listen(descriptor, SOMAXCONN) == 0;
}

static void set_port(const struct addrinfo *address, int port) {
    if (address->ai_family == AF_INET6) {
        ((struct sockaddr_in6 *)address->ai_addr)->sin6_port = htons((uint16_t)port);
    } else {
        ((struct sockaddr_in *)address->ai_addr)->sin_port = htons((uint16_t)port);
    }
}

static bool is_taken(const struct addrinfo *address) {
    int descriptor = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_bound = descriptor >= 0 && set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1) &&
                    bind(descriptor, address->ai_addr, address->ai_addrlen) == 0;
    if (descriptor >= 0) {
        (void)close(descriptor);
    }
    return !is_bound;
}

/*
 * One for each loop; false with errno, and then those before it stay open. The first loop's comes
 * first where nobody else listens, and last behind a server that is taken over: see steer.
 */
static bool bind_for_loops(struct http_server *server, const struct addrinfo *address,
                           size_t index) {
    size_t count = server->loop_count;
    bool is_joining = server->sockets.takes_over && is_taken(address);
    for (size_t i = 0; i < count; i++) {
        struct http_loop *loop = &server->loops[is_joining ? count - 1 - i : i];
        int descriptor = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (descriptor < 0) {
            return false;
        }
        if (!bind_one(descriptor, address, i == 0 && !is_joining)) {
            int cause = errno;
            (void)close(descriptor);
            errno = cause;
            return false;
        }
        loop->listeners[index].descriptor = descriptor;
        loop->listener_count = index + 1;
        server->listen.items[index].port = port_of(descriptor);
        set_port(address, port_of(descriptor));
    }
    return true;
}

static struct fault bind_address(struct http_server *server, size_t index) {
    const struct listen_address *wanted = &server->listen.items[index];
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct arena arena;
    arena_init(&arena, 1024);
    struct addrinfo *address = NULL;
    int problem = getaddrinfo(arena_c_string(&arena, wanted->host), NULL, &hints, &address);
    arena_release(&arena);
    if (problem != 0) {
        log_error("http.bind_failed", LOG_STR("host", wanted->host),
                  LOG_TEXT("detail", gai_strerror(problem)));
        return fault_of(FAULT_INVALID);
    }
    set_port(address, (int)wanted->port);
    bool is_bound = bind_for_loops(server, address, index);
    int cause = errno;
    freeaddrinfo(address);
    if (is_bound) {
        return fault_none();
    }
    char text[128];
    log_error("http.bind_failed", LOG_STR("host", wanted->host), LOG_INT("port", wanted->port),
              LOG_TEXT("detail", strerror_r(cause, text, sizeof text)));
    return fault_of(FAULT_INVALID);
}

static void close_descriptors(struct http_server *server) {
    for (size_t i = 0; i < server->loop_count; i++) {
        for (size_t j = 0; j < server->loops[i].listener_count; j++) {
            (void)close(server->loops[i].listeners[j].descriptor);
        }
    }
}

/* The first loop gets the descriptor itself, the others copies of it. */
static bool share_passed(struct http_server *server, int passed, size_t index) {
    if (fcntl(passed, F_SETFL, O_NONBLOCK) != 0 ||
        !set_option(passed, IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_MAX_MS)) {
        return false;
    }
    for (size_t i = 0; i < server->loop_count; i++) {
        bool is_shared = i == 0 ? fcntl(passed, F_SETFD, FD_CLOEXEC) == 0 : true;
        int descriptor = i == 0 ? passed : fcntl(passed, F_DUPFD_CLOEXEC, passed);
        if (!is_shared || descriptor < 0) {
            return false;
        }
        server->loops[i].listeners[index].descriptor = descriptor;
        server->loops[i].listener_count = index + 1;
    }
    server->listen.items[index].port = port_of(passed);
    return true;
}

static struct fault refuse_passed(size_t index, const char *problem) {
    log_error("http.passed_socket_refused",
              LOG_INT("descriptor", ACTIVATION_FIRST_DESCRIPTOR + index),
              LOG_TEXT("detail", problem));
    return fault_of(FAULT_INVALID);
}

static struct fault take_passed(struct http_server *server) {
    if (server->sockets.passed != server->listen.count) {
        log_error("http.passed_sockets_refused", LOG_INT("passed", server->sockets.passed),
                  LOG_INT("addresses", server->listen.count));
        return fault_of(FAULT_INVALID);
    }
    for (size_t i = 0; i < server->listen.count; i++) {
        int passed = ACTIVATION_FIRST_DESCRIPTOR + (int)i;
        const char *problem = activation_problem(passed);
        if (problem != NULL) {
            return refuse_passed(i, problem);
        }
        if (!share_passed(server, passed, i)) {
            char text[128];
            return refuse_passed(i, strerror_r(errno, text, sizeof text));
        }
    }
    return fault_none();
}

struct fault listener_bind(struct http_server *server) {
    if (server->sockets.passed > 0) {
        struct fault fault = take_passed(server);
        if (fault_occurred(fault)) {
            close_descriptors(server);
        }
        return fault;
    }
    for (size_t i = 0; i < server->listen.count; i++) {
        struct fault fault = bind_address(server, i);
        if (fault_occurred(fault)) {
            close_descriptors(server);
            return fault;
        }
    }
    return fault_none();
}

/* False when there is nobody more to accept for now. */
static bool accept_one(struct http_listener *listener) {
    h2o_socket_t *socket = h2o_evloop_socket_accept(listener->socket);
    if (socket == NULL) {
        int cause = errno;
        if (cause == EMFILE || cause == ENFILE || cause == ENOBUFS || cause == ENOMEM) {
            /* Whoever waits stays readable: without a pause the loop would do nothing but fail. */
            h2o_socket_read_stop(listener->socket);
            listener->is_paused = true;
            return false;
        }
        return cause != EAGAIN && cause != EWOULDBLOCK;
    }
    if (!connection_admit(listener->loop, socket)) {
        h2o_socket_close(socket);
        return true;
    }
    metric_add(METRIC_HTTP_CONNECTIONS_ACCEPTED, METRIC_NO_LABELS, 1);
    h2o_accept(&listener->accept, socket);
    return true;
}

static void on_readable(h2o_socket_t *socket, const char *problem) {
    struct http_listener *listener = socket->data;
    if (problem != NULL) {
        return;
    }
    for (int i = 0; i < ACCEPTS_AT_ONCE && accept_one(listener); i++) {}
}

void listener_start(struct http_loop *loop) {
    struct http_server *server = loop->server;
    for (size_t i = 0; i < loop->listener_count; i++) {
        struct http_listener *listener = &loop->listeners[i];
        listener->loop = loop;
        listener->accept = (h2o_accept_ctx_t){
            .ctx = &loop->context,
            .hosts = server->config.hosts,
            .ssl_ctx = server->listen.items[i].is_tls ? tls_context(server->tls) : NULL,
        };
        listener->socket =
            h2o_evloop_socket_create(loop->evloop, listener->descriptor, H2O_SOCKET_FLAG_DONT_READ);
        listener->socket->data = listener;
        h2o_socket_read_start(listener->socket, on_readable);
    }
    loop->has_listeners = true;
}

void listener_sweep(struct http_loop *loop) {
    for (size_t i = 0; i < loop->listener_count; i++) {
        struct http_listener *listener = &loop->listeners[i];
        if (listener->is_paused && listener->socket != NULL) {
            log_warn("http.descriptors_exhausted", LOG_INT("connections", loop->connection_count));
            listener->is_paused = false;
            h2o_socket_read_start(listener->socket, on_readable);
        }
    }
}

/*
 * All sockets of an address form a group, in the order in which they began to listen, and the
 * kernel deals out connections by a hash. Whatever has come into a socket's queue, or is half way
 * through its handshake, is reset when the socket closes. So before that a program of one
 * instruction gives all that is new to one socket of the successor. Where there is none with that
 * number the kernel goes by its hash.
 *
 * When a socket closes the last of the group takes its number. So a socket of the successor's has
 * the number that is the count of ours until one of ours closes; and number 0, which our first
 * loop's has, becomes that of the successor's first loop when it closes, and stays.
 */
static void steer(struct http_server *server, const struct http_loop *member, uint32_t number) {
    struct sock_filter choice = BPF_STMT(BPF_RET | BPF_K, number);
    const struct sock_fprog program = {1, &choice};
    for (size_t i = 0; i < server->listen.count; i++) {
        if (setsockopt(member->listeners[i].descriptor, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF,
                       &program, sizeof program) != 0) {
            char text[128];
            log_warn("http.not_handed_over",
                     LOG_TEXT("detail", strerror_r(errno, text, sizeof text)));
        }
    }
}

/* Whoever has passed sockets holds them too: what comes waits there for the next server. */
void listener_hand_over(struct http_server *server) {
    if (server->sockets.passed == 0) {
        steer(server, &server->loops[0], (uint32_t)server->loop_count);
    }
}

void listener_hand_over_rest(struct http_server *server) {
    if (server->sockets.passed == 0 && server->loop_count > 1) {
        steer(server, &server->loops[1], 0);
    }
}

void listener_close(struct http_loop *loop) {
    for (size_t i = 0; i < loop->listener_count; i++) {
        struct http_listener *listener = &loop->listeners[i];
        if (listener->socket == NULL) {
            continue;
        }
        /* The kernel has already told them that they are connected; of a socket that was passed
         * they wait for the next server. */
        int accepts_max = loop->server->sockets.passed > 0 ? 0 : SOMAXCONN;
        for (int j = 0; j < accepts_max && accept_one(listener); j++) {}
        h2o_socket_close(listener->socket);
        listener->socket = NULL;
    }
}
