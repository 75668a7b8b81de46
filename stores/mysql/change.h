/*
 * change: what is written beside every change of a person, in the same transaction.
 *
 * The outbox row carries the person as they are after the change, under the version that the change
 * has given them; never a password, its hash or a token.
 */
#ifndef AIZY_STORES_MYSQL_CHANGE_H
#define AIZY_STORES_MYSQL_CHANGE_H

#include "stores/mysql/connection.h"
#include "stores/session_store.h"

struct mysql_change {
    const char *kind; /* "user.registered": of the outbox row and of the audit row */
    int64_t user_id;
    const struct session_start *session; /* the login it came with; NULL: none */
    int64_t session_id;
    const struct actor *actor;
};

/* Reads the person, writes both rows. The version has been raised before. */
MUST_USE struct fault mysql_change_note(struct mysql_store *store, struct arena *arena,
                                        const struct mysql_change *change, struct user *user);

/* The audit row alone. `detail` is JSON, or absent; user_id 0 is nobody. */
MUST_USE struct fault mysql_audit_note(struct mysql_store *store, struct arena *arena,
                                       const char *kind, int64_t user_id, const struct actor *actor,
                                       struct str detail);

/* The row of a new session of the user, who has been found active in this transaction. */
MUST_USE struct fault mysql_session_insert(struct mysql_store *store, struct arena *arena,
                                           int64_t user_id, const struct session_start *session,
                                           const struct actor *actor, int64_t *session_id);

#endif
