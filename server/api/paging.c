#include "server/api/paging.h"

#include <openssl/hmac.h>

#include "server/api/route.h"
#include "server/security/base64url.h"

#define SIGNATURE_BYTES 16
#define NUMBER_BYTES sizeof(int64_t)
#define ID_BYTES 24
#define QUERY_MAX_BYTES 65536

/*
 * What a cursor is bound to: the route, the view (which an absent `status` and its first choice do
 * not tell apart), the query without its paging, then the position.
 */
static void sign(struct job *job, const struct paging *paging, struct str payload,
                 unsigned char signature[static EVP_MAX_MD_SIZE]) {
    const struct schema *schema = job->route->query;
    size_t paging_offset = (size_t)((const char *)paging - (const char *)job->query);
    char *query = arena_alloc(&job->arena, schema->size);
    memcpy(query, job->query, schema->size);
    *(struct paging *)(query + paging_offset) =
        (struct paging){.page = INT64_ABSENT, .limit = INT64_ABSENT};

    struct buf text;
    buf_init(&text, QUERY_MAX_BYTES);
    buf_append_str(&text, str_of(job->route->id));
    buf_append_byte(&text, job->is_managing ? '!' : ' ');
    schema_encode(schema, query, &text);
    buf_append_str(&text, payload);
    CHECK(!buf_is_overflowed(&text));
    const unsigned char *mac =
        HMAC(EVP_sha256(), job->app->cursor_key, sizeof(job->app->cursor_key),
             (const unsigned char *)text.data, text.size, signature, NULL);
    CHECK(mac != NULL);
    buf_release(&text);
}

struct str paging_cursor(struct job *job, const struct paging *paging,
                         const struct paging_position *position) {
    unsigned char signature[EVP_MAX_MD_SIZE];
    size_t size = SIGNATURE_BYTES + NUMBER_BYTES + ID_BYTES + position->text.size;
    char *bytes = arena_alloc(&job->arena, size);
    struct str payload = {bytes + SIGNATURE_BYTES, size - SIGNATURE_BYTES};

    CHECK(position->id.size == ID_BYTES);
    memcpy(bytes + SIGNATURE_BYTES, &position->number, NUMBER_BYTES);
    memcpy(bytes + SIGNATURE_BYTES + NUMBER_BYTES, position->id.data, ID_BYTES);
    if (position->text.size > 0) {
        memcpy(bytes + SIGNATURE_BYTES + NUMBER_BYTES + ID_BYTES, position->text.data,
               position->text.size);
    }
    sign(job, paging, payload, signature);
    memcpy(bytes, signature, SIGNATURE_BYTES);
    return base64url_encode(&job->arena, (struct str){bytes, size});
}

static struct fault read_cursor(struct job *job, const struct paging *paging,
                                struct paging_position *position) {
    unsigned char signature[EVP_MAX_MD_SIZE];
    struct str bytes;
    ENSURE(base64url_decode(&job->arena, paging->cursor, &bytes), FAULT_BAD_CURSOR);
    ENSURE(bytes.size >= SIGNATURE_BYTES + NUMBER_BYTES + ID_BYTES, FAULT_BAD_CURSOR);

    struct str payload = str_slice(bytes, SIGNATURE_BYTES, bytes.size);
    sign(job, paging, payload, signature);
    ENSURE(str_equals_in_constant_time((struct str){(const char *)signature, SIGNATURE_BYTES},
                                       str_slice(bytes, 0, SIGNATURE_BYTES)),
           FAULT_BAD_CURSOR);

    memcpy(&position->number, payload.data, NUMBER_BYTES);
    position->id = str_slice(payload, NUMBER_BYTES, ID_BYTES);
    position->text = str_slice(payload, NUMBER_BYTES + ID_BYTES, payload.size);
    return fault_none();
}

struct fault paging_window(struct job *job, const struct paging *paging,
                           struct paging_window *window) {
    bool has_page = paging->page != INT64_ABSENT;
    int64_t limit = paging->limit == INT64_ABSENT ? PAGING_LIMIT_DEFAULT : paging->limit;

    *window =
        (struct paging_window){.limit = (size_t)limit, .with_total = paging->total || has_page};
    if (!str_is_absent(paging->cursor)) {
        if (has_page) {
            violations_add(&job->violations, STR("page"), "cannot be given with a cursor");
            return fault_of(FAULT_INVALID);
        }
        window->has_position = true;
        return read_cursor(job, paging, &window->position);
    }
    if (has_page) {
        ENSURE(paging->page * limit <= PAGING_DEPTH_MAX, FAULT_TOO_DEEP);
        window->skip = (size_t)((paging->page - 1) * limit);
    }
    return fault_none();
}
