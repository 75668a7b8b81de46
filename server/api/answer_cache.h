/*
 * answer_cache: public answers from memory, on the loop thread, without a hop to a worker.
 *
 * A row of the table that is_cached is answered from the cache (base/cache.h) while its entry is
 * fresh: the bytes of the body as they were rendered, the ETag, and 304 where the client has them.
 * The key is the row, the decoded path value and the decoded query, so that one question has one
 * key however it was written. A row that drops takes out what it changed, after its stage has run
 * and before it answers, also when the stage failed: a lost commit may have been carried out.
 *
 * Content coding. A worker that fills also compresses, once, what GZIP_MIN_BYTES makes worth it,
 * from the first request that prefers gzip on; what was kept before that is then made anew. Nothing
 * is compressed on a loop thread, and nothing but these public answers anywhere, so that no length
 * tells of a secret. Each coding has an ETag of its own; what the store gives no ETag for, such as
 * a list, gets one of its bytes.
 *
 * `Cache-Control: no-cache` from somebody with a valid access token goes past the cache, to the
 * store and its bounded queue, and fills it; from anybody else it means nothing. Whose token it is
 * nobody asks: that would take a read of its own.
 */
#ifndef AIZY_SERVER_API_ANSWER_CACHE_H
#define AIZY_SERVER_API_ANSWER_CACHE_H

#include "server/api/job.h"

enum answer_found {
    ANSWER_READY,   /* the reply is complete */
    ANSWER_AWAITED, /* another job is getting it: this one belongs to it (answer_flight.h) */
    ANSWER_NEEDED,  /* the job goes on */
};

/* On the loop, for an admitted job. */
MUST_USE enum answer_found answer_cache_answer(struct job *job);

/* Whether what the job reads is public and of a row that is_cached. */
bool answer_cache_covers(const struct job *job);

/*
 * For the frame, with a complete reply, in a worker: makes an entry of a 200, keeps it, and answers
 * from it, so that the first answer is as all that follow.
 */
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
