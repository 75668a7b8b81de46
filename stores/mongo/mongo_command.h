/*
 * mongo_command: the commonest commands, of one statement each, through mongo_connection.
 *
 * All of them join the transaction under way, as mongo_connection.h says of calls. `name` is for
 * the log, as in mongo_connection.h; filters, updates and documents are borrowed and were built by
 * typed append.
 */
#ifndef AIZY_STORES_MONGO_MONGO_COMMAND_H
#define AIZY_STORES_MONGO_MONGO_COMMAND_H

#include "stores/mongo/mongo_connection.h"

MUST_USE struct fault mongo_command_insert(struct mongo_store *store, const char *name,
                                           const char *collection, const bson_t *document);

enum mongo_update_kind {
    MONGO_UPDATE_ONE,  /* operators, or a whole document that replaces; the first that is found */
    MONGO_UPDATE_MANY, /* operators, on all */
    MONGO_UPDATE_BY_PIPELINE, /* `update` is {"0": stage, ...}, on all */
    MONGO_UPSERT_ONE,         /* as UPDATE_ONE, and made where there is none */
};

/* *matched: how many the filter found, changed or not, or were made; NULL: nobody asks. */
MUST_USE struct fault mongo_command_update(struct mongo_store *store, const char *name,
                                           const char *collection, const bson_t *filter,
                                           const bson_t *update, enum mongo_update_kind kind,
                                           int64_t *matched);

/* Takes a value out of the array `member` of every document that has it there. */
MUST_USE struct fault mongo_command_pull(struct mongo_store *store, const char *name,
                                         const char *collection, const char *member,
                                         struct str value);

/* Removes the first that is found. *removed: 1 or 0; NULL: nobody asks. */
MUST_USE struct fault mongo_command_remove(struct mongo_store *store, const char *name,
                                           const char *collection, const bson_t *filter,
                                           int64_t *removed);

/* An aggregation, because transactions refuse the command `count`. */
MUST_USE struct fault mongo_command_count(struct mongo_store *store, const char *name,
                                          const char *collection, const bson_t *filter,
                                          int64_t *count);

/*
 * Outside of transactions. Where there are more than `max`, *count is that and *is_exact false:
 * nobody reads all of a large collection to say so.
 */
MUST_USE struct fault mongo_command_count_up_to(struct mongo_store *store, const char *name,
                                                const char *collection, const bson_t *filter,
                                                int64_t max, int64_t *count, bool *is_exact);

#endif
