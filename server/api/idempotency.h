/*
 * idempotency: the header Idempotency-Key, for every route whose row says is_idempotent.
 *
 * A key is one to 255 visible ASCII characters, belongs to the caller (a guest's is his cart) and
 * the route, and lives for IDEMPOTENCY_LIFETIME_MS. With it the frame runs the last stage, from its
 * first store call to the rendered answer, inside the transaction that also writes the key's record
 * (stores/idempotency_store.h). The same request again (path, query and body, byte for byte) gets
 * the first answer again: status, ETag, Location and the bytes of the body, with
 * Idempotency-Replayed: true; another request under the key 409 idempotency_key_reused; while the
 * first is being carried out 409 in_progress, at once. Only successes are kept.
 *
 * The stage itself does not know. It must have its effects in its store alone, and may be run
 * several times for one request; the reply, and the violations, start afresh each time.
 */
#ifndef AIZY_SERVER_API_IDEMPOTENCY_H
#define AIZY_SERVER_API_IDEMPOTENCY_H

#include "server/api/job.h"

#define IDEMPOTENCY_KEY_MAX_BYTES 255

/* FAULT_INVALID with a violation for a key of another form. Any thread. */
MUST_USE struct fault idempotency_check(struct job *job);

/* The same for a guest whom no cart's token tells from others: whose would the key be? */
MUST_USE struct fault idempotency_check_guest(struct job *job);

/* Whether the job's next stage is the last of an idempotent route, and a key was sent. */
bool idempotency_applies(const struct job *job);

/* In the place of that stage's own function: runs it, or gives the first answer again. */
MUST_USE struct fault idempotency_run_stage(struct job *job);

#endif
