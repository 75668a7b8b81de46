/*
 * migration: how both stores come from any earlier schema to this program's.
 *
 * The files of migrations/mysql/ (NNNN_verb_noun.sql, one DDL statement each) and migrations/mongo/
 * (NNNN_verb_noun.json, {"commands": [database commands in order]}) are part of the binary. A store
 * remembers which of them it has seen, each with the SHA-256 of its bytes. Applying them:
 *
 *  - one process at a time, under a lease: a committed row with its holder and an expiry, renewed
 * by a heartbeat, taken over once it has expired. A second process waits for the first.
 *  - in order of their numbers. One that was applied and has since been edited, or is missing from
 *    the binary, stops everything, and so does a store that is newer than the program.
 *  - DDL commits by itself, so a migration is noted as begun before and as applied after it runs.
 * One found begun runs again; a statement that finds its work already done (the object exists, or
 *    is gone) counts as applied.
 */
#ifndef AIZY_STORES_MIGRATION_H
#define AIZY_STORES_MIGRATION_H

#include "base/arena.h"
#include "base/fault.h"

struct mysql_store;
struct mongo_store;

/* A file as embedded by the build. */
struct migration_file {
    const char *file_name;
    const unsigned char *content;
    size_t size;
};

extern const struct migration_file migrations_mysql[];
extern const size_t migrations_mysql_count;
extern const struct migration_file migrations_mongo[];
extern const size_t migrations_mongo_count;

enum migration_state {
    MIGRATION_PENDING,
    MIGRATION_APPLIED,
    MIGRATION_BEGUN,   /* a process ended in the middle of it */
    MIGRATION_CHANGED, /* applied with other bytes than the binary has */
    MIGRATION_UNKNOWN, /* applied by a newer program: the binary does not have it */
};

struct migration_status {
    struct str name; /* the file's name without its ending */
    enum migration_state state;
    int64_t applied_at_ms; /* or INT64_ABSENT */
};

struct migration_status_list {
    struct migration_status *items;
    size_t count;
};

/* "pending", "applied", ... */
const char *migration_state_name(enum migration_state state);

/* Every row is applied, and nothing else is there: what `aizy serve` requires. */
MUST_USE bool migration_is_current(const struct migration_status_list *list);

/* Lower-case hexadecimal SHA-256 of a file's bytes, and its NUL. */
#define MIGRATION_CHECKSUM_SIZE 65
void migration_checksum(const struct migration_file *file,
                        char text[static MIGRATION_CHECKSUM_SIZE]);

/* Told after each one that was applied. May be NULL. */
typedef void migration_progress(void *context, struct str name);

/* Per store: what has been applied (an empty database has everything pending). */
MUST_USE struct fault mysql_migration_status(struct mysql_store *store, struct arena *arena,
                                             struct migration_status_list *list);
MUST_USE struct fault mongo_migration_status(struct mongo_store *store, struct arena *arena,
                                             struct migration_status_list *list);

/*
 * Applies what is pending. FAULT_CONFLICT when one was changed or is unknown (the log says which);
 * FAULT_BUSY when another process has held the lease for longer than `wait_ms`, or a table was in
 * use for too long; FAULT_INTERNAL when a statement was refused (the log has the server's words).
 */
MUST_USE struct fault mysql_migration_up(struct mysql_store *store, struct arena *arena,
                                         int64_t wait_ms, migration_progress *progress,
                                         void *context);
MUST_USE struct fault mongo_migration_up(struct mongo_store *store, struct arena *arena,
                                         int64_t wait_ms, migration_progress *progress,
                                         void *context);

/* Drops everything in the database. Whoever calls it has made sure that this is wanted. */
MUST_USE struct fault mysql_migration_reset(struct mysql_store *store, struct arena *arena);
MUST_USE struct fault mongo_migration_reset(struct mongo_store *store, struct arena *arena);

#endif
