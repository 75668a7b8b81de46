/*
 * cart_token: what a guest shows to be the one who reserved.
 *
 * 24 random bytes and a signature (HMAC-SHA256, 16 bytes of it) in base64url: one that this shop
 * did not make is refused without asking a store, and nobody can choose a weak one. It says nothing
 * about the guest. Stores keep its digest alone.
 */
#ifndef AIZY_SERVER_SECURITY_CART_TOKEN_H
#define AIZY_SERVER_SECURITY_CART_TOKEN_H

#include "base/arena.h"
#include "base/str.h"

#define CART_TOKEN_KEY_BYTES 32

struct cart_token_keys {
    unsigned char current[CART_TOKEN_KEY_BYTES];
    unsigned char previous[CART_TOKEN_KEY_BYTES]; /* the same when there is no other */
};

/* A new one, in the arena. */
struct str cart_token_make(const struct cart_token_keys *keys, struct arena *arena);

/* Whether it was made here; the comparison takes the same time whatever it is. */
MUST_USE bool cart_token_is_genuine(const struct cart_token_keys *keys, struct arena *arena,
                                    struct str token);

/*
 * Whose it is, for a store: hexadecimal, in the arena. A plain SHA-256, as the token cannot be
 * guessed: so a change of the keys leaves guests what is theirs.
 */
struct str cart_token_owner(struct arena *arena, struct str token);

/* A keyed digest of where a guest comes from: stores need to count by it, not to know it. */
struct str cart_token_place(const struct cart_token_keys *keys, struct arena *arena,
                            struct str address);

#endif
