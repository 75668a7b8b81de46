/*
 * url: percent-encoding (RFC 3986, section 2.1), as paths and query strings use it.
 */
#ifndef AIZY_SERVER_API_URL_H
#define AIZY_SERVER_API_URL_H

#include "base/arena.h"

/* Decodes %XX once, into the arena. False for a bad escape, NUL or bad UTF-8; '+' stays. */
MUST_USE bool url_decode(struct str text, struct arena *arena, struct str *decoded);

#endif
