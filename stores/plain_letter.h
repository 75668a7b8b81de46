/*
 * plain_letter: Latin letters that Unicode does not decompose into a plain letter and a mark.
 */
#ifndef AIZY_STORES_PLAIN_LETTER_H
#define AIZY_STORES_PLAIN_LETTER_H

#include <stdint.h>

/* What people type for it, such as "ae": static; NULL: it is not one of these. In lower case. */
const char *plain_letter(int32_t code_point);

#endif
