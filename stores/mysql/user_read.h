/*
 * user_read: rows of users joined with roles, as `struct user`.
 */
#ifndef AIZY_STORES_MYSQL_USER_READ_H
#define AIZY_STORES_MYSQL_USER_READ_H

#include "stores/mysql/statement.h"
#include "stores/user_store.h"

/*
 * Runs a statement whose columns are USER_COLUMNS. `version` may be NULL. FAULT_NOT_FOUND;
 * FAULT_INTERNAL when somebody has put something else than an array of strings into
 * roles.permissions: nobody gets permissions by a mistake.
 */
MUST_USE struct fault mysql_user_read(struct mysql_store *store, struct arena *arena,
                                      enum mysql_statement statement,
                                      const struct mysql_parameter *parameters,
                                      size_t parameter_count, struct user *user, int64_t *version);

/* As it came: the user's permissions are not read yet. */
struct mysql_user_row {
    struct user user;
    struct str permissions; /* JSON */
    int64_t version;
    int64_t session_id;
};

/* All rows of a statement whose columns are USER_COLUMNS and a session; FAULT_INTERNAL when there
 * are more than `max`. */
MUST_USE struct fault mysql_user_read_all(struct mysql_store *store, struct arena *arena,
                                          enum mysql_statement statement,
                                          const struct mysql_parameter *parameters,
                                          size_t parameter_count, size_t max,
                                          struct mysql_user_row **rows, size_t *count);

/* The user of a row, whole, in another arena. FAULT_INTERNAL as above. */
MUST_USE struct fault mysql_user_copy(const struct mysql_user_row *row, struct arena *arena,
                                      struct user *user);

#endif
