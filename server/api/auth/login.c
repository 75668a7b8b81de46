#include "server/api/auth/address.h"
#include "server/api/auth/auth.h"
#include "server/api/auth/session_reply.h"
#include "server/api/reply.h"
#include "server/security/password.h"

struct logging_in {
    struct user_credentials credentials; /* user_id 0: the address has no account */
    bool password_matches;
};

struct fault login_find(struct job *job) {
    const struct login_body *body = job->body;
    struct logging_in *state = ARENA_NEW(&job->arena, struct logging_in);
    job->state = state;

    struct str email = address_normalise_email(body->email, &job->arena);
    struct fault fault =
        user_store_find_credentials(job->mysql, &job->arena, email, &state->credentials);
    if (fault_is(fault, FAULT_NOT_FOUND)) {
        state->credentials = (struct user_credentials){0};
        return fault_none();
    }
    return fault;
}

/* An absent hash costs as much as a wrong password, so that time tells nobody who has an account.
 */
struct fault login_verify(struct job *job) {
    const struct login_body *body = job->body;
    struct logging_in *state = job->state;
    return password_verify(body->password, state->credentials.password_hash,
                           &state->password_matches);
}

struct fault login_begin(struct job *job) {
    const struct logging_in *state = job->state;
    const struct actor actor = job_actor(job);
    int64_t user_id = state->credentials.user_id;
    struct session_start start;
    struct session_reply reply = {0};
    int64_t session_id = 0;

    if (!state->password_matches) {
        TRY(session_store_note_refusal(job->mysql, &job->arena, user_id, "bad_credentials",
                                       &actor));
        return fault_of(FAULT_BAD_CREDENTIALS);
    }
    TRY(session_reply_prepare(job, SESSION_BY_PASSWORD, &reply, &start));
    TRY(session_store_begin(job->mysql, &job->arena, user_id, &start, &actor, &reply.user,
                            &session_id));
    return session_reply_send(job, &reply, session_id);
}

struct fault me_show(struct job *job) {
    return reply_object(job, &job->caller);
}
