/*
 * server: HTTP/1.1 on h2o's event loops. The only module that knows h2o.
 *
 * One loop thread per core, each with its own listening sockets (SO_REUSEPORT) and h2o context. A
 * request that has arrived whole becomes a job (server/api/job.h); the loop never waits for it. The
 * finished job comes back through the loop's message queue and its bytes are sent from where they
 * are.
 *
 * HTTP/2 is off: the h2o that Debian ships has known rapid-reset weaknesses.
 */
#ifndef AIZY_SERVER_HTTP_SERVER_H
#define AIZY_SERVER_HTTP_SERVER_H

#include "base/fault.h"
#include "server/api/app.h"

struct http_server;

struct http_server_sockets {
    bool takes_over;
    size_t passed; /* see server/http/activation.h */
};

/*
 * Binds what HOST and PORT, or LISTEN, name and starts the loop threads. Borrows `app`, whose pools
 * are open. FAULT_INVALID when an address cannot be bound or the certificate cannot be used (the
 * log says why). An address that another server listens on is refused, unless this one
 * `takes_over`: then both get connections until the other is closed, which loses none.
 *
 * Sockets that were `passed` are served instead, in the order of the addresses, whose protocols
 * they speak; there must be as many.
 */
MUST_USE struct fault http_server_open(struct app *app, const struct http_server_sockets *sockets,
                                       struct http_server **server);

/*
 * Has each loop log its jobs under way ("dump.job": request id, route, pool, stage, ages; at most
 * 1,000 in all) and how many there are ("dump.loop"). Does not wait for it. Not beside
 * http_server_close.
 */
void http_server_dump(struct http_server *server);

#define HTTP_SERVER_URL_SIZE 320

/* The addresses that are listened on, as URLs, from 0 on; false beyond the last. */
MUST_USE bool http_server_url(const struct http_server *server, size_t index,
                              char url[static HTTP_SERVER_URL_SIZE]);

/* Reads certificate and key anew for the connections to come; any thread may ask. */
void http_server_reload(struct http_server *server);

/*
 * Graceful end: hands the addresses over to whoever has taken over, closes idle connections, lets
 * what is under way finish for at most `timeout_ms`, ends the loop threads and frees the server.
 * Clients that neither finish their request nor read their answer are cut a little before that.
 * Returns false when a job was still under way; then the process should exit without freeing
 * anything that a job could touch. Call it once; the pools are closed afterwards.
 */
MUST_USE bool http_server_close(struct http_server *server, int64_t timeout_ms);

#endif
