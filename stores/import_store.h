/*
 * import_store: how far imports are, in MongoDB, for whoever asks while they run or afterwards.
 *
 * A record is a courtesy: nothing depends on it, and it is gone IMPORT_LIFETIME_MS after it was
 * written last. One whose updated_at does not move belongs to a process that has ended.
 */
#ifndef AIZY_STORES_IMPORT_STORE_H
#define AIZY_STORES_IMPORT_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"

struct mongo_store;

#define IMPORT_ID_MAX_BYTES 64
#define IMPORT_LIFETIME_MS (24LL * 60 * 60 * 1000)

enum import_state { IMPORT_RUNNING, IMPORT_DONE, IMPORT_FAILED };

/* "running", "done", "failed", NULL: by enum import_state. */
extern const char *const import_state_names[];

struct import_record {
    struct str id; /* the request's */
    int64_t user_id;
    enum import_state state;
    bool dry_run;
    int64_t bytes; /* of the file, read so far */
    int64_t bytes_total;
    int64_t rows;
    int64_t created, updated, unchanged, rejected; /* products */
    int64_t errors;
    int64_t started_at_ms, updated_at_ms;
};

/* Writes it, in the place of one with the same id; updated_at is now. */
MUST_USE struct fault import_store_put(struct mongo_store *store, struct import_record *record);

/* FAULT_NOT_FOUND. */
MUST_USE struct fault import_store_find(struct mongo_store *store, struct arena *arena,
                                        struct str id, struct import_record *record);

#endif
