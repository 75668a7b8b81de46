/*
 * health: whether the server lives and what it can reach, and the API's own description.
 */
#ifndef AIZY_SERVER_API_HEALTH_HEALTH_H
#define AIZY_SERVER_API_HEALTH_HEALTH_H

#include "server/api/job.h"
#include "server/api/schema.h"

extern const struct schema liveness_schema;
extern const struct schema readiness_schema;
extern const struct schema any_object_schema;

struct fault health_live(struct job *job);

/* 200 while at least one store serves, so that a balancer keeps what still works. */
struct fault health_ready(struct job *job);

struct fault health_openapi(struct job *job);

#endif
