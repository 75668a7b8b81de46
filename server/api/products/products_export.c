#include "server/api/products/products.h"
#include "server/api/reply.h"
#include "server/catalogue/product_export.h"

/* A page of the file is made at a time and handed out in pieces; it is kept in the job's arena. */
struct export_state {
    struct product_export export;
    char *page;
    size_t capacity;
    size_t size;
    size_t sent;
};

/* Room doubles, so that all that the arena ever held is twice the largest page. */
static void keep_page(struct job *job, struct export_state *state, struct str page) {
    if (page.size > state->capacity) {
        size_t doubled = 2 * state->capacity;
        state->capacity = page.size > doubled ? page.size : doubled;
        state->page = arena_alloc(&job->arena, state->capacity);
    }
    memcpy(state->page, page.data, page.size);
    state->size = page.size;
    state->sent = 0;
}

static struct fault make_page(struct job *job, struct export_state *state, struct arena *scratch) {
    struct buf page;
    buf_init(&page, PRODUCT_EXPORT_BUF_BYTES);
    struct fault fault = product_export_page(&state->export, job->mongo, scratch, &page);
    if (!fault_occurred(fault)) {
        keep_page(job, state, buf_str(&page));
    }
    buf_release(&page);
    return fault;
}

static struct fault produce(struct job *job, struct arena *scratch, struct buf *spool,
                            bool *is_last) {
    struct export_state *state = job->state;
    if (state->sent == state->size && !state->export.is_done) {
        TRY(make_page(job, state, scratch));
    }
    struct str rest = {state->page + state->sent, state->size - state->sent};
    struct str piece = str_slice(rest, 0, STREAM_PIECE_MAX_BYTES);
    buf_append_str(spool, piece);
    state->sent += piece.size;
    *is_last = state->export.is_done && state->sent == state->size;
    return fault_none();
}

struct fault products_export(struct job *job) {
    job->state = ARENA_NEW(&job->arena, struct export_state);
    reply_header(job, "content-disposition", STR("attachment; filename=\"products.csv\""));
    return reply_stream(job, STR("text/csv; charset=utf-8"), INT64_ABSENT, produce);
}
