/*
 * format: what a text of a given format must look like.
 */
#ifndef AIZY_SERVER_API_FORMAT_H
#define AIZY_SERVER_API_FORMAT_H

#include "server/api/schema.h"

/* NULL when `text` has the format, else what it must be: "must be ...". */
const char *format_complaint(enum field_format format, struct str text);

/* Its name in the OpenAPI document; NULL for FORMAT_NONE. */
const char *format_name(enum field_format format);

/*
 * An address as HTML's forms take it, with a domain of two labels or more: at most 254 bytes,
 * ASCII, one '@', a local part of at most 64 of the usual characters that neither begins nor ends
 * with a dot nor has two in a row. Stricter than RFC 5321, which allows much that no mailbox uses.
 */
bool format_email_is_valid(struct str text);

#endif
