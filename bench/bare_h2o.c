/*
 * bare_h2o: libh2o with nothing of ours around it, the ceiling that `./dev bench` measures against.
 *
 *     bare_h2o PORT BODY [NAME VALUE]...
 *
 * Answers every request on the loopback PORT with 200, these headers and this body: one loop per
 * core, each with a listener of its own, as server/http has them. Runs until a signal ends it.
 */
#include <h2o.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/check.h"

#define ACCEPTS_AT_ONCE 16

static h2o_globalconf_t config;
static h2o_iovec_t body;
static char **headers; /* name, value, ..., NULL */
static struct sockaddr_in address = {.sin_family = AF_INET};

static int answer(h2o_handler_t *handler, h2o_req_t *req) {
    (void)handler;
    static h2o_generator_t generator;
    req->res.status = 200;
    req->res.reason = "OK";
    req->res.content_length = body.len;
    for (char **header = headers; *header != NULL; header += 2) {
        h2o_add_header_by_str(&req->pool, &req->res.headers, header[0], strlen(header[0]), 1, NULL,
                              header[1], strlen(header[1]));
    }
    h2o_start_response(req, &generator);
    h2o_send(req, &body, 1, H2O_SEND_STATE_FINAL);
    return 0;
}

static void on_readable(h2o_socket_t *listener, const char *problem) {
    h2o_socket_t *socket = NULL;
    for (int i = 0; problem == NULL && i < ACCEPTS_AT_ONCE; i++) {
        socket = h2o_evloop_socket_accept(listener);
        if (socket == NULL) {
            return;
        }
        h2o_accept(listener->data, socket);
    }
}

static int listen_here(void) {
    const int on = 1;
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    CHECK(descriptor >= 0);
    CHECK(setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
    CHECK(setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0);
    CHECK(bind(descriptor, (const struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(descriptor, SOMAXCONN) == 0);
    return descriptor;
}

static void *run_loop(void *unused) {
    h2o_context_t context;
    h2o_loop_t *loop = h2o_evloop_create();
    h2o_context_init(&context, loop, &config);
    h2o_accept_ctx_t accept = {.ctx = &context, .hosts = config.hosts};
    h2o_socket_t *listener =
        h2o_evloop_socket_create(loop, listen_here(), H2O_SOCKET_FLAG_DONT_READ);
    listener->data = &accept;
    h2o_socket_read_start(listener, on_readable);
    while (h2o_evloop_run(loop, INT32_MAX) == 0) {}
    return unused;
}

int main(int argc, char **argv) {
    cpu_set_t cores;
    CHECK(argc >= 3 && argc % 2 == 1 && signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    address.sin_port = htons((uint16_t)strtol(argv[1], NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    body = h2o_iovec_init(argv[2], strlen(argv[2]));
    headers = argv + 3;
    h2o_config_init(&config);
    config.server_name = h2o_iovec_init(NULL, 0);
    config.http1.upgrade_to_http2 = 0;
    h2o_hostconf_t *host =
        h2o_config_register_host(&config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_create_handler(h2o_config_register_path(host, "/", 0), sizeof(h2o_handler_t))->on_req =
        answer;
    CHECK(sched_getaffinity(0, sizeof cores, &cores) == 0);
    for (int i = 1; i < CPU_COUNT(&cores); i++) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, run_loop, NULL) == 0);
    }
    run_loop(NULL);
    return EXIT_FAILURE;
}
