#include "server/api/auth/address.h"

struct str address_normalise_email(struct str email, struct arena *arena) {
    char *text = arena_alloc(arena, email.size + 1);
    for (size_t i = 0; i < email.size; i++) {
        char byte = email.data[i];
        text[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
    }
    return (struct str){text, email.size};
}
