#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "server/security/base64url.h"
#include "server/security/token.h"

#define CURRENT "current-key-of-the-tests-0123456789abcdef"
#define PREVIOUS "previous-key-of-the-tests-0123456789abcde"
#define STRANGER "somebody-elses-key-0123456789abcdefghijkl"

#define NOW_MS 1780000000500
#define HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define FIXED "\"iss\":\"aizy\",\"aud\":\"aizy\",\"purpose\":\"access\""
#define IDS "\"sub\":\"7\",\"sid\":\"42\""
#define TIMES "\"iat\":1780000000,\"nbf\":1780000000,\"exp\":1780000900"
#define PAYLOAD "{" FIXED "," IDS "," TIMES "}"

static struct arena arena;
static struct token_keys keys;

static int set_up(void **state) {
    (void)state;
    arena_init(&arena, 1 << 24);
    token_keys_init(&keys, STR(CURRENT), STR(PREVIOUS));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_release(&arena);
    return 0;
}

static struct str encode(const char *text) {
    return base64url_encode(&arena, str_of(text));
}

static struct str sign_with(const EVP_MD *hash, const char *key, struct str signed_text) {
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    assert_non_null(HMAC(hash, key, (int)strlen(key), (const unsigned char *)signed_text.data,
                         signed_text.size, mac, &size));
    return base64url_encode(&arena, (struct str){(const char *)mac, size});
}

/* A token of this header and payload, whatever they are, properly signed. */
static struct str make_token(const EVP_MD *hash, const char *key, const char *header,
                             const char *payload) {
    struct str signed_text =
        arena_printf(&arena, "%.*s.%.*s", STR_ARG(encode(header)), STR_ARG(encode(payload)));
    return arena_printf(&arena, "%.*s.%.*s", STR_ARG(signed_text),
                        STR_ARG(sign_with(hash, key, signed_text)));
}

static struct str make_good(void) {
    return make_token(EVP_sha256(), CURRENT, HEADER, PAYLOAD);
}

static bool is_accepted_at(struct str token, int64_t now_ms) {
    struct token_claims claims = {.user_id = -1};
    struct fault fault = token_verify_access(&keys, &arena, token, now_ms, &claims);
    assert_true(!fault_occurred(fault) || fault_is(fault, FAULT_UNAUTHENTICATED));
    /* A refusal says nothing about whom the token would have named. */
    assert_true(claims.user_id == (fault_occurred(fault) ? -1 : 7));
    return !fault_occurred(fault);
}

static bool is_accepted(struct str token) {
    return is_accepted_at(token, NOW_MS);
}

static void signs_what_it_verifies(void **state) {
    (void)state;
    struct str token;
    struct token_claims claims;
    assert_false(fault_occurred(token_sign_access(&keys, &arena, INT64_MAX, 42, NOW_MS, &token)));
    assert_true(str_starts_with(token, encode(HEADER)));
    assert_false(fault_occurred(token_verify_access(&keys, &arena, token, NOW_MS, &claims)));
    assert_true(claims.user_id == INT64_MAX);
    assert_true(claims.session_id == 42);
    assert_true(claims.issued_at_ms == 1780000000000);
    assert_true(claims.expires_at_ms == 1780000000000 + TOKEN_ACCESS_LIFETIME_MS);
}

static void accepts_the_hand_made_twin(void **state) {
    (void)state;
    assert_true(is_accepted(make_good()));
    assert_true(is_accepted(make_token(EVP_sha256(), CURRENT, "{\"alg\":\"HS256\"}", PAYLOAD)));
}

static void accepts_the_previous_key_while_there_is_one(void **state) {
    (void)state;
    struct str token = make_token(EVP_sha256(), PREVIOUS, HEADER, PAYLOAD);
    assert_true(is_accepted(token));
    token_keys_init(&keys, STR(CURRENT), (struct str){0});
    assert_false(is_accepted(token));
    assert_false(is_accepted(make_token(EVP_sha256(), STRANGER, HEADER, PAYLOAD)));
    assert_false(is_accepted(make_token(EVP_sha256(), "", HEADER, PAYLOAD)));
}

static void refuses_every_other_header(void **state) {
    (void)state;
    static const char *const headers[] = {
        "{\"alg\":\"none\"}",
        "{\"alg\":\"None\",\"typ\":\"JWT\"}",
        "{\"alg\":\"\",\"typ\":\"JWT\"}",
        "{\"alg\":null,\"typ\":\"JWT\"}",
        "{\"alg\":[\"HS256\"],\"typ\":\"JWT\"}",
        "{\"alg\":\"hs256\",\"typ\":\"JWT\"}",
        "{\"alg\":\"HS256 \",\"typ\":\"JWT\"}",
        "{\"alg\":\"HS384\",\"typ\":\"JWT\"}",
        "{\"alg\":\"HS512\",\"typ\":\"JWT\"}",
        "{\"alg\":\"RS256\",\"typ\":\"JWT\"}",
        "{\"alg\":\"ES256\",\"typ\":\"JWT\"}",
        "{\"typ\":\"JWT\"}",
        "{}",
        "[]",
        "\"HS256\"",
        "",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\"",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\"}x",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\"}{}",
        "{\"alg\":\"HS256\",\"alg\":\"HS256\"}",
        "{\"alg\":\"none\",\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"typ\":\"JWT\"}",
        "{\"alg\":\"HS256\",\"\\u0061lg\":\"none\"}",
        "{\"alg\":\"HS256\",\"typ\":\"jwt\"}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"HS256\",\"typ\":null}",
        "{\"alg\":\"HS256\",\"typ\":1}",
        "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"crit\":[\"exp\"]}",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"1\"}",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"jku\":\"https://example.com/keys\"}",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}}",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"x5u\":\"https://example.com/cert\"}",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"b64\":false}",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"zip\":\"DEF\"}",
    };
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        if (is_accepted(make_token(EVP_sha256(), CURRENT, headers[i], PAYLOAD))) {
            fail_msg("accepted the header %s", headers[i]);
        }
    }
}

static void refuses_other_algorithms_signed_their_own_way(void **state) {
    (void)state;
    assert_false(is_accepted(
        make_token(EVP_sha384(), CURRENT, "{\"alg\":\"HS384\",\"typ\":\"JWT\"}", PAYLOAD)));
    assert_false(is_accepted(
        make_token(EVP_sha512(), CURRENT, "{\"alg\":\"HS512\",\"typ\":\"JWT\"}", PAYLOAD)));
    assert_false(is_accepted(make_token(EVP_sha512(), CURRENT, HEADER, PAYLOAD)));
    /* alg none, with no signature at all, and the honest header with none. */
    struct str none = encode("{\"alg\":\"none\",\"typ\":\"JWT\"}");
    struct str ours = encode(HEADER);
    struct str payload = encode(PAYLOAD);
    assert_false(is_accepted(arena_printf(&arena, "%.*s.%.*s.", STR_ARG(none), STR_ARG(payload))));
    assert_false(is_accepted(arena_printf(&arena, "%.*s.%.*s", STR_ARG(none), STR_ARG(payload))));
    assert_false(is_accepted(arena_printf(&arena, "%.*s.%.*s.", STR_ARG(ours), STR_ARG(payload))));
}

/* Each is PAYLOAD with something wrong about it. */
static void refuses_every_other_payload(void **state) {
    (void)state;
#define WITH(fixed, ids, times) "{" fixed "," ids "," times "}"
#define WITH_SUB(sub) WITH(FIXED, "\"sub\":" sub ",\"sid\":\"42\"", TIMES)
#define WITH_EXP(exp) WITH(FIXED, IDS, "\"iat\":1780000000,\"nbf\":1780000000,\"exp\":" exp)
    static const char *const payloads[] = {
        WITH("\"iss\":\"other\",\"aud\":\"aizy\",\"purpose\":\"access\"", IDS, TIMES),
        WITH("\"iss\":\"aizy\",\"aud\":\"other\",\"purpose\":\"access\"", IDS, TIMES),
        WITH("\"iss\":\"aizy\",\"aud\":[\"aizy\"],\"purpose\":\"access\"", IDS, TIMES),
        WITH("\"iss\":\"aizy\",\"aud\":\"aizy\",\"purpose\":\"refresh\"", IDS, TIMES),
        WITH("\"iss\":\"aizy\",\"aud\":\"aizy\",\"purpose\":\"Access\"", IDS, TIMES),
        WITH("\"iss\":\"aizy\",\"aud\":\"aizy\"", IDS, TIMES),
        WITH(FIXED ",\"iss\":\"aizy\"", IDS, TIMES),
        WITH(FIXED ",\"scope\":\"customer\"", IDS, TIMES),
        WITH_SUB("7"),
        WITH_SUB("\"\""),
        WITH_SUB("\"0\""),
        WITH_SUB("\"-7\""),
        WITH_SUB("\"+7\""),
        WITH_SUB("\"07\""),
        WITH_SUB("\" 7\""),
        WITH_SUB("\"7 \""),
        WITH_SUB("\"7.0\""),
        WITH_SUB("\"0x7\""),
        WITH_SUB("\"seven\""),
        WITH_SUB("\"7\\u0000\""),
        WITH_SUB("\"9223372036854775808\""),
        WITH_SUB("null"),
        WITH_SUB("[\"7\"]"),
        WITH_SUB("\"8\",\"sub\":\"7\""),
        WITH(FIXED, "\"sub\":\"7\"", TIMES),
        WITH(FIXED, "\"sub\":\"7\",\"sid\":42", TIMES),
        WITH_EXP("\"1780000900\""),
        WITH_EXP("1780000900.0"),
        WITH_EXP("178000090e1"),
        WITH_EXP("-1"),
        WITH_EXP("0"),
        WITH_EXP("true"),
        WITH_EXP("null"),
        WITH_EXP("1780000901"),
        WITH_EXP("9223372036854775807"),
        WITH_EXP("9223372036854775808"),
        WITH_EXP("18446744073709551616"),
        WITH_EXP("1e999"),
        WITH_EXP("1780000900,\"exp\":1780000900"),
        WITH(FIXED, IDS, "\"iat\":1780000000,\"nbf\":1780000000"),
        WITH(FIXED, IDS, "\"nbf\":1780000000,\"exp\":1780000900"),
        WITH(FIXED, IDS, "\"iat\":1780000000,\"nbf\":1780000006,\"exp\":1780000900"),
        WITH(FIXED, IDS, "\"iat\":1780000006,\"nbf\":1780000000,\"exp\":1780000900"),
        WITH(FIXED, IDS, "\"iat\":-1,\"nbf\":1780000000,\"exp\":1780000900"),
        "{}",
        "[]",
        "null",
        "",
        PAYLOAD "x",
        PAYLOAD PAYLOAD,
        "[" PAYLOAD "]",
    };
    for (size_t i = 0; i < COUNT_OF(payloads); i++) {
        if (is_accepted(make_token(EVP_sha256(), CURRENT, HEADER, payloads[i]))) {
            fail_msg("accepted the payload %s", payloads[i]);
        }
    }
}

static void keeps_to_its_times(void **state) {
    (void)state;
    struct str token = make_good();
    assert_true(is_accepted_at(token, 1780000000000 - 5000));
    assert_false(is_accepted_at(token, 1780000000000 - 5001));
    assert_true(is_accepted_at(token, 1780000900000 - 1));
    assert_false(is_accepted_at(token, 1780000900000));
    assert_false(is_accepted_at(token, INT64_MAX / 2));
}

static void refuses_what_stands_around_the_token(void **state) {
    (void)state;
    static const struct {
        const char *before;
        const char *after;
    } surroundings[] = {
        {" ", ""},  {"", " "},    {"\t", ""},   {"", "\n"},      {"", "\r\n"}, {"", "="},
        {"", "=="}, {"", "."},    {".", ""},    {"", ".e30"},    {"e30.", ""}, {"", "A"},
        {"", "AA"}, {"", "AAAA"}, {"\"", "\""}, {"Bearer ", ""}, {"", ","},
    };
    struct str token = make_good();
    for (size_t i = 0; i < COUNT_OF(surroundings); i++) {
        struct str text = arena_printf(&arena, "%s%.*s%s", surroundings[i].before, STR_ARG(token),
                                       surroundings[i].after);
        if (is_accepted(text)) {
            fail_msg("accepted %s", text.data);
        }
    }
    assert_false(is_accepted(arena_printf(&arena, "%.*s,%.*s", STR_ARG(token), STR_ARG(token))));
    /* A NUL and what follows it belong to the token too. */
    char with_nul[TOKEN_MAX_BYTES] = {0};
    memcpy(with_nul, token.data, token.size);
    assert_false(is_accepted((struct str){with_nul, token.size + 1}));
    assert_false(is_accepted((struct str){0}));
    assert_false(is_accepted(STR("..")));
    assert_false(is_accepted((struct str){arena_alloc(&arena, 1 << 20), 1 << 20}));
}

static void refuses_every_single_changed_bit(void **state) {
    (void)state;
    struct str token = make_good();
    char *changed = arena_alloc(&arena, token.size);
    for (size_t i = 0; i < token.size * 8; i++) {
        memcpy(changed, token.data, token.size);
        changed[i / 8] = (char)(changed[i / 8] ^ 1 << i % 8);
        assert_false(is_accepted((struct str){changed, token.size}));
    }
    for (size_t size = 0; size < token.size; size++) {
        assert_false(is_accepted(str_slice(token, 0, size)));
    }
}

static void makes_refresh_tokens_that_are_no_access_tokens(void **state) {
    (void)state;
    struct str first;
    struct str second;
    struct refresh_digest digest;
    struct refresh_digest other;
    unsigned char expected[TOKEN_DIGEST_BYTES];
    assert_false(fault_occurred(token_make_refresh(&arena, &first, &digest)));
    assert_false(fault_occurred(token_make_refresh(&arena, &second, &other)));
    assert_int_equal(first.size, TOKEN_REFRESH_TEXT_BYTES);
    assert_false(str_equals(first, second));
    assert_int_equal(EVP_Digest(first.data, first.size, expected, NULL, EVP_sha256(), NULL), 1);
    assert_memory_equal(digest.bytes, expected, sizeof expected);
    assert_memory_not_equal(digest.bytes, other.bytes, sizeof expected);
    assert_false(is_accepted(first));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(signs_what_it_verifies, set_up, tear_down),
        cmocka_unit_test_setup_teardown(accepts_the_hand_made_twin, set_up, tear_down),
        cmocka_unit_test_setup_teardown(accepts_the_previous_key_while_there_is_one, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(refuses_every_other_header, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_other_algorithms_signed_their_own_way, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(refuses_every_other_payload, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_to_its_times, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_stands_around_the_token, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_every_single_changed_bit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(makes_refresh_tokens_that_are_no_access_tokens, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
