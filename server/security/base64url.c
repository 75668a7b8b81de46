#include "server/security/base64url.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct str base64url_encode(struct arena *arena, struct str bytes) {
    char *text = arena_alloc(arena, (bytes.size * 4 + 2) / 3 + 1);
    size_t size = 0;
    unsigned pending = 0;
    unsigned pending_bits = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        pending = (pending << 8 | (unsigned char)bytes.data[i]) & 0xFFFF;
        pending_bits += 8;
        while (pending_bits >= 6) {
            pending_bits -= 6;
            text[size++] = letters[pending >> pending_bits & 63];
        }
    }
    if (pending_bits > 0) {
        text[size++] = letters[pending << (6 - pending_bits) & 63];
    }
    return (struct str){text, size};
}

bool base64url_decode(struct arena *arena, struct str text, struct str *bytes) {
    char *decoded = arena_alloc(arena, text.size * 3 / 4 + 1);
    size_t size = 0;
    unsigned pending = 0;
    unsigned pending_bits = 0;
    for (size_t i = 0; i < text.size; i++) {
        const char *letter = memchr(letters, text.data[i], sizeof letters - 1);
        if (letter == NULL) {
            return false;
        }
        pending = (pending << 6 | (unsigned)(letter - letters)) & 0xFFFF;
        pending_bits += 6;
        if (pending_bits >= 8) {
            pending_bits -= 8;
            decoded[size++] = (char)(pending >> pending_bits & 0xFF);
        }
    }
    /* A single letter more than whole bytes, or bits that say nothing: a second text for the same.
     */
    if (pending_bits >= 6 || (pending & ((1U << pending_bits) - 1)) != 0) {
        return false;
    }
    *bytes = (struct str){decoded, size};
    return true;
}
