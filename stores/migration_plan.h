/*
 * migration_plan: what both stores' migrations have in common, for the implementations of
 * migration.h.
 *
 * A store reads what it remembers into records, compares them with the files of the binary here,
 * and runs what is left itself. The lease's times and its heartbeat are in migration_lease.h.
 */
#ifndef AIZY_STORES_MIGRATION_PLAN_H
#define AIZY_STORES_MIGRATION_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "stores/migration.h"

/* More than this and a store answers FAULT_INTERNAL rather than read without bound. */
#define MIGRATION_RECORDS_MAX 10000

/* What a store remembers of one migration. */
struct migration_record {
    struct str name;
    struct str checksum;
    bool is_applied;       /* false: begun, and never noted as finished */
    int64_t applied_at_ms; /* or INT64_ABSENT */
};

/* The file's name without its ending; borrows the file. */
struct str migration_name(const struct migration_file *file);

/*
 * One row per file in the order of their numbers, row i for files[i]; then the records that no file
 * has. Applied with other bytes is MIGRATION_CHANGED; begun with other bytes is only
 * MIGRATION_BEGUN, because mending a migration that failed is how one gets out of it. Borrows names
 * of the records.
 */
void migration_plan_compare(struct arena *arena, const struct migration_file *files,
                            size_t file_count, const struct migration_record *records,
                            size_t record_count, struct migration_status_list *list);

/* FAULT_CONFLICT when a row is changed or unknown; each is logged with the store's name. */
MUST_USE struct fault migration_plan_check(const struct migration_status_list *list,
                                           const char *store_name);

/* Whether a row is still to be run. */
bool migration_plan_is_due(const struct migration_status *status);

#endif
