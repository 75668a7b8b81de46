/*
 * store_figures: what both drivers' choke points count of each call, for GET /metrics.
 */
#ifndef AIZY_STORES_STORE_FIGURES_H
#define AIZY_STORES_STORE_FIGURES_H

#include "base/metric.h"
#include "stores/store_watch.h"

/* `store` and `call` are static words of this program. */
static inline void store_figures_note(const char *store, const char *call, bool is_done,
                                      enum store_outcome outcome, int64_t elapsed_us) {
    static const char *const failures[] = {
        [STORE_ANSWERED] = "refused", [STORE_UNREACHED] = "unreached", [STORE_MUTE] = "mute"};
    metric_add(METRIC_STORE_CALLS, METRIC_LABELS(store, call, is_done ? "ok" : failures[outcome]),
               1);
    metric_observe(METRIC_STORE_DURATION, METRIC_LABELS(store), elapsed_us);
}

#endif
