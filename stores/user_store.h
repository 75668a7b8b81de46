/*
 * user_store: the people, in MySQL.
 *
 * Whatever is read lives in the arena that is passed. Addresses are normalised by the caller
 * (server/api/auth/address.h) and compared byte by byte. Every change of a person bumps
 * its version and writes an outbox row and an audit row in the same transaction.
 */
#ifndef AIZY_STORES_USER_STORE_H
#define AIZY_STORES_USER_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"

struct mysql_store;
struct session_start;

struct user {
    int64_t id;
    struct str email;       /* contact data; absent when there is none */
    struct str login_email; /* unique; absent until registration sets it */
    struct str mobile;      /* E.164 digits; absent */
    struct str name;        /* absent */
    struct str avatar_url;  /* absent */
    struct str role;
    struct str_list permissions;
    bool is_active;
    bool email_verified;
    bool mobile_verified;
    bool profile_complete;
    int64_t last_login_ms; /* INT64_ABSENT: never */
    int64_t created_at_ms;
    int64_t updated_at_ms;
};

/* Who causes a change, for the audit trail. */
struct actor {
    int64_t user_id;       /* 0: nobody is logged in, or the command line */
    struct str address;    /* of the client; absent on the command line */
    struct str user_agent; /* at most 255 bytes; absent */
    struct str request_id; /* absent on the command line */
};

struct user_registration {
    struct str login_email;   /* absent: cannot log in by e-mail */
    struct str email;         /* contact; absent */
    struct str mobile;        /* absent */
    struct str name;          /* absent */
    struct str password_hash; /* PHC text; absent: no password */
    const char *role;         /* the name of a role that exists */
};

/*
 * Makes a user and, when `session` is not NULL, its first session (see session_store.h), all in one
 * transaction. FAULT_EMAIL_TAKEN when the login e-mail has an account; FAULT_CONFLICT when the
 * mobile has.
 */
MUST_USE struct fault user_store_register(struct mysql_store *store, struct arena *arena,
                                          const struct user_registration *registration,
                                          const struct session_start *session,
                                          const struct actor *actor, struct user *user,
                                          int64_t *session_id);

/* What a login needs. FAULT_NOT_FOUND when no user has this login e-mail. */
struct user_credentials {
    int64_t user_id;
    struct str password_hash; /* absent: the user has no password */
    bool is_active;
};

MUST_USE struct fault user_store_find_credentials(struct mysql_store *store, struct arena *arena,
                                                  struct str login_email,
                                                  struct user_credentials *credentials);

/* FAULT_NOT_FOUND. */
MUST_USE struct fault user_store_find(struct mysql_store *store, struct arena *arena,
                                      int64_t user_id, struct user *user);

/* Sets the password and ends every session of the user. FAULT_NOT_FOUND. */
MUST_USE struct fault user_store_set_password(struct mysql_store *store, struct arena *arena,
                                              int64_t user_id, struct str password_hash,
                                              const struct actor *actor);

/* Gives the user a role that exists. FAULT_NOT_FOUND when the user or the role is not there. */
MUST_USE struct fault user_store_set_role(struct mysql_store *store, struct arena *arena,
                                          int64_t user_id, const char *role,
                                          const struct actor *actor);

/* The first active user with the role, by id: names the administrator. FAULT_NOT_FOUND. */
MUST_USE struct fault user_store_find_by_role(struct mysql_store *store, struct arena *arena,
                                              const char *role, struct user *user);

MUST_USE struct fault user_store_count(struct mysql_store *store, int64_t *count);

#endif
