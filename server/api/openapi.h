/*
 * openapi: the API as an OpenAPI 3.1 document, written from the table of routes and its schemas.
 */
#ifndef AIZY_SERVER_API_OPENAPI_H
#define AIZY_SERVER_API_OPENAPI_H

#include "base/arena.h"

/* The document as JSON, in the arena. */
struct str openapi_render(struct arena *arena);

#endif
