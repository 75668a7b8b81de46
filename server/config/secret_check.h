/*
 * secret_check: whether a secret is one that others know or would guess first.
 */
#ifndef AIZY_SERVER_CONFIG_SECRET_CHECK_H
#define AIZY_SERVER_CONFIG_SECRET_CHECK_H

#include "base/str.h"

#define SECRET_MAX_BYTES 4096

/*
 * NULL, or what is wrong as the second half of a sentence. Known are the secrets of tutorials and
 * example files ("changeme", "your-super-secret-jwt-key"), however they are cased, repeated, cut,
 * joined or padded, and those of very few different characters.
 */
const char *secret_problem(struct str secret, size_t min_bytes);

#endif
