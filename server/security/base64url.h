/*
 * base64url: bytes as text that needs no quoting anywhere (RFC 4648, section 5), without padding.
 */
#ifndef AIZY_SERVER_SECURITY_BASE64URL_H
#define AIZY_SERVER_SECURITY_BASE64URL_H

#include "base/arena.h"
#include "base/str.h"

/* In the arena; never absent. */
struct str base64url_encode(struct arena *arena, struct str bytes);

/*
 * Strict: false for '=', white space, a length that cannot be, and bits set behind the last byte,
 * so that every run of bytes has exactly one text. `bytes` is in the arena.
 */
MUST_USE bool base64url_decode(struct arena *arena, struct str text, struct str *bytes);

#endif
