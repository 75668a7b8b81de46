/*
 * address: e-mail addresses as accounts know them.
 */
#ifndef AIZY_SERVER_API_AUTH_ADDRESS_H
#define AIZY_SERVER_API_AUTH_ADDRESS_H

#include "base/arena.h"

/*
 * In lower case, ASCII as FORMAT_EMAIL leaves it: providers treat case alike, and two accounts that
 * differ in case alone would be taken for one another. Nothing else is folded: dots and tags
 * differ.
 */
struct str address_normalise_email(struct str email, struct arena *arena);

#endif
