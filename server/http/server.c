#include "server/http/internal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/http/chunked.h"
#include "server/security/token_cache.h"

/* h2o copies each header's name to the stack, and one may fill the whole head of 417,792 bytes. */
#define LOOP_STACK_BYTES (2048UL * 1024)
#define LOOP_WAIT_MS 500
#define LOOP_STOPPING_WAIT_MS 20
/* A stopping server listens on for this long, so that handshakes under way come to their end. */
#define HAND_OVER_US 250000
/* Its other loops then do for the few that came to them when the first loop's listeners closed. */
#define HAND_OVER_REST_US 100000
/* What everything but clients may need of the process's descriptors. */
#define OTHER_DESCRIPTORS 256
/* Connections are cut this long before a shutdown's end, so that jobs alone decide how it ends. */
#define CUT_MARGIN_MS 500

static _Thread_local struct http_loop *loop_here;

struct http_loop *http_loop_here(void) {
    return loop_here;
}

struct http_loop *http_loop_of(h2o_context_t *context) {
    return H2O_STRUCT_FROM_MEMBER(struct http_loop, context, context);
}

/* What server.h's config says, in h2o's terms; one host, one path, one handler: ours. */
static void configure(struct http_server *server) {
    const struct config *config = server->app->config;
    h2o_globalconf_t *globalconf = &server->config;
    h2o_config_init(globalconf);
    globalconf->server_name = h2o_iovec_init(NULL, 0);
    globalconf->max_request_entity_size = (size_t)config->max_body_bytes;
    globalconf->handshake_timeout = (uint64_t)config->head_timeout_ms;
    globalconf->http1.req_timeout = (uint64_t)config->request_timeout_ms;
    globalconf->http1.upgrade_to_http2 = 0;
    /* It would start timers of HTTP/2 that a context cannot be disposed with. */
    globalconf->http2.callbacks.request_shutdown = NULL;
    h2o_hostconf_t *host =
        h2o_config_register_host(globalconf, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    path->error_log.emit_request_errors = 0;
    h2o_create_handler(path, sizeof(h2o_handler_t))->on_req = exchange_begin;
    /* h2o's own refusals, and nothing else, go by the fallback path. */
    h2o_create_logger(&host->fallback_path, sizeof(h2o_logger_t))->log_access =
        answer_on_refused_by_h2o;
}

/* So that MAX_CONNECTIONS is what ends the growth, and never a descriptor that cannot be had. */
static size_t connections_allowed(const struct config *config) {
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    if (limit.rlim_cur >= (rlim_t)config->max_connections + OTHER_DESCRIPTORS) {
        return (size_t)config->max_connections;
    }
    size_t allowed = limit.rlim_cur > 2 * OTHER_DESCRIPTORS
                         ? (size_t)limit.rlim_cur - OTHER_DESCRIPTORS
                         : (size_t)limit.rlim_cur / 2;
    log_warn("http.few_descriptors", LOG_INT("descriptors", limit.rlim_cur),
             LOG_INT("max_connections", allowed));
    return allowed;
}

void http_loop_send(struct http_loop *loop, h2o_multithread_receiver_t *receiver,
                    h2o_multithread_message_t *message) {
    /* h2o wakes the loop after it has handed over, when the loop may already be through with it. */
    atomic_fetch_add(&loop->senders, 1);
    h2o_multithread_send_message(receiver, message);
    atomic_fetch_sub(&loop->senders, 1);
}

static void on_orders(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages) {
    struct http_loop *loop = H2O_STRUCT_FROM_MEMBER(struct http_loop, orders, receiver);
    /* There is but one kind of order. */
    h2o_linklist_unlink(&loop->stop_order.link);
    CHECK(h2o_linklist_is_empty(messages));
    loop->stopping_since_us = clock_monotonic_us();
    h2o_context_request_shutdown(&loop->context);
}

/* In the loop's own thread: h2o's buffers belong to the thread that makes their socket. */
static void loop_init(struct http_loop *loop) {
    h2o_globalconf_t *globalconf = &loop->server->config;
    h2o_linklist_init_anchor(&loop->connections);
    h2o_linklist_init_anchor(&loop->exchanges);
    h2o_linklist_init_anchor(&loop->lingering);
    loop->token_cache = token_cache_open();
    loop->evloop = h2o_evloop_create();
    h2o_context_init(&loop->context, loop->evloop, globalconf);
    h2o_multithread_register_receiver(loop->context.queue, &loop->finished, exchange_on_finished);
    h2o_multithread_register_receiver(loop->context.queue, &loop->orders, on_orders);
    h2o_multithread_register_receiver(loop->context.queue, &loop->dumps, dump_on_order);
    listener_start(loop);
}

static void loop_release(struct http_loop *loop) {
    h2o_multithread_unregister_receiver(loop->context.queue, &loop->finished);
    h2o_multithread_unregister_receiver(loop->context.queue, &loop->orders);
    h2o_multithread_unregister_receiver(loop->context.queue, &loop->dumps);
    h2o_context_dispose(&loop->context);
    h2o_evloop_destroy(loop->evloop);
    token_cache_close(loop->token_cache);
}

static bool loop_is_done(struct http_loop *loop) {
    return loop->stopping_since_us != 0 && !loop->has_listeners && loop->connection_count == 0 &&
           h2o_linklist_is_empty(&loop->exchanges) && atomic_load(&loop->senders) == 0;
}

/* The first loop's listeners close alone; see listener_hand_over_rest. */
static void close_listeners_if_due(struct http_loop *loop, bool is_cutting) {
    struct http_server *server = loop->server;
    bool is_first = loop == &server->loops[0];
    int64_t since_us =
        is_first ? loop->stopping_since_us : atomic_load(&server->first_closed_at_us);
    int64_t wait_us = is_first ? HAND_OVER_US : HAND_OVER_REST_US;
    if (since_us == 0 || (!is_cutting && clock_monotonic_us() < since_us + wait_us)) {
        return;
    }
    listener_close(loop);
    loop->has_listeners = false;
    if (is_first) {
        listener_hand_over_rest(server);
        atomic_store(&server->first_closed_at_us, clock_monotonic_us());
    }
}

static void tend(struct http_loop *loop) {
    sweep_if_due(loop);
    if (loop->stopping_since_us == 0) {
        return;
    }
    bool is_cutting = atomic_load(&loop->server->is_cutting);
    if (loop->has_listeners) {
        close_listeners_if_due(loop, is_cutting);
    }
    if (is_cutting) {
        connection_cut_all(loop);
        return;
    }
    /* Again and again: a connection becomes idle when its answer has been sent. */
    connection_close_idle(loop);
}

static void note_loop(struct http_server *server, size_t *count) {
    lock_acquire(&server->lock);
    (*count)++;
    condition_signal(&server->loops_changed);
    lock_give(&server->lock);
}

static void *run_loop(void *argument) {
    struct http_loop *loop = argument;
    loop_here = loop;
    loop_init(loop);
    note_loop(loop->server, &loop->server->started_loops);
    while (!loop_is_done(loop)) {
        int32_t wait_ms = loop->stopping_since_us != 0 ? LOOP_STOPPING_WAIT_MS : LOOP_WAIT_MS;
        (void)h2o_evloop_run(loop->evloop, wait_ms);
        tend(loop);
    }
    loop_release(loop);
    note_loop(loop->server, &loop->server->ended_loops);
    return NULL;
}

static void start_loops(struct http_server *server) {
    for (size_t i = 0; i < server->loop_count; i++) {
        struct http_loop *loop = &server->loops[i];
        char name[32];
        (void)snprintf(name, sizeof name, "http-%zu", i);
        thread_start(&loop->thread, name, LOOP_STACK_BYTES, run_loop, loop);
    }
    /* Nobody can give a loop orders before it has its receiver. */
    lock_acquire(&server->lock);
    while (server->started_loops < server->loop_count) {
        condition_wait(&server->loops_changed, &server->lock);
    }
    lock_give(&server->lock);
}

static struct http_server *make_server(struct app *app, const struct http_server_sockets *sockets) {
    const struct config *config = app->config;
    size_t count = config->loop_threads == 0 ? thread_core_count() : (size_t)config->loop_threads;
    struct http_server *server = calloc(1, sizeof *server + count * sizeof server->loops[0]);
    CHECK(server != NULL && "out of memory");
    server->app = app;
    server->sockets = *sockets;
    server->loop_count = count;
    for (size_t i = 0; i < count; i++) {
        server->loops[i].server = server;
    }
    return server;
}

static struct fault claim_addresses(struct http_server *server) {
    const struct config *config = server->app->config;
    CHECK(listen_parse(config, &server->listen) == NULL);
    TRY(tls_open(config, &server->tls));
    return listener_bind(server);
}

struct fault http_server_open(struct app *app, const struct http_server_sockets *sockets,
                              struct http_server **server) {
    struct http_server *opened = make_server(app, sockets);
    struct fault fault = claim_addresses(opened);
    if (fault_occurred(fault)) {
        tls_close(opened->tls);
        free(opened);
        return fault;
    }
    opened->max_connections = connections_allowed(app->config);
    opened->addresses = address_limit_open((size_t)app->config->max_connections_per_address);
    lock_init(&opened->lock);
    condition_init(&opened->loops_changed);
    CHECK(chunked_is_in_use());
    /* A client that closes while it is written to is an error of that write, not a signal. */
    CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    configure(opened);
    start_loops(opened);
    for (size_t i = 0; i < opened->listen.count; i++) {
        const struct listen_address *address = &opened->listen.items[i];
        log_info("http.listening", LOG_STR("host", address->host), LOG_INT("port", address->port),
                 LOG_TEXT("protocol", address->is_tls ? "https" : "http"),
                 LOG_INT("loops", opened->loop_count));
    }
    *server = opened;
    return fault_none();
}

bool http_server_url(const struct http_server *server, size_t index,
                     char url[static HTTP_SERVER_URL_SIZE]) {
    if (index >= server->listen.count) {
        return false;
    }
    const struct listen_address *address = &server->listen.items[index];
    bool is_ipv6 = str_find_byte(address->host, ':') < address->host.size;
    (void)snprintf(url, HTTP_SERVER_URL_SIZE, "%s://%s%.*s%s:%d",
                   address->is_tls ? "https" : "http", is_ipv6 ? "[" : "", STR_ARG(address->host),
                   is_ipv6 ? "]" : "", (int)address->port);
    return true;
}

void http_server_reload(struct http_server *server) {
    if (server->tls != NULL) {
        tls_reload(server->tls);
    }
}

/* Whether all loops have ended by then. */
static bool await_loops(struct http_server *server, int64_t deadline_us) {
    int64_t left_ms = 1;
    lock_acquire(&server->lock);
    while (server->ended_loops < server->loop_count && left_ms > 0) {
        left_ms = (deadline_us - clock_monotonic_us() + 999) / 1000;
        (void)condition_wait_for(&server->loops_changed, &server->lock, left_ms);
    }
    bool ended = server->ended_loops == server->loop_count;
    lock_give(&server->lock);
    return ended;
}

static void free_server(struct http_server *server) {
    for (size_t i = 0; i < server->loop_count; i++) {
        thread_join(&server->loops[i].thread);
    }
    h2o_config_dispose(&server->config);
    tls_close(server->tls);
    address_limit_close(server->addresses);
    condition_release(&server->loops_changed);
    lock_release(&server->lock);
    free(server);
}

bool http_server_close(struct http_server *server, int64_t timeout_ms) {
    int64_t deadline_us = clock_monotonic_us() + timeout_ms * 1000;
    int64_t margin_ms = timeout_ms / 4 < CUT_MARGIN_MS ? timeout_ms / 4 : CUT_MARGIN_MS;
    atomic_store(&server->app->is_stopping, true);
    listener_hand_over(server);
    for (size_t i = 0; i < server->loop_count; i++) {
        struct http_loop *loop = &server->loops[i];
        http_loop_send(loop, &loop->orders, &loop->stop_order);
    }
    bool ended = await_loops(server, deadline_us - margin_ms * 1000);
    if (!ended) {
        atomic_store(&server->is_cutting, true);
        ended = await_loops(server, deadline_us);
    }
    if (!ended) {
        log_warn("http.stop_incomplete", LOG_NOTHING);
        return false;
    }
    free_server(server);
    log_info("http.stopped", LOG_NOTHING);
    return true;
}
