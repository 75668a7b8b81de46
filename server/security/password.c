#include "server/security/password.h"

#include <argon2.h>
#include <openssl/rand.h>

#include "base/log.h"

#define PASSWORD_MEMORY_KIB 19456
#define PASSWORD_PASSES 2
#define PASSWORD_LANES 1
#define PASSWORD_SALT_BYTES 16
#define PASSWORD_TAG_BYTES 32

/* What a stored hash may cost at most: it may come from an import. */
#define PASSWORD_MAX_MEMORY_KIB (128 * 1024)
#define PASSWORD_MAX_PASSES 16
#define PASSWORD_MAX_LANES 16

/* The lengths in base64 without padding. */
#define PASSWORD_SALT_TEXT_BYTES 22
#define PASSWORD_TAG_TEXT_BYTES 43

#define TEXT_OF_VALUE(value) #value
#define TEXT_OF(macro) TEXT_OF_VALUE(macro)

/* Stands in for an account that is not there: same parameters, same cost, the answer is not used.
 */
static const char absent_hash[] =
    "$argon2id$v=19$m=" TEXT_OF(PASSWORD_MEMORY_KIB) ",t=" TEXT_OF(PASSWORD_PASSES) ",p=" TEXT_OF(
        PASSWORD_LANES) "$YWl6eSBoYXMgbm9ib2R5IQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

struct hash_parameters {
    int64_t memory_kib;
    int64_t passes;
    int64_t lanes;
    size_t salt_text_bytes;
    size_t tag_text_bytes;
};

struct fault password_hash(struct arena *arena, struct str password, struct str *hash) {
    ENSURE(password.size <= PASSWORD_MAX_BYTES, FAULT_INVALID);
    unsigned char salt[PASSWORD_SALT_BYTES];
    if (RAND_bytes(salt, sizeof salt) != 1) {
        log_error("password.no_random_bytes", LOG_NOTHING);
        return fault_of(FAULT_INTERNAL);
    }
    char text[PASSWORD_HASH_MAX_BYTES + 1];
    int result = argon2id_hash_encoded(PASSWORD_PASSES, PASSWORD_MEMORY_KIB, PASSWORD_LANES,
                                       password.data, password.size, salt, sizeof salt,
                                       PASSWORD_TAG_BYTES, text, sizeof text);
    if (result != ARGON2_OK) {
        log_error("password.hash_failed", LOG_TEXT("reason", argon2_error_message(result)));
        return fault_of(FAULT_INTERNAL);
    }
    *hash = arena_copy(arena, str_of(text));
    return fault_none();
}

/* Takes "name=number" off the front of a comma-separated list. */
static bool take_parameter(struct str *list, const char *name, int64_t *value) {
    struct str piece;
    if (!str_next(list, ',', &piece)) {
        return false;
    }
    size_t equals = str_find_byte(piece, '=');
    return str_equals(str_slice(piece, 0, equals), str_of(name)) &&
           str_to_int64(str_slice(piece, equals + 1, SIZE_MAX), value) && *value > 0;
}

/* $argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag> */
static bool read_parameters(struct str hash, struct hash_parameters *parameters) {
    struct str rest = hash;
    struct str list;
    struct str salt;
    struct str tag;
    if (!str_starts_with(rest, STR("$argon2id$v=19$"))) {
        return false;
    }
    rest = str_slice(rest, sizeof "$argon2id$v=19$" - 1, SIZE_MAX);
    if (!str_next(&rest, '$', &list) || !str_next(&rest, '$', &salt) ||
        !str_next(&rest, '$', &tag) || !str_is_empty(rest)) {
        return false;
    }
    parameters->salt_text_bytes = salt.size;
    parameters->tag_text_bytes = tag.size;
    return take_parameter(&list, "m", &parameters->memory_kib) &&
           take_parameter(&list, "t", &parameters->passes) &&
           take_parameter(&list, "p", &parameters->lanes) && str_is_empty(list);
}

static bool is_affordable(struct str hash) {
    struct hash_parameters parameters;
    return hash.size <= PASSWORD_HASH_MAX_BYTES && read_parameters(hash, &parameters) &&
           parameters.memory_kib <= PASSWORD_MAX_MEMORY_KIB &&
           parameters.passes <= PASSWORD_MAX_PASSES && parameters.lanes <= PASSWORD_MAX_LANES;
}

struct fault password_verify(struct str password, struct str hash, bool *matches) {
    *matches = false;
    struct str checked = str_is_absent(hash) ? STR(absent_hash) : hash;
    if (!is_affordable(checked)) {
        log_error("password.unusable_hash", LOG_INT("bytes", hash.size));
        return fault_of(FAULT_INTERNAL);
    }
    char text[PASSWORD_HASH_MAX_BYTES + 1] = {0};
    memcpy(text, checked.data, checked.size);
    int result = argon2id_verify(text, password.data, password.size);
    if (result != ARGON2_OK && result != ARGON2_VERIFY_MISMATCH) {
        log_error("password.verify_failed", LOG_TEXT("reason", argon2_error_message(result)));
        return fault_of(FAULT_INTERNAL);
    }
    *matches = result == ARGON2_OK && !str_is_absent(hash);
    return fault_none();
}

bool password_needs_rehash(struct str hash) {
    struct hash_parameters parameters;
    return !read_parameters(hash, &parameters) || parameters.memory_kib < PASSWORD_MEMORY_KIB ||
           parameters.passes < PASSWORD_PASSES ||
           parameters.salt_text_bytes < PASSWORD_SALT_TEXT_BYTES ||
           parameters.tag_text_bytes < PASSWORD_TAG_TEXT_BYTES;
}
