/*
 * answer_cache: public answers from memory, on the loop thread, without a hop to a worker.
 *
 * A row of the table that is_cached is answered from the cache (base/cache.h) while its entry is
 * fresh: the bytes of the body as they were rendered, the ETag, and 304 where the client has them.
 * The key is the row, the decoded path value and the decoded query, so that one question has one
 * key however it was written. A row that drops takes out what it changed, after its stage has run
 * and before it answers, also when the stage failed: a lost commit may have been carried out.
 */
#ifndef AIZY_SERVER_API_ANSWER_CACHE_H
#define AIZY_SERVER_API_ANSWER_CACHE_H

#include "server/api/job.h"

/*
 * On the loop, for an admitted job. True when the reply is complete. Otherwise the job goes on, and
 * what it answers is kept by answer_cache_fill.
 */
MUST_USE bool answer_cache_answer(struct job *job);

/* For the frame, with a complete reply, in any thread. */
void answer_cache_fill(struct job *job);

/*
 * For a stage of a row with DROPS_NOTED, before it returns: it has changed, or may have changed,
 * what the public sees of this product.
 */
void answer_cache_note(struct job *job, struct str product_id);

/*
 * For the frame, after a stage with its outcome. A stage of DROPS_NOTED whose outcome is unknown
 * may have changed any product.
 */
void answer_cache_drop(struct job *job, struct fault outcome);

#endif
