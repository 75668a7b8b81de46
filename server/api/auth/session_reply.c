#include "server/api/auth/session_reply.h"

#include "base/clock.h"
#include "server/api/reply.h"

struct fault session_reply_prepare(struct job *job, enum session_method method,
                                   struct session_reply *reply, struct session_start *start) {
    struct refresh_digest digest;
    TRY(token_make_refresh(&job->arena, &reply->refresh_token, &digest));

    *start = (struct session_start){.method = method, .lifetime_ms = TOKEN_REFRESH_LIFETIME_MS};
    _Static_assert(sizeof(start->refresh_digest) == sizeof(digest.bytes), "one digest");
    memcpy(start->refresh_digest, digest.bytes, sizeof(digest.bytes));
    return fault_none();
}

struct fault session_reply_send(struct job *job, struct session_reply *reply, int64_t session_id) {
    TRY(token_sign_access(&job->app->token_keys, &job->arena, reply->user.id, session_id,
                          clock_now_ms(), &reply->access_token));
    reply->token_type = STR("Bearer");
    reply->expires_in = TOKEN_ACCESS_LIFETIME_MS / 1000;
    return reply_object(job, reply);
}
