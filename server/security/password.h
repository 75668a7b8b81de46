/*
 * password: Argon2id (RFC 9106), through libargon2.
 *
 * m = 19,456 KiB, t = 2, p = 1, 16 bytes of salt, 32 of tag, in PHC text. One call takes about 33
 * ms of one core and 19 MiB, so both functions run only on workers of the hash pool, which bounds
 * how many run at once.
 */
#ifndef AIZY_SERVER_SECURITY_PASSWORD_H
#define AIZY_SERVER_SECURITY_PASSWORD_H

#include "base/arena.h"
#include "base/fault.h"

#define PASSWORD_MIN_CHARACTERS 8
#define PASSWORD_MAX_BYTES 1024

/* The longest PHC text that is stored or verified. */
#define PASSWORD_HASH_MAX_BYTES 255

/* The bytes as they are: nothing is trimmed, folded or cut; FAULT_INVALID beyond the maximum. */
MUST_USE struct fault password_hash(struct arena *arena, struct str password, struct str *hash);

/*
 * Sets *matches. With an absent `hash` (no such account, or one without a password) it costs the
 * same as with one, and never matches. A hash that is not Argon2id in PHC text, or that wants more
 * than 128 MiB, 16 passes or 16 lanes, is a FAULT_INTERNAL.
 */
MUST_USE struct fault password_verify(struct str password, struct str hash, bool *matches);

/* Whether the hash is unreadable or made with weaker parameters than password_hash uses now. */
bool password_needs_rehash(struct str hash);

#endif
