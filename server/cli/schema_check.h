/*
 * schema_check: whether a store's schema is the one this program was written for.
 */
#ifndef AIZY_SERVER_CLI_SCHEMA_CHECK_H
#define AIZY_SERVER_CLI_SCHEMA_CHECK_H

#include "stores/migration.h"

/*
 * Absent when it is; else a sentence that says how it differs and how to mend it, in the arena.
 * `store_name` is for people: "MySQL".
 */
struct str schema_check_sentence(struct arena *arena, const char *store_name,
                                 const struct migration_status_list *list);

#endif
