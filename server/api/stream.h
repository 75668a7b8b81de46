/*
 * stream: replies that are made while they are sent, in bounded memory.
 *
 * The last stage of a route says reply_stream instead of another reply, and from then on the frame
 * calls its producer in a worker of the stage's pool until the spool, the reply's body, is full;
 * the HTTP layer sends that and asks for more. In between the job is in no queue and has no worker.
 * A job belongs to one thread at a time here too, so the spool needs no lock.
 */
#ifndef AIZY_SERVER_API_STREAM_H
#define AIZY_SERVER_API_STREAM_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fault.h"

struct job;

#define STREAM_PIECE_MAX_BYTES (64UL * 1024)
#define STREAM_SPOOL_BYTES (4 * STREAM_PIECE_MAX_BYTES)

/*
 * Appends the next piece, at most STREAM_PIECE_MAX_BYTES (CHECKed), to `spool`, or nothing; sets
 * *is_last with the last one. It may use job->mysql or job->mongo, and `scratch`, which is emptied
 * after each call; it keeps its place in job->state, and holds nothing of the worker's from one
 * call to the next. A fault ends the reply: the first piece's as its answer, a later one's by
 * cutting the connection. It is not called again once the client has left.
 */
typedef struct fault stream_producer(struct job *job, struct arena *scratch, struct buf *spool,
                                     bool *is_last);

enum stream_state {
    STREAM_MORE = 0, /* the spool is not the end */
    STREAM_LAST,     /* it is */
    STREAM_BROKEN,   /* the connection is to be cut */
};

struct stream {
    stream_producer *produce; /* NULL: the reply is not streamed */
    int64_t length;           /* INT64_ABSENT: not known, and then it is sent in chunks */
    int64_t produced;         /* bytes so far, those in the spool included */
    enum stream_state state;
    bool has_begun; /* the first spool has been sent, and with it the status */
};

/*
 * For the last stage, not of POOL_LOOP: the route's status, and a body by `produce`. `content_type`
 * is static. A `length` that turns out to be wrong is a fault.
 */
MUST_USE struct fault reply_stream(struct job *job, struct str content_type, int64_t length,
                                   stream_producer *produce);

/* For the frame, in a worker: empties the spool and fills it. To HEAD nothing is produced. */
MUST_USE struct fault stream_fill(struct job *job);

/* For the frame: gives up after a fault; the head has been sent, so there is no answer for it. */
void stream_break(struct job *job, enum fault_name fault);

#endif
