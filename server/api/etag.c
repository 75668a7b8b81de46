#include "server/api/etag.h"

#include <inttypes.h>
#include <openssl/evp.h>

#include "server/api/answer_cache.h"
#include "server/api/reply.h"
#include "server/api/route.h"

/* 0: a tag that was never handed out here, or is weak. */
static int64_t version_of(struct str tag) {
    if (tag.size < 2 || tag.data[0] != '"' || tag.data[tag.size - 1] != '"') {
        return 0;
    }
    struct str inside = str_slice(tag, 1, tag.size - 2);
    struct str digits = str_slice(inside, 0, str_find_byte(inside, '-'));
    int64_t version = 0;
    /* "07" is a number, but nothing that was ever handed out. */
    bool is_ours = str_to_int64(digits, &version) && version > 0 && digits.data[0] != '0';
    return is_ours ? version : 0;
}

/*
 * Lists are cut at each comma. A foreign tag may have one within its quotes; none of its pieces has
 * quotes at both ends then, so that none is taken for a tag of ours.
 */
struct fault etag_expected_versions(struct job *job, struct expected_versions *expected) {
    struct str rest = job->request.if_match;
    struct str tag;
    size_t tags = 0;
    *expected = (struct expected_versions){0};
    if (str_is_absent(rest) || str_equals(str_trim(rest), STR("*"))) {
        return fault_none();
    }
    while (str_next(&rest, ',', &tag)) {
        int64_t version = version_of(str_trim(tag));
        /* An empty element is none (RFC 9110, section 5.6.1.2). */
        tags += !str_is_empty(str_trim(tag));
        if (tags > EXPECTED_VERSIONS_MAX) {
            violations_add(&job->violations, STR("If-Match"), "takes at most %d ETags",
                           EXPECTED_VERSIONS_MAX);
            return fault_of(FAULT_INVALID);
        }
        if (version > 0) {
            expected->items[expected->count++] = version;
        }
    }
    ENSURE(expected->count > 0, FAULT_PRECONDITION_FAILED);
    return fault_none();
}

/* Weak comparison, as section 13.1.2 wants it. */
bool etag_client_has(const struct job *job, struct str tag) {
    struct str rest = job->request.if_none_match;
    struct str item;
    while (str_next(&rest, ',', &item)) {
        item = str_trim(item);
        if (str_starts_with(item, STR("W/"))) {
            item = str_slice(item, 2, item.size);
        }
        if (str_equals(item, tag) || str_equals(item, STR("*"))) {
            return true;
        }
    }
    return false;
}

/* Sets the tag; true when the client has what it names. What is cached is told so later. */
static bool put_tag(struct job *job, struct str tag) {
    CHECK(job->route->has_etag);
    job->cache_tag = tag;
    if (answer_cache_covers(job)) {
        return false;
    }
    reply_header(job, "etag", tag);
    return job->route->method == HTTP_GET && etag_client_has(job, tag);
}

struct fault reply_object_with_etag(struct job *job, const void *object, int64_t version,
                                    int64_t sequence) {
    struct str tag = arena_printf(&job->arena, "\"%" PRId64 "-%" PRId64 "\"", version, sequence);
    if (put_tag(job, tag)) {
        reply_status(job, 304);
        return fault_none();
    }
    return reply_object(job, object);
}

void etag_add(struct job *job, struct str shown) {
    if (!answer_cache_covers(job) || str_is_absent(shown)) {
        return;
    }
    struct str inside = str_slice(job->cache_tag, 0, job->cache_tag.size - 1);
    job->cache_tag = arena_printf(&job->arena, "%.*s-%08" PRIx32 "\"", STR_ARG(inside),
                                  (uint32_t)str_hash(shown));
}

/* 16 hexadecimal digits: of many versions of one resource no two ever have the same. */
#define DIGEST_BYTES 8

struct fault reply_object_with_content_etag(struct job *job, const void *object, int64_t version) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    struct buf text;
    TRY(reply_object(job, object));
    struct str body = buf_str(&job->reply.body);
    CHECK(EVP_Digest(body.data, body.size, digest, NULL, EVP_sha256(), NULL) == 1);
    buf_init(&text, 64);
    buf_append_byte(&text, '"');
    buf_append_int64(&text, version);
    buf_append_byte(&text, '-');
    buf_append_hex(&text, digest, DIGEST_BYTES);
    buf_append_byte(&text, '"');
    struct str tag = arena_copy(&job->arena, buf_str(&text));
    buf_release(&text);
    if (put_tag(job, tag)) {
        buf_clear(&job->reply.body);
        job->reply.content_type = (struct str){NULL, 0};
        reply_status(job, 304);
    }
    return fault_none();
}
