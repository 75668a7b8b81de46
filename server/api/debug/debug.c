#include "server/api/debug/debug.h"

#ifdef AIZY_DEBUG

#define BYTES_MAX (1LL << 40)

struct stream_query {
    int64_t bytes;
    int64_t break_at;
    bool sized;
};

static const struct field stream_fields[] = {
    {.name = "bytes",
     .type = FIELD_INT,
     .offset = offsetof(struct stream_query, bytes),
     .min = 0,
     .max = BYTES_MAX,
     .doc = "How many; none unless said."},
    {.name = "break_at",
     .type = FIELD_INT,
     .offset = offsetof(struct stream_query, break_at),
     .min = 0,
     .max = BYTES_MAX,
     .doc = "Fails after as many."},
    {.name = "sized",
     .type = FIELD_BOOL,
     .offset = offsetof(struct stream_query, sized),
     .doc = "true: Content-Length says how many."},
};

const struct schema debug_stream_query_schema =
    SCHEMA("DebugStreamQuery", struct stream_query, stream_fields);

static int64_t bytes_of(const struct stream_query *query) {
    return query->bytes == INT64_ABSENT ? 0 : query->bytes;
}

static struct fault produce(struct job *job, struct arena *scratch, struct buf *spool,
                            bool *is_last) {
    const struct stream_query *query = job->query;
    const struct str line = STR(DEBUG_STREAM_LINE);
    int64_t left = bytes_of(query) - job->stream.produced;
    int64_t size = left < (int64_t)STREAM_PIECE_MAX_BYTES ? left : (int64_t)STREAM_PIECE_MAX_BYTES;
    (void)scratch;
    ENSURE(query->break_at == INT64_ABSENT || job->stream.produced < query->break_at,
           FAULT_INTERNAL);
    /* Pieces are whole lines, but for the last. */
    for (int64_t done = 0; done < size; done += (int64_t)line.size) {
        buf_append_str(spool, str_slice(line, 0, (size_t)(size - done)));
    }
    *is_last = size == left;
    return fault_none();
}

struct fault debug_stream(struct job *job) {
    const struct stream_query *query = job->query;
    ENSURE(str_equals(job->app->config->environment, STR("test")), FAULT_NOT_FOUND);
    return reply_stream(job, STR("text/plain; charset=utf-8"),
                        query->sized ? bytes_of(query) : INT64_ABSENT, produce);
}

#endif
