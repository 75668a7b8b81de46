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

#endif
