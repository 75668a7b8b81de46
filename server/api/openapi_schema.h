/*
 * openapi_schema: schemas as JSON Schema 2020-12, for openapi.c alone.
 */
#ifndef AIZY_SERVER_API_OPENAPI_SCHEMA_H
#define AIZY_SERVER_API_OPENAPI_SCHEMA_H

#include <jansson.h>

#include "server/api/schema.h"

/* A new reference: {"$ref": ...}. Adds the schema, and those it uses, to `components`. */
json_t *openapi_schema_reference(const struct schema *schema, bool is_reply, json_t *components);

/* A new reference: what a single member looks like. */
json_t *openapi_field_schema(const struct field *field, bool is_reply, json_t *components);

/* json_object_set_new, CHECKed: the document is built once, from constants. */
void openapi_set(json_t *object, const char *name, json_t *value);

#endif
