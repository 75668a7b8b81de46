/* token_verify_access: nothing unsigned passes, and of what is signed only what is a token. */
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "server/security/base64url.h"
#include "server/security/token.h"
#include "tests/fuzz/fuzz.h"

#define NOW_MS 1780000000500

enum mode { MODE_RAW, MODE_PAYLOAD, MODE_HEADER_AND_PAYLOAD, MODE_COUNT };

static struct str sign(struct arena *arena, struct str key, struct str header, struct str payload) {
    struct str text = arena_printf(arena, "%.*s.%.*s", STR_ARG(base64url_encode(arena, header)),
                                   STR_ARG(base64url_encode(arena, payload)));
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    CHECK(HMAC(EVP_sha256(), key.data, (int)key.size, (const unsigned char *)text.data, text.size,
               mac, &size) != NULL);
    struct str signature = base64url_encode(arena, (struct str){(const char *)mac, size});
    return arena_printf(arena, "%.*s.%.*s", STR_ARG(text), STR_ARG(signature));
}

static void check_accepted(const struct token_keys *keys, struct arena *arena, struct str token,
                           const struct token_claims *claims) {
    struct token_claims again;
    CHECK(claims->user_id > 0 && claims->session_id > 0);
    CHECK(claims->expires_at_ms > NOW_MS && claims->issued_at_ms <= NOW_MS + 5000);
    CHECK(claims->expires_at_ms - claims->issued_at_ms <= TOKEN_ACCESS_LIFETIME_MS);
    for (size_t i = 0; i < 8; i++) {
        size_t at = (size_t)(claims->user_id + claims->session_id + (int64_t)i * 37) % token.size;
        CHECK(fault_occurred(
            token_verify_access(keys, arena, fuzz_changed(arena, token, at), NOW_MS, &again)));
    }
    CHECK(fault_occurred(token_verify_access(keys, arena, token, claims->expires_at_ms, &again)));
}

void fuzz_one(struct str input, struct arena *arena) {
    static const struct str ours = STR_INIT("a-key-of-the-fuzz-tests-0123456789abcdef");
    static const struct str others = STR_INIT("somebody-elses-key-0123456789abcdefghijkl");
    struct token_keys keys;
    token_keys_init(&keys, ours, (struct str){0});
    enum mode mode = fuzz_take_byte(&input) % MODE_COUNT;
    struct token_claims claims = {0};
    if (mode == MODE_RAW) {
        CHECK(fault_occurred(token_verify_access(&keys, arena, input, NOW_MS, &claims)));
        return;
    }
    struct str header = STR("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
    if (mode == MODE_HEADER_AND_PAYLOAD) {
        header = fuzz_take_line(&input);
    }
    struct str forged = sign(arena, others, header, input);
    CHECK(fault_occurred(token_verify_access(&keys, arena, forged, NOW_MS, &claims)));
    struct str token = sign(arena, ours, header, input);
    if (!fault_occurred(token_verify_access(&keys, arena, token, NOW_MS, &claims))) {
        check_accepted(&keys, arena, token, &claims);
    }
}
