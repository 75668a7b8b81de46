/*
 * reply: how a stage answers.
 *
 * The last stage of a route calls one of these and returns what it returns. The frame adds what
 * every answer carries (reply_finish): the request id, security headers, CORS, Cache-Control, and
 * turns a fault into the error body.
 */
#ifndef AIZY_SERVER_API_REPLY_H
#define AIZY_SERVER_API_REPLY_H

#include "server/api/job.h"
#include "server/api/schema.h"

/* The route's status and the object by its reply schema (its managing one when that was asked). */
MUST_USE struct fault reply_object(struct job *job, const void *object);

/* A list. `next_cursor` absent: null; `total` INT64_ABSENT: left out; see API.md's Conventions. */
struct reply_page {
    const struct any_list *items;
    struct str next_cursor;
    int64_t total;
    bool total_is_exact;
    const void *members; /* by the route's list_members, whose members join these; NULL: none */
};
MUST_USE struct fault reply_list(struct job *job, const struct reply_page *page);

/* The route's status without a body. */
MUST_USE struct fault reply_empty(struct job *job);

/*
 * Of a row that `moves`: 301 to `path`, where the resource is by now (RFC 9110, 15.4.2), with the
 * query that came. The path is percent-encoded already.
 */
MUST_USE struct fault reply_moved(struct job *job, struct str path);

/* A body that is ready; borrows `body`, which lives as long as the process or the job. */
MUST_USE struct fault reply_json(struct job *job, struct str body);

/* For a REPLY_TEXT row: what `write` appends is the body. */
MUST_USE struct fault reply_text(struct job *job, struct str content_type,
                                 void (*write)(struct buf *text));

/*
 * An answer from the cache, in the form that the client prefers, with its ETag or as 304; takes
 * over the reference to the entry, and the place of whatever was begun.
 */
void reply_ready(struct job *job, const struct cache_entry *entry);

/* Another status than the route's, such as 503 of /readyz. */
void reply_status(struct job *job, int status);

/* `value` lives in the arena or is static and has neither CR nor LF (CHECKed). */
void reply_header(struct job *job, const char *name, struct str value);

/* For the frame: forgets whatever was begun. */
void reply_restart(struct job *job);

/* For the frame: replaces whatever was begun by the answer of a fault. */
void reply_fault(struct job *job, enum fault_name fault);

/* For the frame, last: the headers of every answer. */
void reply_finish(struct job *job);

#endif
