/*
 * internal: what the files of this folder share. Nobody else includes it.
 *
 * A loop and everything that hangs on it belong to its thread; others reach it by message only. The
 * exceptions are said where they are.
 */
#ifndef AIZY_SERVER_HTTP_INTERNAL_H
#define AIZY_SERVER_HTTP_INTERNAL_H

#include <h2o.h>
#include <stdalign.h>
#include <stdatomic.h>

#include "base/lock.h"
#include "server/api/app.h"
#include "server/api/job.h"
#include "server/http/server.h"
#include "server/work/thread.h"

struct http_loop {
    struct http_server *server;
    h2o_loop_t *evloop;
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    struct thread thread;

    int descriptor;         /* of the listener, until the loop has made a socket of it */
    h2o_socket_t *listener; /* NULL once closed */
    bool listener_is_paused;
    size_t refused_connections; /* since the last sweep */

    size_t connections;
    h2o_linklist_t exchanges;
    h2o_linklist_t lingering;
    struct token_cache *token_cache;
    int64_t swept_at_us;

    /* For other threads, through http_loop_send. */
    h2o_multithread_receiver_t finished; /* jobs */
    h2o_multithread_receiver_t orders;
    h2o_multithread_message_t stop_order;
    h2o_multithread_receiver_t dumps;
    h2o_multithread_message_t dump_order;
    atomic_bool is_dump_ordered; /* the message is on its way */
    atomic_size_t senders;       /* threads within http_loop_send; the loop outlives them */
    bool is_stopping;
};

struct http_server {
    struct app *app;
    h2o_globalconf_t config; /* complete before the first context, read-only afterwards */
    int port;
    size_t max_connections;
    atomic_size_t connections; /* of all loops together */
    atomic_bool is_cutting;    /* asked by each stopping loop, some times a second */
    atomic_size_t dumped_jobs; /* of the dump that is being written */

    struct lock lock; /* guards the three below */
    struct condition loops_changed;
    size_t started_loops;
    size_t ended_loops;

    size_t loop_count;
    struct http_loop loops[];
};

#define EXCHANGE_MEMORY_BYTES 4096

/*
 * exchange: a request of h2o's and the job that answers it.
 *
 * The job may outlive the request (its client left), and the request the job's work (its answer is
 * being sent). Whichever ends last frees the exchange, always on the loop thread.
 */
struct exchange {
    struct job job;
    struct http_loop *loop;
    h2o_linklist_t link; /* in loop->exchanges */
    h2o_multithread_message_t message;
    h2o_generator_t generator;
    h2o_req_t *req;      /* loop thread only; NULL once the client has left */
    int64_t answered_us; /* 0: not yet */
    /* What a small request needs, for the job's arena; all above begins as zero, this does not. */
    alignas(max_align_t) unsigned char memory[EXCHANGE_MEMORY_BYTES];
};

/* server.c */

/* NULL but on a loop thread. */
struct http_loop *http_loop_here(void);
struct http_loop *http_loop_of(h2o_context_t *context);

/* In any thread; the loop may be gone when it returns. */
void http_loop_send(struct http_loop *loop, h2o_multithread_receiver_t *receiver,
                    h2o_multithread_message_t *message);

/* listener.c */

/*
 * Binds one descriptor for each loop to the same address. FAULT_INVALID when that is not to be had,
 * also because somebody else listens there; then none stays open.
 */
MUST_USE struct fault listener_bind(const struct config *config, int *descriptors, size_t count,
                                    int *port);
void listener_start(struct http_loop *loop);

/* Goes on after descriptors had run out. */
void listener_resume(struct http_loop *loop);

/* Takes in whoever had already connected, then closes. */
void listener_close(struct http_loop *loop);

/* connection.c */

/* Takes a place among MAX_CONNECTIONS, given back when the socket closes; false when there is none.
 */
MUST_USE bool connection_admit(struct http_loop *loop, h2o_socket_t *socket);

/* Once in a while: cuts clients that read too slowly, notices those that left, lets lingerers go.
 */
void connection_sweep(struct http_loop *loop, int64_t now_us);

/* Of a stopping loop: ends connections on which nothing is under way. */
void connection_close_idle(struct http_loop *loop);

/* Ends all of them, whatever is under way. */
void connection_cut_all(struct http_loop *loop);

/* linger.c */

/*
 * Keeps reading from the client of a request that h2o refuses unread and closes right after, for a
 * moment: else the reset that follows unread bytes would destroy the answer before it is seen.
 */
void linger_start(struct http_loop *loop, h2o_socket_t *socket);
void linger_sweep(struct http_loop *loop, int64_t now_us);
void linger_end_all(struct http_loop *loop);

/* exchange.c */

/* h2o's handler: makes the exchange and starts its job. */
int exchange_begin(h2o_handler_t *handler, h2o_req_t *req);

/* h2o's receiver of finished jobs. */
void exchange_on_finished(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages);

/* dump.c */

/* h2o's receiver of the order to log what is under way. */
void dump_on_order(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages);

/* head.c */

/*
 * Whether a request's head is framed as RFC 9112 asks, where h2o is more lenient: no bare LF, no
 * folded lines, one Host (none needed in HTTP/1.0), at most one Content-Length or Transfer-Encoding
 * and never both, no space before a colon. What two programs read differently is smuggled between
 * them. `input` begins with the head and may go on beyond it.
 */
MUST_USE bool head_is_strict(struct str input, bool is_http_1_0);

/* request.c */

/* Copies the request into the job's arena. */
void request_read(h2o_req_t *req, struct job *job);

/* answer.c */

/* Sends the job's reply; its bytes stay in the job until the request is disposed. */
void answer_send(struct exchange *exchange);

/* Logs what became of a job whose client left before its answer. */
void answer_log_abandoned(const struct exchange *exchange);

/* h2o's logger, for what h2o answers without asking us (a body too large, a broken chunk). */
void answer_on_refused_by_h2o(h2o_logger_t *logger, h2o_req_t *req);

#endif
