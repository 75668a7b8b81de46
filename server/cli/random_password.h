/*
 * random_password: a password that nobody has to think of.
 */
#ifndef AIZY_SERVER_CLI_RANDOM_PASSWORD_H
#define AIZY_SERVER_CLI_RANDOM_PASSWORD_H

#include "base/arena.h"

#define RANDOM_PASSWORD_BYTES 24

/* Letters and digits that are not mistaken for each other, each equally likely: 139 bits. */
struct str random_password(struct arena *arena);

#endif
