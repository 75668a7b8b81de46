/*
 * session_reply: the two halves of every login: the refresh token before the session is stored, the
 * access token and the answer after.
 */
#ifndef AIZY_SERVER_API_AUTH_SESSION_REPLY_H
#define AIZY_SERVER_API_AUTH_SESSION_REPLY_H

#include "server/api/auth/auth.h"
#include "stores/session_store.h"

/* Makes the refresh token, and what the store is to keep of it. */
MUST_USE struct fault session_reply_prepare(struct job *job, enum session_method method,
                                            struct session_reply *reply,
                                            struct session_start *start);

/* Signs the access token for reply->user and answers. */
MUST_USE struct fault session_reply_send(struct job *job, struct session_reply *reply,
                                         int64_t session_id);

#endif
