#include "server/api/answer_cache.h"

#include <openssl/evp.h>

#include "base/gzip.h"
#include "server/api/encoding.h"
#include "server/api/guard.h"
#include "server/api/reply.h"
#include "server/api/route.h"

/* More than any query that the schemas let through. */
#define KEY_MAX_BYTES 16384

static struct str make_key(struct job *job) {
    struct buf key;
    buf_init(&key, KEY_MAX_BYTES);
    buf_append_str(&key, str_of(job->route->id));
    buf_append_byte(&key, '\n');
    buf_append_str(&key, job->path_values[0]);
    buf_append_byte(&key, '\n');
    if (job->route->query != NULL && !str_is_empty(job->request.query)) {
        schema_encode(job->route->query, job->query, &key);
    }
    struct str copy = {NULL, 0};
    if (!buf_is_overflowed(&key)) {
        copy = arena_copy(&job->arena, buf_str(&key));
    }
    buf_release(&key);
    return copy;
}

bool answer_cache_covers(const struct job *job) {
    return job->route->is_cached && !job->is_managing;
}

static void note_encoding(struct job *job) {
    atomic_bool *was_asked_for = &job->app->gzip_was_asked_for;
    job->takes_gzip = encoding_prefers_gzip(job->request.accept_encoding);
    if (job->takes_gzip && !atomic_load_explicit(was_asked_for, memory_order_relaxed)) {
        atomic_store(was_asked_for, true);
    }
}

static bool has_directive(struct str list, struct str name) {
    struct str directive;
    while (str_next(&list, ',', &directive)) {
        if (str_equals_ignoring_case(str_trim(directive), name)) {
            return true;
        }
    }
    return false;
}

/* The token's signature and claims; no store is asked on the loop. */
static bool goes_past(struct job *job) {
    return !str_is_absent(job->request.cache_control) &&
           has_directive(job->request.cache_control, STR("no-cache")) &&
           !str_is_absent(job->request.authorization) && !fault_occurred(guard_check_token(job));
}

/* Made before anybody had asked for gzip. */
static bool lacks_gzip(const struct job *job, const struct cache_entry *entry) {
    return job->takes_gzip && str_is_absent(cache_entry_form(entry, CACHE_PACKED).tag);
}

/* From the cache. False: it is not there, or this job is to make it anew. */
static bool is_there(struct job *job) {
    const struct cache_entry *entry = NULL;
    enum cache_result result = cache_get(job->app->cache, job->cache_key, &entry);
    if (result == CACHE_MISS) {
        return false;
    }
    if (result == CACHE_REFRESH || lacks_gzip(job, entry)) {
        cache_entry_release(entry);
        return false;
    }
    reply_ready(job, entry);
    return true;
}

enum answer_found answer_cache_answer(struct job *job) {
    struct cache *cache = job->app->cache;
    if (!answer_cache_covers(job)) {
        return ANSWER_NEEDED;
    }
    note_encoding(job);
    if (cache == NULL) {
        return ANSWER_NEEDED;
    }
    job->cache_key = make_key(job);
    job->cache_moment = cache_now(cache);
    if (str_is_absent(job->cache_key) || goes_past(job)) {
        return ANSWER_NEEDED;
    }
    if (is_there(job)) {
        return ANSWER_READY;
    }
    return answer_flight_join(job) ? ANSWER_AWAITED : ANSWER_NEEDED;
}

#define DIGEST_BYTES 16

/* Of what the store gives no tag for: 128 bits of SHA-256. */
static struct str tag_of_bytes(struct job *job, struct str bytes) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    CHECK(EVP_Digest(bytes.data, bytes.size, digest, NULL, EVP_sha256(), NULL) == 1);
    struct buf tag;
    buf_init(&tag, 2 * DIGEST_BYTES + 2);
    buf_append_byte(&tag, '"');
    buf_append_hex(&tag, digest, DIGEST_BYTES);
    buf_append_byte(&tag, '"');
    struct str copy = arena_copy(&job->arena, buf_str(&tag));
    buf_release(&tag);
    return copy;
}

/* A tag without bytes says that compressing was tried and does not pay. */
static void make_forms(struct job *job, struct cache_form forms[static CACHE_FORM_COUNT]) {
    struct cache_form *plain = &forms[CACHE_PLAIN];
    struct cache_form *packed = &forms[CACHE_PACKED];
    plain->bytes = buf_str(&job->reply.body);
    plain->tag = str_is_absent(job->cache_tag) ? tag_of_bytes(job, plain->bytes) : job->cache_tag;
    if (atomic_load(&job->app->gzip_was_asked_for)) {
        struct str inside = str_slice(plain->tag, 0, plain->tag.size - 1);
        packed->tag = arena_printf(&job->arena, "%.*s-gzip\"", STR_ARG(inside));
        packed->bytes = gzip_pack(plain->bytes, &job->arena);
    }
}

void answer_cache_fill(struct job *job) {
    struct cache_form forms[CACHE_FORM_COUNT] = {0};
    if (job->reply.status != 200 || !answer_cache_covers(job)) {
        return;
    }
    make_forms(job, forms);
    const struct cache_entry *entry =
        cache_entry_make(job->cache_moment, job->cache_key, job->cache_subject, forms);
    if (!str_is_absent(job->cache_key)) {
        cache_put(job->app->cache, entry);
    }
    reply_ready(job, entry);
}

struct answer_cache_drop {
    struct str subject;
    struct answer_cache_drop *next;
};

void answer_cache_note(struct job *job, struct str product_id) {
    CHECK(job->route->drops == DROPS_NOTED);
    struct answer_cache_drop *drop = arena_alloc(&job->arena, sizeof(*drop));
    *drop = (struct answer_cache_drop){product_id, job->drops};
    job->drops = drop;
}

void answer_cache_drop(struct job *job, struct fault outcome) {
    struct cache *cache = job->app->cache;
    enum route_drops drops = job->route->drops;
    bool may_be_any = drops == DROPS_NOTED && fault_is(outcome, FAULT_OUTCOME_UNKNOWN);
    if (cache == NULL) {
        return;
    }
    if (drops == DROPS_ALL || may_be_any) {
        cache_flush(cache);
    } else if (drops == DROPS_PATH_VALUE) {
        cache_drop(cache, job->path_values[0]);
    }
    for (const struct answer_cache_drop *drop = job->drops; drop != NULL; drop = drop->next) {
        cache_drop(cache, drop->subject);
    }
}
