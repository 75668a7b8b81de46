/*
 * schema_json: a text as JSON, strictly, for the schema modules alone.
 */
#ifndef AIZY_SERVER_API_SCHEMA_JSON_H
#define AIZY_SERVER_API_SCHEMA_JSON_H

#include <jansson.h>

#include "base/str.h"

/*
 * One value of RFC 8259 in UTF-8, at most 64 deep, without duplicate names and without U+0000; NULL
 * when it is anything else. The caller gives it back with json_decref.
 */
json_t *schema_json_parse(struct str json);

#endif
