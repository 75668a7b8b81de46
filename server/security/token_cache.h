/*
 * token_cache: access tokens that were verified a moment ago.
 *
 * Whether the same bytes were signed with the same keys does not change, so it is not worked out
 * again (some 6 us); what the time decides is checked each time. A token here says no more than it
 * does anyway: the session and the person are still asked for on each request.
 *
 * A cache belongs to one thread and serves one set of keys. It keeps at most 1,024 tokens of at
 * most 512 bytes; a newer one takes an older one's place.
 */
#ifndef AIZY_SERVER_SECURITY_TOKEN_CACHE_H
#define AIZY_SERVER_SECURITY_TOKEN_CACHE_H

#include "server/security/token.h"

struct token_cache;

struct token_cache *token_cache_open(void);

/* NULL is allowed. */
void token_cache_close(struct token_cache *cache);

/* As token_verify_access; without a cache (NULL), the very same. */
MUST_USE struct fault token_cache_verify(struct token_cache *cache, const struct token_keys *keys,
                                         struct arena *arena, struct str token, int64_t now_ms,
                                         struct token_claims *claims);

#endif
