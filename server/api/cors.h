/*
 * cors: which pages of other origins may call (the Fetch standard's CORS protocol).
 *
 * Origins are compared exactly with CORS_ORIGINS; nothing is reflected that is not on the list, and
 * credentials never go with "*". Every answer varies by Origin, so that no cache mixes them up.
 */
#ifndef AIZY_SERVER_API_CORS_H
#define AIZY_SERVER_API_CORS_H

#include "server/api/job.h"

/* Answers an OPTIONS request for a path that exists: 204 with what is allowed. */
void cors_answer_options(struct job *job, unsigned allowed_methods);

/* Adds the headers of every answer. */
void cors_finish(struct job *job);

#endif
