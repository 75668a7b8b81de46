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
#include "server/config/listen.h"
#include "server/http/address_limit.h"
#include "server/http/pace.h"
#include "server/http/server.h"
#include "server/http/tls.h"
#include "server/work/thread.h"

/* An address that is listened on, as one loop does it. */
struct http_listener {
    struct http_loop *loop;
    int descriptor;
    h2o_socket_t *socket; /* NULL once closed */
    bool is_paused;
    h2o_accept_ctx_t accept;
};

/* What a connection is waiting for. */
enum connection_phase {
    PHASE_NEW,    /* its first byte */
    PHASE_HEAD,   /* the rest of a head */
    PHASE_BODY,   /* the rest of a body */
    PHASE_WORK,   /* its job */
    PHASE_ANSWER, /* the client, to read */
    PHASE_IDLE,   /* the next request */
};

/* Lives from accept to close; the phase is looked at by the sweep, and may be behind until then. */
struct connection {
    h2o_linklist_t link; /* in loop->connections, the latest last */
    struct http_loop *loop;
    h2o_socket_t *socket;
    struct address_key address;
    struct exchange *exchange; /* of the request that is handled or answered, or NULL */
    enum connection_phase phase;
    int64_t since_us;     /* when the phase began */
    size_t reading_bytes; /* of a body that is coming in */
    struct pace pace;     /* of a body or an answer */
};

struct http_loop {
    struct http_server *server;
    h2o_loop_t *evloop;
    h2o_context_t context;
    struct thread thread;

    struct http_listener listeners[LISTEN_ADDRESSES_MAX];
    size_t listener_count;
    size_t refused_connections; /* since the last sweep */
    size_t refused_by_address;  /* likewise */

    size_t connection_count;
    h2o_linklist_t connections;
    h2o_linklist_t exchanges;
    h2o_linklist_t lingering;
    struct token_cache *token_cache;
    int64_t swept_at_us;
    atomic_size_t reading_bytes; /* of all connections; written by this loop alone */
    bool body_memory_is_tight;

    /* For other threads, through http_loop_send. */
    h2o_multithread_receiver_t finished; /* jobs */
    h2o_multithread_receiver_t orders;
    h2o_multithread_message_t stop_order;
    h2o_multithread_receiver_t dumps;
    h2o_multithread_message_t dump_order;
    atomic_bool is_dump_ordered; /* the message is on its way */
    atomic_size_t senders;       /* threads within http_loop_send; the loop outlives them */
    int64_t stopping_since_us;   /* 0: it is not */
    bool has_listeners;
};

struct http_server {
    struct app *app;
    h2o_globalconf_t config;        /* complete before the first context, read-only afterwards */
    struct listen_addresses listen; /* ports are what PORT=0 became */
    struct http_server_sockets sockets;
    struct tls *tls; /* NULL: nobody speaks TLS */
    size_t max_connections;
    struct address_limit *addresses;
    atomic_size_t connections;       /* of all loops together */
    atomic_size_t held_body_bytes;   /* of requests that have arrived whole */
    atomic_llong first_closed_at_us; /* the first loop's listeners; 0: not yet */
    atomic_bool is_cutting;          /* asked by each stopping loop, some times a second */
    atomic_size_t dumped_jobs;       /* of the dump that is being written */

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
 * being sent). Whichever ends last frees the exchange, always on the loop thread. Of a streamed
 * answer the job comes home and leaves again with each filling of its spool.
 */
struct exchange {
    struct job job;
    struct http_loop *loop;
    struct connection *connection; /* while there is `req` */
    h2o_linklist_t link;           /* in loop->exchanges */
    h2o_multithread_message_t message;
    h2o_generator_t generator;
    h2o_req_t *req;      /* loop thread only; NULL once the client has left */
    int64_t answered_us; /* 0: not yet; of a streamed answer: when its last piece was handed over */
    bool is_home;        /* the job has come back; its answer, or a piece, is being sent */
    bool is_starved;     /* a streamed answer's next piece waits for a place in its pool */
    size_t held_bytes;   /* of its body, for the memory of all bodies */
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
 * Binds what the settings name, a descriptor of each address for each loop, and puts them there;
 * or takes what was passed, whose queue all loops share. FAULT_INVALID when one is not to be had,
 * also because somebody else listens there, unless this server takes over; then none stays open.
 */
MUST_USE struct fault listener_bind(struct http_server *server);
void listener_start(struct http_loop *loop);

/* Once in a while: goes on after descriptors had run out. */
void listener_sweep(struct http_loop *loop);

/*
 * From now on new connections go to the program that has taken over, if there is one: before the
 * first loop's listeners close, and once more after that, while all others still listen.
 */
void listener_hand_over(struct http_server *server);
void listener_hand_over_rest(struct http_server *server);

/* Takes in whoever had already connected, then closes. */
void listener_close(struct http_loop *loop);

/* connection.c */

/*
 * Takes a place among MAX_CONNECTIONS and MAX_CONNECTIONS_PER_ADDRESS, given back when the socket
 * closes; false when there is none.
 */
MUST_USE bool connection_admit(struct http_loop *loop, h2o_socket_t *socket);

struct connection *connection_of(h2o_req_t *req);

/* How many bytes of a body it has received and not yet handed on. */
void connection_set_reading(struct connection *connection, size_t bytes);

/* A request has arrived whole; it is disposed of. */
void connection_begin_exchange(struct connection *connection, struct exchange *exchange);
void connection_end_exchange(struct connection *connection);

/* Shuts the socket down, as shutdown(2) says `how`, and leaves it to h2o to notice. */
void connection_cut(struct connection *connection, int how);

/* The memory that bodies take, of all loops; in any thread. */
size_t connection_body_bytes(struct http_server *server);

/* So that an answer that breaks off ends by a reset, which nobody takes for its end. */
void connection_reset_at_close(const struct connection *connection);

/* Of a stopping loop: ends connections on which nothing is under way. */
void connection_close_idle(struct http_loop *loop);

/* Ends all of them, whatever is under way. */
void connection_cut_all(struct http_loop *loop);

/* sweep.c */

/* Some times a second: cuts who is too slow or takes too much, notices who has left. */
void sweep_if_due(struct http_loop *loop);

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

/* A piece of a streamed answer has been sent, or is to be asked for again: on to the next. */
void exchange_stream_on(struct exchange *exchange);

/* h2o's receiver of finished jobs. */
void exchange_on_finished(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages);

/* dump.c */

/* h2o's receiver of the order to log what is under way. */
void dump_on_order(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages);

/* head.c */

/*
 * Whether a request's head is framed as RFC 9112 asks, where h2o is more lenient: no bare LF, no
 * folded lines, a method and a target that are ones, one Host (none needed in HTTP/1.0), at most
 * one Content-Length or Transfer-Encoding and never both, no space before a colon. What two
 * programs read differently is smuggled between them. `input` begins with the head and may go on
 * beyond it.
 */
MUST_USE bool head_is_strict(struct str input, bool is_http_1_0);

/* Whether the head ends within so many bytes, and has no more headers than that. */
MUST_USE bool head_is_within(struct str input, size_t max_bytes, size_t max_headers);

/* request.c */

/* Copies the request into the job's arena. */
void request_read(h2o_req_t *req, struct job *job);

/* answer.c */

/* Sends the job's reply; its bytes stay in the job until the request is disposed. */
void answer_send(struct exchange *exchange);

/* Sends a further piece of a streamed answer; the exchange may be gone when it returns. */
void answer_send_piece(struct exchange *exchange);

/* Logs a streamed answer when it has ended, one way or the other. */
void answer_log_streamed(const struct exchange *exchange);

/* Logs what became of a job whose client left before its answer. */
void answer_log_abandoned(const struct exchange *exchange);

/* h2o's logger, for what h2o answers without asking us (a body too large, a broken chunk). */
void answer_on_refused_by_h2o(h2o_logger_t *logger, h2o_req_t *req);

#endif
