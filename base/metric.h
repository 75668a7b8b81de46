/*
 * metric: figures for those who watch the server, as rows of metrics.def.
 *
 * A counter only grows, a gauge is what it is now, a histogram counts values by size. A row has one
 * series for each combination of label values that occurred. Label values are static strings of
 * this program; a row keeps METRIC_SERIES_MAX series, and whatever comes beyond counts together
 * under the values "other".
 *
 * Any thread may call anything. Adding takes no lock but at the first use of a series: a thread
 * adds to its own line of the cache, with relaxed atomics, in a few nanoseconds. What is read
 * meanwhile is right for some moment of each single figure. The text is Prometheus' exposition
 * format 0.0.4.
 */
#ifndef AIZY_BASE_METRIC_H
#define AIZY_BASE_METRIC_H

#include <stdint.h>

#include "base/buf.h"

enum metric {
#define METRIC(id, kind, unit, name, labels, help) METRIC_##id,
#include "base/metrics.def"
#undef METRIC
    METRIC_COUNT
};

#define METRIC_LABELS_MAX 3
#define METRIC_SERIES_MAX 512

/* Upper bounds of a histogram: 2^4 us (16 us) doubling to 2^24 us (16.8 s), and infinity. */
#define METRIC_BOUND_FIRST 4
#define METRIC_BOUND_LAST 24
#define METRIC_BUCKETS (METRIC_BOUND_LAST - METRIC_BOUND_FIRST + 2)

/* As many as the row has labels, in its order; NULL for the rest. */
struct metric_labels {
    const char *values[METRIC_LABELS_MAX];
};

#define METRIC_LABELS(...)        \
    (struct metric_labels) {      \
        .values = { __VA_ARGS__ } \
    }
#define METRIC_NO_LABELS METRIC_LABELS(NULL)

/* For counters (`amount` not negative) and for gauges that count up and down. */
void metric_add(enum metric metric, struct metric_labels labels, int64_t amount);

/* For a gauge that is measured when somebody asks. */
void metric_set(enum metric metric, struct metric_labels labels, int64_t value);

/* For a counter that is kept elsewhere: what it stands at. It never goes back, whoever is late. */
void metric_raise(enum metric metric, struct metric_labels labels, int64_t value);

/* For a histogram. */
void metric_observe(enum metric metric, struct metric_labels labels, int64_t value);

/* Of a counter or gauge: what it stands at; of a histogram: how many values. 0 when unknown. */
int64_t metric_value(enum metric metric, struct metric_labels labels);

/* Every series that occurred, row by row, in the exposition format. */
void metric_write_text(struct buf *text);

#endif
