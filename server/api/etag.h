/*
 * etag: versions of resources over HTTP (RFC 9110, section 13).
 *
 * A resource's ETag is `"<version>-<sequence>"`: the version moves with every edit, the sequence
 * with whatever else changes what a reader sees (of a product: its stock). If-None-Match compares
 * all of it, If-Match the version only, so that a sale does not refuse an editor. A body that is
 * sent compressed is another representation: its tag ends in `-gzip`.
 */
#ifndef AIZY_SERVER_API_ETAG_H
#define AIZY_SERVER_API_ETAG_H

#include "server/api/job.h"
#include "stores/expected_versions.h"

/*
 * The versions that the request's If-Match allows; empty when it allows any (no header, or "*"). A
 * weak or foreign tag never matches: a list of nothing else gives FAULT_PRECONDITION_FAILED. One of
 * more than EXPECTED_VERSIONS_MAX tags is refused with FAULT_INVALID.
 */
MUST_USE struct fault etag_expected_versions(struct job *job, struct expected_versions *expected);

/* Whether the list in If-None-Match has the tag, or "*": the client has this already. */
bool etag_client_has(const struct job *job, struct str tag);

/*
 * Like reply_object, with the ETag; 304 without a body when If-None-Match has it. An answer that is
 * cached is rendered in any case, and answer_cache_fill does the rest.
 */
MUST_USE struct fault reply_object_with_etag(struct job *job, const void *object, int64_t version,
                                             int64_t sequence);

/* The same for what is put together out of many things: the sequence is a digest of the answer. */
MUST_USE struct fault reply_object_with_content_etag(struct job *job, const void *object,
                                                     int64_t version);

/*
 * After it, for an answer that is cached: what else shows in it and changes without either number,
 * such as the name of something else. Absent: nothing.
 */
void etag_add(struct job *job, struct str shown);

#endif
