/*
 * money: amounts in minor units, and the currencies of ISO 4217.
 */
#ifndef AIZY_BASE_MONEY_H
#define AIZY_BASE_MONEY_H

#include <stdint.h>

#include "base/str.h"

/* The number of decimals of a currency (JPY 0, USD 2, KWD 3); -1 when it is none. */
int currency_exponent(struct str code);

/*
 * "19.99" by a currency's exponent to 1999: ASCII digits with at most one '.' between them, no
 * sign, no space, no more decimals than the currency has. False for anything else, and on overflow.
 */
MUST_USE bool money_parse(struct str text, int exponent, int64_t *minor);

/* Of the largest amount, and a NUL. */
#define MONEY_TEXT_BYTES 48

/* The other way round, with all of the currency's decimals: 1999 to "19.99". Not below zero. */
void money_print(int64_t minor, int exponent, char text[static MONEY_TEXT_BYTES]);

#endif
