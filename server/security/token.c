#include "server/security/token.h"

#include <jansson.h>
#include <jwt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "base/log.h"
#include "server/security/base64url.h"

#define TOKEN_ISSUER "aizy"
#define TOKEN_AUDIENCE "aizy"
#define TOKEN_ACCESS_PURPOSE "access"

/* How far the clocks of two of our servers may differ. */
#define TOKEN_CLOCK_SKEW_MS 5000

/* The claims whose value is always the same. */
static const struct {
    const char *name;
    const char *value;
} fixed_claims[] = {
    {"iss", TOKEN_ISSUER},
    {"aud", TOKEN_AUDIENCE},
    {"purpose", TOKEN_ACCESS_PURPOSE},
};

/* Besides the fixed ones: sub, sid, iat, nbf, exp. */
#define TOKEN_CLAIM_COUNT (COUNT_OF(fixed_claims) + 5)

struct token_parts {
    struct str signed_text; /* header and payload with the dot between them */
    struct str header;
    struct str payload;
    struct str signature;
};

void token_keys_init(struct token_keys *keys, struct str current, struct str previous) {
    CHECK(current.size >= TOKEN_SECRET_MIN_BYTES);
    CHECK(str_is_absent(previous) || previous.size >= TOKEN_SECRET_MIN_BYTES);
    *keys = (struct token_keys){current, previous};
}

static bool add_decimal_claim(jwt_t *jwt, const char *name, int64_t value) {
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", (long long)value);
    return jwt_add_grant(jwt, name, text) == 0;
}

static bool add_claims(jwt_t *jwt, int64_t user_id, int64_t session_id, int64_t now_ms) {
    long now_seconds = (long)(now_ms / 1000);
    for (size_t i = 0; i < COUNT_OF(fixed_claims); i++) {
        if (jwt_add_grant(jwt, fixed_claims[i].name, fixed_claims[i].value) != 0) {
            return false;
        }
    }
    return add_decimal_claim(jwt, "sub", user_id) && add_decimal_claim(jwt, "sid", session_id) &&
           jwt_add_grant_int(jwt, "iat", now_seconds) == 0 &&
           jwt_add_grant_int(jwt, "nbf", now_seconds) == 0 &&
           jwt_add_grant_int(jwt, "exp", now_seconds + TOKEN_ACCESS_LIFETIME_MS / 1000) == 0;
}

/* NULL when there is no memory; else to be freed. */
static char *encode_signed(jwt_t *jwt, struct str key) {
    if (jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *)key.data, (int)key.size) != 0) {
        return NULL;
    }
    return jwt_encode_str(jwt);
}

struct fault token_sign_access(const struct token_keys *keys, struct arena *arena, int64_t user_id,
                               int64_t session_id, int64_t now_ms, struct str *token) {
    CHECK(user_id > 0 && session_id > 0 && now_ms >= 0);
    jwt_t *jwt = NULL;
    char *text = NULL;
    if (jwt_new(&jwt) == 0 && add_claims(jwt, user_id, session_id, now_ms)) {
        text = encode_signed(jwt, keys->current);
    }
    jwt_free(jwt);
    ENSURE(text != NULL, FAULT_INTERNAL);
    *token = arena_copy(arena, str_of(text));
    free(text);
    return fault_none();
}

/* Exactly three parts; "a.b." gives an empty signature, which no check of it accepts. */
static bool split_token(struct str token, struct token_parts *parts) {
    size_t first_dot = str_find_byte(token, '.');
    struct str rest = str_slice(token, first_dot + 1, SIZE_MAX);
    size_t second_dot = str_find_byte(rest, '.');
    if (second_dot == rest.size) {
        return false;
    }
    parts->header = str_slice(token, 0, first_dot);
    parts->payload = str_slice(rest, 0, second_dot);
    parts->signed_text = str_slice(token, 0, first_dot + 1 + second_dot);
    parts->signature = str_slice(rest, second_dot + 1, SIZE_MAX);
    return str_find_byte(parts->signature, '.') == parts->signature.size;
}

/* A JSON object out of base64url; NULL when it is not one. Duplicate members are refused. */
static json_t *decode_object(struct arena *arena, struct str text) {
    struct str bytes;
    if (!base64url_decode(arena, text, &bytes)) {
        return NULL;
    }
    json_error_t error;
    json_t *object = json_loadb(bytes.data, bytes.size, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(object)) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static bool member_is(const json_t *object, const char *name, const char *value) {
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL && strcmp(text, value) == 0;
}

/*
 * The algorithm is ours to choose, never the token's: anything but HS256 is refused before a key is
 * touched, and so are members that ask for more (crit, kid, jku, jwk, x5u).
 */
static bool header_is_ours(const json_t *header) {
    bool has_type = json_object_get(header, "typ") != NULL;
    return member_is(header, "alg", "HS256") && (!has_type || member_is(header, "typ", "JWT")) &&
           json_object_size(header) == (has_type ? 2 : 1);
}

static bool check_header(struct arena *arena, struct str text) {
    json_t *header = decode_object(arena, text);
    bool valid = header != NULL && header_is_ours(header);
    json_decref(header);
    return valid;
}

static bool signature_matches(struct str key, struct str signed_text, struct str signature) {
    unsigned char expected[TOKEN_DIGEST_BYTES];
    unsigned expected_size = 0;
    /* An empty key would verify whatever is signed with an empty key. */
    CHECK(key.size >= TOKEN_SECRET_MIN_BYTES && key.size <= INT32_MAX);
    if (HMAC(EVP_sha256(), key.data, (int)key.size, (const unsigned char *)signed_text.data,
             signed_text.size, expected, &expected_size) == NULL) {
        return false;
    }
    return str_equals_in_constant_time(signature,
                                       (struct str){(const char *)expected, expected_size});
}

static bool check_signature(const struct token_keys *keys, struct arena *arena,
                            const struct token_parts *parts) {
    struct str signature;
    if (!base64url_decode(arena, parts->signature, &signature)) {
        return false;
    }
    return signature_matches(keys->current, parts->signed_text, signature) ||
           (!str_is_absent(keys->previous) &&
            signature_matches(keys->previous, parts->signed_text, signature));
}

/* A positive decimal in the one way it can be written: "7", neither "07" nor "+7" nor 7. */
static bool read_id(const json_t *claims, const char *name, int64_t *id) {
    const json_t *claim = json_object_get(claims, name);
    struct str text = {json_string_value(claim), json_string_length(claim)};
    return text.size > 0 && text.data[0] != '0' && str_to_int64(text, id) && *id > 0;
}

/* A JSON integer of seconds: 1.0 and 1e3 are not, and nothing that overflows in milliseconds. */
static bool read_time(const json_t *claims, const char *name, int64_t *time_ms) {
    const json_t *claim = json_object_get(claims, name);
    if (!json_is_integer(claim)) {
        return false;
    }
    int64_t seconds = json_integer_value(claim);
    if (seconds < 0 || seconds > INT64_MAX / 1000) {
        return false;
    }
    *time_ms = seconds * 1000;
    return true;
}

bool token_is_timely(const struct token_claims *claims, int64_t now_ms) {
    return now_ms < claims->expires_at_ms &&
           claims->not_before_ms <= now_ms + TOKEN_CLOCK_SKEW_MS &&
           claims->issued_at_ms <= now_ms + TOKEN_CLOCK_SKEW_MS;
}

static bool read_claims(const json_t *payload, int64_t now_ms, struct token_claims *claims) {
    /* A claim unknown here may narrow what the token is good for, so it is not passed over. */
    if (json_object_size(payload) != TOKEN_CLAIM_COUNT) {
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(fixed_claims); i++) {
        if (!member_is(payload, fixed_claims[i].name, fixed_claims[i].value)) {
            return false;
        }
    }
    if (!read_id(payload, "sub", &claims->user_id) ||
        !read_id(payload, "sid", &claims->session_id) ||
        !read_time(payload, "iat", &claims->issued_at_ms) ||
        !read_time(payload, "nbf", &claims->not_before_ms) ||
        !read_time(payload, "exp", &claims->expires_at_ms)) {
        return false;
    }
    return token_is_timely(claims, now_ms) &&
           claims->expires_at_ms - claims->issued_at_ms <= TOKEN_ACCESS_LIFETIME_MS;
}

struct fault token_verify_access(const struct token_keys *keys, struct arena *arena,
                                 struct str token, int64_t now_ms, struct token_claims *claims) {
    struct token_parts parts;
    ENSURE(token.size <= TOKEN_MAX_BYTES && split_token(token, &parts), FAULT_UNAUTHENTICATED);
    ENSURE(check_header(arena, parts.header), FAULT_UNAUTHENTICATED);
    ENSURE(check_signature(keys, arena, &parts), FAULT_UNAUTHENTICATED);

    struct token_claims found = {0};
    json_t *payload = decode_object(arena, parts.payload);
    bool valid = payload != NULL && read_claims(payload, now_ms, &found);
    json_decref(payload);
    ENSURE(valid, FAULT_UNAUTHENTICATED);
    *claims = found;
    return fault_none();
}

struct fault token_make_refresh(struct arena *arena, struct str *token,
                                struct refresh_digest *digest) {
    unsigned char random[32];
    if (RAND_bytes(random, sizeof random) != 1) {
        log_error("token.no_random_bytes", LOG_NOTHING);
        return fault_of(FAULT_INTERNAL);
    }
    struct str text = base64url_encode(arena, (struct str){(const char *)random, sizeof random});
    OPENSSL_cleanse(random, sizeof random);
    CHECK(text.size == TOKEN_REFRESH_TEXT_BYTES);
    ENSURE(EVP_Digest(text.data, text.size, digest->bytes, NULL, EVP_sha256(), NULL) == 1,
           FAULT_INTERNAL);
    *token = text;
    return fault_none();
}
