#include "server/api/auth/address.h"
#include "server/api/auth/auth.h"
#include "server/api/auth/session_reply.h"
#include "server/security/password.h"
#include "stores/user_store.h"

#define ROLE_OF_NEW_USERS "customer"

struct registering {
    struct str password_hash;
};

struct fault register_hash(struct job *job) {
    const struct register_body *body = job->body;
    struct registering *state = ARENA_NEW(&job->arena, struct registering);
    job->state = state;

    if (body->password.size > PASSWORD_MAX_BYTES) {
        violations_add(&job->violations, STR("password"), "must have at most %d bytes",
                       PASSWORD_MAX_BYTES);
        return fault_of(FAULT_INVALID);
    }
    return password_hash(&job->arena, body->password, &state->password_hash);
}

struct fault register_store(struct job *job) {
    const struct register_body *body = job->body;
    const struct registering *state = job->state;
    struct str email = address_normalise_email(body->email, &job->arena);
    const struct user_registration registration = {.login_email = email,
                                                   .email = email,
                                                   .name = body->name,
                                                   .password_hash = state->password_hash,
                                                   .role = ROLE_OF_NEW_USERS};
    const struct actor actor = job_actor(job);
    struct session_start start;
    struct session_reply reply = {0};
    int64_t session_id = 0;

    TRY(session_reply_prepare(job, SESSION_BY_REGISTRATION, &reply, &start));
    TRY(user_store_register(job->mysql, &job->arena, &registration, &start, &actor, &reply.user,
                            &session_id));
    return session_reply_send(job, &reply, session_id);
}
