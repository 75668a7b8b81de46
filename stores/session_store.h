/*
 * session_store: sessions, in MySQL.
 *
 * A session begins with a login and is named by the access tokens of its user until it expires, is
 * ended, or its user is gone or no longer active. Its refresh token is stored as SHA-256 only.
 */
#ifndef AIZY_STORES_SESSION_STORE_H
#define AIZY_STORES_SESSION_STORE_H

#include "stores/user_store.h"

#define SESSION_DIGEST_BYTES 32

/* How a person proved who they are; the text in the audit trail and the outbox. */
enum session_method { SESSION_BY_PASSWORD, SESSION_BY_REGISTRATION };

struct session_start {
    enum session_method method;
    unsigned char refresh_digest[SESSION_DIGEST_BYTES];
    int64_t lifetime_ms;
};

/*
 * Begins a session of an active user: the session, users.last_login, the audit row and the outbox
 * row in one transaction. FAULT_ACCOUNT_INACTIVE when the user was deactivated or is gone; then
 * nothing is written but the audit row of the refusal.
 */
MUST_USE struct fault session_store_begin(struct mysql_store *store, struct arena *arena,
                                          int64_t user_id, const struct session_start *session,
                                          const struct actor *actor, struct user *user,
                                          int64_t *session_id);

/*
 * The user of a live session, by one joined SELECT: the guard's only question, asked for every
 * request and never cached, so that a logout, a deactivation, a change of role, and an edit by hand
 * in SQL act at once. FAULT_UNAUTHENTICATED when the session is not that user's, has ended or
 * expired; FAULT_ACCOUNT_INACTIVE when the user is not active.
 */
MUST_USE struct fault session_store_find_caller(struct mysql_store *store, struct arena *arena,
                                                int64_t session_id, int64_t user_id,
                                                struct user *user);

#define SESSION_CALLERS_MAX 8

/* One such question among several, and what came of it: `user` is there when there is no fault. */
struct session_caller {
    int64_t session_id;
    int64_t user_id;
    struct arena *arena; /* where what `user` points to will be; no two callers' */
    struct user user;
    struct fault fault;
};

/*
 * The same for up to SESSION_CALLERS_MAX callers by one SELECT, begun after each of them was there,
 * so that each gets what it would have got alone. A store that fails fails all of them.
 */
void session_store_find_callers(struct mysql_store *store, struct session_caller *callers,
                                size_t count);

/* The audit row of a refused login; user_id 0 when the address has no account. Never the address.
 */
MUST_USE struct fault session_store_note_refusal(struct mysql_store *store, struct arena *arena,
                                                 int64_t user_id, const char *reason,
                                                 const struct actor *actor);

#endif
