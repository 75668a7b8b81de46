/*
 * encoding: which content coding a client prefers (RFC 9110, section 12.5.3).
 */
#ifndef AIZY_SERVER_API_ENCODING_H
#define AIZY_SERVER_API_ENCODING_H

#include "base/str.h"

/*
 * Whether an Accept-Encoding, absent where there was none, takes gzip (or x-gzip, or by `*`) and
 * likes the plain bytes no better. Weights are compared; what is no weight counts as 0. Who refuses
 * the plain bytes as well gets them nevertheless where nothing else is there, as the section has
 * it.
 */
MUST_USE bool encoding_prefers_gzip(struct str accept_encoding);

#endif
