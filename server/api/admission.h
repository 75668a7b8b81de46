/*
 * admission: what the frame checks of a request before a handler sees it.
 */
#ifndef AIZY_SERVER_API_ADMISSION_H
#define AIZY_SERVER_API_ADMISSION_H

#include "server/api/job.h"

/* The client's X-Request-Id when it is 1 to 64 of [A-Za-z0-9._-], else a new one. */
void admission_give_request_id(struct job *job);

/*
 * On the loop, for a job whose route is known: headers, sizes and types, the query, the token.
 * Needs no store and never waits. 400, 401, 406, 413, 415.
 */
MUST_USE struct fault admission_check(struct job *job);

/* In a worker, because a body may be large: job->body by the route's schema, or job->files. 400,
 * 413. */
MUST_USE struct fault admission_decode_body(struct job *job);

#endif
