/*
 * token: access tokens (JWT, RFC 7519) and refresh tokens.
 *
 * libjwt writes the tokens but does not read them, because it checks neither times nor audience,
 * accepts any HMAC size the header names, duplicate claims, and everything when its key is empty
 * (so a key is at least 32 bytes, CHECKed). Here the header must be exactly {"alg": "HS256", "typ":
 * "JWT"} (typ may be left out) before a key is touched, then OpenSSL's HMAC must agree, then each
 * claim must have its type and its value and appear once; further claims are refused, because they
 * may narrow what a token is good for. Nothing may stand before, in or after the token.
 *
 * Every function may be called from any thread; `struct token_keys` is read-only after
 * token_keys_init.
 */
#ifndef AIZY_SERVER_SECURITY_TOKEN_H
#define AIZY_SERVER_SECURITY_TOKEN_H

#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"

#define TOKEN_SECRET_MIN_BYTES 32
#define TOKEN_MAX_BYTES 4096
#define TOKEN_ACCESS_LIFETIME_MS (15LL * 60 * 1000)
#define TOKEN_REFRESH_LIFETIME_MS (30LL * 24 * 60 * 60 * 1000)

/* 32 random bytes in base64url without padding. */
#define TOKEN_REFRESH_TEXT_BYTES 43
#define TOKEN_DIGEST_BYTES 32

struct token_keys {
    struct str current;  /* signs and verifies */
    struct str previous; /* verifies only; absent when there is none */
};

/* The claims of an access token. */
struct token_claims {
    int64_t user_id;    /* sub: a decimal string */
    int64_t session_id; /* sid: likewise */
    int64_t issued_at_ms;
    int64_t not_before_ms;
    int64_t expires_at_ms;
};

struct refresh_digest {
    unsigned char bytes[TOKEN_DIGEST_BYTES];
};

/* Borrows the secrets, for the life of the process. CHECKs that each has 32 bytes or more. */
void token_keys_init(struct token_keys *keys, struct str current, struct str previous);

/* iss "aizy", aud "aizy", purpose "access"; iat and nbf now, exp after TOKEN_ACCESS_LIFETIME_MS. */
MUST_USE struct fault token_sign_access(const struct token_keys *keys, struct arena *arena,
                                        int64_t user_id, int64_t session_id, int64_t now_ms,
                                        struct str *token);

/*
 * FAULT_UNAUTHENTICATED for whatever is not a valid access token at `now_ms` (no leeway for exp, 5
 * seconds for nbf and iat). Some 6 us, so it may run on a loop thread.
 */
MUST_USE struct fault token_verify_access(const struct token_keys *keys, struct arena *arena,
                                          struct str token, int64_t now_ms,
                                          struct token_claims *claims);

/* The part of that which changes with the time. */
bool token_is_timely(const struct token_claims *claims, int64_t now_ms);

/* A new random refresh token and the SHA-256 of its text, under which it is stored. */
MUST_USE struct fault token_make_refresh(struct arena *arena, struct str *token,
                                         struct refresh_digest *digest);

#endif
