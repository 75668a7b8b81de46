/*
 * auth: registration, login, and who one is.
 *
 * Each handler is a stage; the rows of routes.c say in which pool it runs and what comes after it.
 */
#ifndef AIZY_SERVER_API_AUTH_AUTH_H
#define AIZY_SERVER_API_AUTH_AUTH_H

#include "server/api/job.h"
#include "server/api/schema.h"

struct register_body {
    struct str email, password, name;
};

struct login_body {
    struct str email, password;
};

/* What a login of any kind answers. */
struct session_reply {
    struct user user;
    struct str access_token, refresh_token, token_type;
    int64_t expires_in;
};

extern const struct schema register_body_schema;
extern const struct schema login_body_schema;
extern const struct schema user_schema;
extern const struct schema session_schema;

/* hash, then mysql */
struct fault register_hash(struct job *job);
struct fault register_store(struct job *job);

/* mysql, then hash, then mysql: the same for an address that has no account */
struct fault login_find(struct job *job);
struct fault login_verify(struct job *job);
struct fault login_begin(struct job *job);

/* The guard has read all that it answers. */
struct fault me_show(struct job *job);

#endif
