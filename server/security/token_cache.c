#include "server/security/token_cache.h"

#include <openssl/crypto.h>
#include <stdlib.h>

#define CACHE_ENTRIES 1024
#define CACHE_TOKEN_MAX_BYTES 512
/* The end of a signature is as good as chance; who makes one up finds an entry, not its bytes. */
#define CACHE_HASHED_BYTES 8

struct entry {
    struct token_claims claims;
    size_t size; /* 0: none */
    char token[CACHE_TOKEN_MAX_BYTES];
};

struct token_cache {
    struct entry entries[CACHE_ENTRIES];
};

struct token_cache *token_cache_open(void) {
    struct token_cache *cache = calloc(1, sizeof *cache);
    CHECK(cache != NULL && "out of memory");
    return cache;
}

void token_cache_close(struct token_cache *cache) {
    if (cache != NULL) {
        OPENSSL_cleanse(cache, sizeof *cache);
    }
    free(cache);
}

/* Where a token belongs; NULL when it is too long or too short to be kept. */
static struct entry *entry_of(struct token_cache *cache, struct str token) {
    if (cache == NULL || token.size < CACHE_HASHED_BYTES || token.size > CACHE_TOKEN_MAX_BYTES) {
        return NULL;
    }
    uint32_t hash = 2166136261U;
    for (size_t i = token.size - CACHE_HASHED_BYTES; i < token.size; i++) {
        hash = (hash ^ (unsigned char)token.data[i]) * 16777619U;
    }
    return &cache->entries[(hash ^ hash >> 16) % CACHE_ENTRIES];
}

struct fault token_cache_verify(struct token_cache *cache, const struct token_keys *keys,
                                struct arena *arena, struct str token, int64_t now_ms,
                                struct token_claims *claims) {
    struct entry *entry = entry_of(cache, token);
    if (entry == NULL) {
        return token_verify_access(keys, arena, token, now_ms, claims);
    }
    if (str_equals_in_constant_time(token, (struct str){entry->token, entry->size})) {
        ENSURE(token_is_timely(&entry->claims, now_ms), FAULT_UNAUTHENTICATED);
        *claims = entry->claims;
        return fault_none();
    }
    TRY(token_verify_access(keys, arena, token, now_ms, claims));
    entry->claims = *claims;
    entry->size = token.size;
    memcpy(entry->token, token.data, token.size);
    return fault_none();
}
