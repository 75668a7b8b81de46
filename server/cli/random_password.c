#include "server/cli/random_password.h"

#include <openssl/rand.h>

static const char alphabet[] = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

static char random_character(void) {
    const unsigned count = sizeof(alphabet) - 1;
    /* Bytes of the last, incomplete run of the alphabet are thrown away: they would favour its
     * beginning. */
    const unsigned usable = 256 - 256 % count;
    unsigned char byte = 0;
    do {
        CHECK(RAND_bytes(&byte, 1) == 1);
    } while (byte >= usable);
    return alphabet[byte % count];
}

struct str random_password(struct arena *arena) {
    char *text = arena_alloc(arena, RANDOM_PASSWORD_BYTES + 1);
    for (size_t i = 0; i < RANDOM_PASSWORD_BYTES; i++) {
        text[i] = random_character();
    }
    return (struct str){text, RANDOM_PASSWORD_BYTES};
}
