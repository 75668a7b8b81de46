#include "server/security/cart_token.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/buf.h"
#include "server/security/base64url.h"

#define RANDOM_BYTES 24
#define SIGNATURE_BYTES 16
#define DIGEST_BYTES 32
#define IPV6_NETWORK_BYTES 8

static void sign(const unsigned char *key, struct str text,
                 unsigned char digest[static EVP_MAX_MD_SIZE]) {
    CHECK(HMAC(EVP_sha256(), key, CART_TOKEN_KEY_BYTES, (const unsigned char *)text.data, text.size,
               digest, NULL) != NULL);
}

static struct str hex_of(struct arena *arena, const unsigned char *digest) {
    struct buf hex;
    buf_init(&hex, 2 * DIGEST_BYTES);
    buf_append_hex(&hex, digest, DIGEST_BYTES);
    struct str copy = arena_copy(arena, buf_str(&hex));
    buf_release(&hex);
    return copy;
}

struct str cart_token_make(const struct cart_token_keys *keys, struct arena *arena) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    char bytes[RANDOM_BYTES + SIGNATURE_BYTES];
    CHECK(RAND_bytes((unsigned char *)bytes, RANDOM_BYTES) == 1);
    sign(keys->current, (struct str){bytes, RANDOM_BYTES}, digest);
    memcpy(bytes + RANDOM_BYTES, digest, SIGNATURE_BYTES);
    return base64url_encode(arena, (struct str){bytes, sizeof(bytes)});
}

static bool is_signed_by(const unsigned char *key, struct str bytes) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    sign(key, str_slice(bytes, 0, RANDOM_BYTES), digest);
    return str_equals_in_constant_time((struct str){(const char *)digest, SIGNATURE_BYTES},
                                       str_slice(bytes, RANDOM_BYTES, SIGNATURE_BYTES));
}

bool cart_token_is_genuine(const struct cart_token_keys *keys, struct arena *arena,
                           struct str token) {
    struct str bytes;
    if (!base64url_decode(arena, token, &bytes) || bytes.size != RANDOM_BYTES + SIGNATURE_BYTES) {
        return false;
    }
    bool by_current = is_signed_by(keys->current, bytes);
    bool by_previous = is_signed_by(keys->previous, bytes);
    return by_current || by_previous;
}

struct str cart_token_owner(struct arena *arena, struct str token) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    CHECK(EVP_Digest(token.data, token.size, digest, NULL, EVP_sha256(), NULL) == 1);
    return hex_of(arena, digest);
}

/* Of IPv6 its network, as a /64 is what one subscriber has; IPv4 that came through IPv6 is IPv4. */
struct str cart_token_place(const struct cart_token_keys *keys, struct arena *arena,
                            struct str address) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    struct in6_addr ipv6;
    struct str place = address;
    char ipv4[INET_ADDRSTRLEN];
    bool is_ipv6 = inet_pton(AF_INET6, arena_c_string(arena, address), &ipv6) == 1;
    if (is_ipv6 && IN6_IS_ADDR_V4MAPPED(&ipv6)) {
        place = str_of(inet_ntop(AF_INET, &ipv6.s6_addr[12], ipv4, sizeof(ipv4)));
    } else if (is_ipv6) {
        place = (struct str){(const char *)ipv6.s6_addr, IPV6_NETWORK_BYTES};
    }
    sign(keys->current, place, digest);
    return hex_of(arena, digest);
}
