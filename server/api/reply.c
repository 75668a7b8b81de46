#include "server/api/reply.h"

#include "server/api/cors.h"
#include "server/api/etag.h"
#include "server/api/route.h"

#define JSON_CONTENT_TYPE STR("application/json; charset=utf-8")

/* Whoever is refused for the moment may come back after this long. */
#define RETRY_AFTER_SECONDS STR("1")

void reply_header(struct job *job, const char *name, struct str value) {
    struct reply *reply = &job->reply;
    CHECK(reply->header_count < JOB_HEADERS_MAX);
    CHECK(!str_has_control(value));
    reply->headers[reply->header_count++] = (struct reply_header){name, value};
}

void reply_status(struct job *job, int status) {
    job->reply.status = status;
}

static struct fault finish_body(struct job *job, struct str content_type) {
    struct reply *reply = &job->reply;
    ENSURE(!buf_is_overflowed(&reply->body), FAULT_ANSWER_TOO_LARGE);
    reply->content_type = content_type;
    if (reply->status == 0) {
        reply->status = job->route->status;
    }
    return fault_none();
}

static const struct schema *reply_schema(const struct job *job) {
    bool is_managing = job->is_managing && job->route->managing_reply != NULL;
    return is_managing ? job->route->managing_reply : job->route->reply;
}

struct fault reply_object(struct job *job, const void *object) {
    CHECK(job->route->reply_kind == REPLY_OBJECT && job->route->reply != NULL);
    schema_encode(reply_schema(job), object, &job->reply.body);
    return finish_body(job, JSON_CONTENT_TYPE);
}

/* The members of the object go on where others were written; it ends both. */
static void append_members(const struct schema *schema, const void *object, struct buf *body) {
    size_t start = body->size;
    CHECK(schema != NULL && schema->field_count > 0 && !schema->fields[0].omit_absent);
    schema_encode(schema, object, body);
    if (body->size > start) {
        body->data[start] = ',';
    }
}

struct fault reply_list(struct job *job, const struct reply_page *page) {
    struct buf *body = &job->reply.body;
    const struct schema *schema = reply_schema(job);
    CHECK(job->route->reply_kind == REPLY_LIST);

    buf_append_str(body, STR("{\"items\":["));
    for (size_t i = 0; i < page->items->count; i++) {
        buf_append_str(body, i == 0 ? STR("") : STR(","));
        schema_encode(schema, (const char *)page->items->items + i * schema->size, body);
    }
    buf_append_str(body, STR("],\"next_cursor\":"));
    buf_append_json_string(body, page->next_cursor);
    if (page->total != INT64_ABSENT) {
        buf_append_str(body,
                       page->total_is_exact ? STR(",\"total\":") : STR(",\"total_at_least\":"));
        buf_append_int64(body, page->total);
    }
    if (page->members == NULL) {
        buf_append_byte(body, '}');
    } else {
        append_members(job->route->list_members, page->members, body);
    }
    return finish_body(job, JSON_CONTENT_TYPE);
}

struct fault reply_empty(struct job *job) {
    job->reply.status = job->route->status;
    return fault_none();
}

/* What a client sent goes into a header only when nothing in it can end one. */
static bool is_visible(struct str text) {
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] <= ' ' || text.data[i] > '~') {
            return false;
        }
    }
    return true;
}

struct fault reply_moved(struct job *job, struct str path) {
    struct str query = job->request.query;
    bool keeps_query = !str_is_empty(query) && is_visible(query);
    CHECK(job->route->moves);
    reply_header(job, "location",
                 keeps_query ? arena_printf(&job->arena, "%.*s?%.*s", STR_ARG(path), STR_ARG(query))
                             : path);
    reply_status(job, 301);
    return fault_none();
}

struct fault reply_json(struct job *job, struct str body) {
    buf_append_str(&job->reply.body, body);
    return finish_body(job, JSON_CONTENT_TYPE);
}

struct fault reply_text(struct job *job, struct str content_type, void (*write)(struct buf *text)) {
    CHECK(job->route->reply_kind == REPLY_TEXT);
    write(&job->reply.body);
    return finish_body(job, content_type);
}

void reply_ready(struct job *job, const struct cache_entry *entry) {
    struct reply *reply = &job->reply;
    struct cache_form form = cache_entry_form(entry, CACHE_PACKED);
    bool is_packed = job->takes_gzip && !str_is_absent(form.bytes);
    if (!is_packed) {
        form = cache_entry_form(entry, CACHE_PLAIN);
    }
    reply->header_count = 0;
    reply->ready = entry;
    reply->ready_bytes = form.bytes;
    reply->status = job->route->status;
    reply->content_type = JSON_CONTENT_TYPE;
    reply_header(job, "etag", form.tag);
    if (etag_client_has(job, form.tag)) {
        reply->status = 304;
    } else if (is_packed) {
        reply_header(job, "content-encoding", STR("gzip"));
    }
}

void reply_restart(struct job *job) {
    job->reply.header_count = 0;
    job->reply.status = 0;
    job->reply.content_type = (struct str){NULL, 0};
    buf_clear(&job->reply.body);
}

static void append_member(struct buf *body, const char *prefix, struct str value) {
    buf_append_str(body, str_of(prefix));
    buf_append_json_string(body, value);
}

static void append_violations(const struct violations *violations, struct buf *body) {
    buf_append_str(body, STR(",\"fields\":["));
    for (size_t i = 0; i < violations->count; i++) {
        append_member(body, i == 0 ? "{\"field\":" : ",{\"field\":", violations->items[i].field);
        append_member(body, ",\"message\":", violations->items[i].message);
        buf_append_byte(body, '}');
    }
    buf_append_byte(body, ']');
}

void reply_fault(struct job *job, enum fault_name fault) {
    const struct fault_row *row = fault_row(fault);
    struct buf *body = &job->reply.body;

    reply_restart(job);
    job->refusal = fault;
    job->reply.status = row->status;
    job->reply.content_type = JSON_CONTENT_TYPE;
    append_member(body, "{\"error\":", str_of(row->sentence));
    append_member(body, ",\"code\":", str_of(row->code));
    append_member(body, ",\"request_id\":", str_of(job->request_id));
    bool names_fields = fault == FAULT_INVALID || fault == FAULT_INSUFFICIENT_STOCK ||
                        fault == FAULT_CATEGORY_NOT_EMPTY;
    if (names_fields && violations_any(&job->violations)) {
        append_violations(&job->violations, body);
    }
    buf_append_byte(body, '}');
    if (row->retryable) {
        reply_header(job, "retry-after", RETRY_AFTER_SECONDS);
    }
    if (row->status == 401) {
        reply_header(job, "www-authenticate", STR("Bearer"));
    }
}

static bool is_cacheable(const struct job *job) {
    return job->route != NULL && job->route->is_public && !job->is_managing &&
           (job->reply.status == 200 || job->reply.status == 301 || job->reply.status == 304);
}

/* A file is for pages of any origin, and the same for ever. */
static void add_caching(struct job *job) {
    if (is_cacheable(job) && job->route->is_immutable) {
        reply_header(job, "cache-control", STR("public, max-age=31536000, immutable"));
        reply_header(job, "cross-origin-resource-policy", STR("cross-origin"));
        return;
    }
    reply_header(job, "cache-control",
                 is_cacheable(job) ? STR("public, max-age=1, stale-while-revalidate=10")
                                   : STR("no-store"));
}

void reply_finish(struct job *job) {
    reply_header(job, "x-request-id", str_of(job->request_id));
    reply_header(job, "x-content-type-options", STR("nosniff"));
    reply_header(job, "referrer-policy", STR("no-referrer"));
    reply_header(job, "content-security-policy", STR("default-src 'none'; frame-ancestors 'none'"));
    add_caching(job);
    if (job->request.is_secure) {
        reply_header(job, "strict-transport-security", STR("max-age=31536000"));
    }
    cors_finish(job);
}
