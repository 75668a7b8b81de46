/*
 * idempotency_store: what is asked for several times under one key is done once.
 *
 * A record of the key, of what was asked and of what was answered is written in the transaction of
 * the effect, so that both are there or neither is, whenever anything breaks. What fails leaves no
 * record: the same key may then try again. After FAULT_OUTCOME_UNKNOWN asking again finds out.
 *
 * The records are kept where the effect is. This is the interface of MongoDB's; a store that gets
 * effects of its own implements the same over a table in its own transaction.
 */
#ifndef AIZY_STORES_IDEMPOTENCY_STORE_H
#define AIZY_STORES_IDEMPOTENCY_STORE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"

struct mongo_store;

#define IDEMPOTENCY_DIGEST_BYTES 32
#define IDEMPOTENCY_LIFETIME_MS (24LL * 60 * 60 * 1000)
/* More than the largest product's JSON with every character escaped; a document may have 16 MiB. */
#define IDEMPOTENCY_ANSWER_MAX_BYTES (2UL * 1024 * 1024)

struct idempotency_key {
    unsigned char digest[IDEMPOTENCY_DIGEST_BYTES];      /* of the key and whatever scopes it */
    unsigned char fingerprint[IDEMPOTENCY_DIGEST_BYTES]; /* of what is asked under it */
};

struct idempotency_answer {
    int64_t status;
    struct str etag;     /* absent: none */
    struct str location; /* absent: none */
    struct str body;     /* UTF-8 */
};

/*
 * Does what was asked, through the store, and fills in a zeroed *answer, borrowed until the effect
 * runs again or idempotency_store_run returns. Every transaction of the store that it calls for is
 * part of one, which may be repeated: then the effect runs again and must start afresh.
 */
typedef struct fault idempotency_effect(void *context, struct idempotency_answer *answer);

/*
 * Runs the effect unless it was run before: then *is_replay, and *answer is the first one's, in the
 * arena. Never waits for another that is under way with the same key: FAULT_IN_PROGRESS.
 * FAULT_IDEMPOTENCY_KEY_REUSED when something else was asked under this key.
 * FAULT_ANSWER_TOO_LARGE, with nothing done, beyond IDEMPOTENCY_ANSWER_MAX_BYTES. Else the faults
 * of the effect and of a transaction.
 */
MUST_USE struct fault idempotency_store_run(struct mongo_store *store, struct arena *arena,
                                            const struct idempotency_key *key,
                                            idempotency_effect *effect, void *context,
                                            struct idempotency_answer *answer, bool *is_replay);

#endif
