#include "server/api/media/media.h"

#include "server/api/etag.h"
#include "server/api/reply.h"
#include "server/media/media.h"

/* Opened for each piece: nothing may be held while a client reads slowly. */
static struct fault produce(struct job *job, struct arena *scratch, struct buf *spool,
                            bool *is_last) {
    const struct media_storage *media = &job->app->media;
    const struct stream *stream = &job->stream;
    size_t size_before = spool->size;
    (void)scratch;
    TRY(media->calls->read(media->self, job->path_values[0], stream->produced,
                           STREAM_PIECE_MAX_BYTES, spool));
    ENSURE(spool->size > size_before, FAULT_INTERNAL);
    *is_last = stream->produced + (int64_t)(spool->size - size_before) >= stream->length;
    return fault_none();
}

/* A file never changes, so its name is its ETag. */
struct fault media_show(struct job *job) {
    const struct media_storage *media = &job->app->media;
    struct str name = job->path_values[0];
    enum media_format format = MEDIA_JPEG;
    int64_t size = 0;

    ENSURE(media_name_is_valid(name, &format), FAULT_NOT_FOUND);
    TRY(media->calls->size(media->self, name, &size));
    struct str tag = arena_printf(&job->arena, "\"%.*s\"", STR_ARG(name));
    reply_header(job, "etag", tag);
    if (etag_client_has(job, tag)) {
        reply_status(job, 304);
        return fault_none();
    }
    return reply_stream(job, str_of(media_formats[format].content_type), size, produce);
}
