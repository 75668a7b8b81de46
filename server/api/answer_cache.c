#include "server/api/answer_cache.h"

#include "server/api/etag.h"
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

bool answer_cache_answer(struct job *job) {
    struct cache *cache = job->app->cache;
    const struct cache_entry *entry = NULL;
    if (!job->route->is_cached || job->is_managing || cache == NULL) {
        return false;
    }
    job->cache_key = make_key(job);
    if (str_is_absent(job->cache_key)) {
        return false;
    }
    job->cache_moment = cache_now(cache);
    enum cache_result result = cache_get(cache, job->cache_key, &entry);
    if (result == CACHE_REFRESH) {
        cache_entry_release(entry);
    }
    if (result != CACHE_HIT) {
        return false;
    }
    /* Nothing is to be filled with what came from there. */
    job->cache_key = (struct str){NULL, 0};
    reply_ready(job, entry);
    return true;
}

void answer_cache_fill(struct job *job) {
    if (job->reply.status != 200 || str_is_absent(job->cache_key)) {
        return;
    }
    cache_put(job->app->cache, job->cache_moment, job->cache_key, job->cache_subject,
              job->cache_tag, buf_str(&job->reply.body));
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
