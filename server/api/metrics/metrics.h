/*
 * metrics: GET /metrics, what base/metric.h counts and what is measured when somebody asks.
 */
#ifndef AIZY_SERVER_API_METRICS_METRICS_H
#define AIZY_SERVER_API_METRICS_METRICS_H

#include "server/api/job.h"

/* Prometheus' text format 0.0.4. On the loop: it asks no store, so it answers when they hang. */
struct fault metrics_show(struct job *job);

/* Brings the figures that are kept elsewhere (pools, stores, cache, process) up to date. */
void metrics_measure(struct app *app);

#endif
