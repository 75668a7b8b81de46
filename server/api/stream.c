#include "server/api/stream.h"

#include "base/log.h"
#include "server/api/reply.h"
#include "server/api/route.h"

struct fault reply_stream(struct job *job, struct str content_type, int64_t length,
                          stream_producer *produce) {
    CHECK(job->route->stages[job->stage].pool != POOL_LOOP && job->taker == NULL);
    job->stream = (struct stream){.produce = produce, .length = length};
    job->reply.status = job->route->status;
    job->reply.content_type = content_type;
    return fault_none();
}

static struct fault produce_piece(struct job *job, struct arena *scratch) {
    struct stream *stream = &job->stream;
    struct buf *spool = &job->reply.body;
    size_t size_before = spool->size;
    bool is_last = false;
    TRY(stream->produce(job, scratch, spool, &is_last));
    ENSURE(!arena_is_exhausted(scratch), FAULT_ANSWER_TOO_LARGE);
    CHECK(spool->size - size_before <= STREAM_PIECE_MAX_BYTES);
    stream->produced += (int64_t)(spool->size - size_before);
    stream->state = is_last ? STREAM_LAST : STREAM_MORE;
    /* Bytes too many would be taken for the next answer on the connection. */
    bool is_exact = stream->length == INT64_ABSENT || stream->produced == stream->length ||
                    (stream->produced < stream->length && !is_last);
    ENSURE(is_exact, FAULT_INTERNAL);
    return fault_none();
}

static bool has_room(const struct buf *spool) {
    return spool->size + STREAM_PIECE_MAX_BYTES <= STREAM_SPOOL_BYTES;
}

struct fault stream_fill(struct job *job) {
    struct stream *stream = &job->stream;
    struct arena scratch;
    struct fault fault = fault_none();
    buf_clear(&job->reply.body);
    stream->state = job->request.method == HTTP_HEAD ? STREAM_LAST : STREAM_MORE;
    arena_init(&scratch, JOB_ARENA_BYTES);
    while (!fault_occurred(fault) && stream->state == STREAM_MORE && has_room(&job->reply.body)) {
        bool is_left = atomic_load(&job->is_cancelled);
        fault = is_left ? fault_of(FAULT_SHUTTING_DOWN) : produce_piece(job, &scratch);
        arena_release(&scratch);
    }
    if (fault_occurred(fault) && !stream->has_begun) {
        /* There still is an answer to give. */
        stream->produce = NULL;
    }
    return fault;
}

void stream_break(struct job *job, enum fault_name fault) {
    job->stream.state = STREAM_BROKEN;
    buf_clear(&job->reply.body);
    if (!atomic_load(&job->is_cancelled)) {
        log_error("stream.broken", LOG_TEXT("route", job->route->id),
                  LOG_TEXT("fault", fault_row(fault)->code),
                  LOG_INT("produced", job->stream.produced));
    }
}
