#include "server/api/metrics/metrics.h"

#include "base/log.h"
#include "base/metric.h"
#include "server/api/metrics/process_figures.h"
#include "server/api/reply.h"

static void measure_pool(struct pool *pool) {
    struct pool_figures figures = pool_figures(pool);
    const struct metric_labels labels = METRIC_LABELS(figures.name);
    metric_set(METRIC_POOL_WORKERS, labels, (int64_t)figures.workers);
    metric_set(METRIC_POOL_BUSY, labels, (int64_t)figures.busy);
    metric_set(METRIC_POOL_WAITING, labels, (int64_t)figures.waiting);
    metric_set(METRIC_POOL_CAPACITY, labels, (int64_t)figures.queue);
    metric_add(METRIC_POOL_REFUSED, labels, 0);
}

static void measure_breaker(struct breaker *breaker) {
    struct breaker_figures figures = breaker_figures(breaker);
    const struct metric_labels labels = METRIC_LABELS(breaker->store);
    metric_set(METRIC_STORE_UP, labels, figures.state != BREAKER_OPEN);
    metric_set(METRIC_BREAKER_STATE, labels, figures.state);
    metric_raise(METRIC_BREAKER_OPENED, labels, (int64_t)figures.opened);
    metric_raise(METRIC_BREAKER_REFUSED, labels, (int64_t)figures.refused);
    metric_raise(METRIC_BREAKER_TRIALS, labels, (int64_t)figures.trials);
}

static void measure_cache(struct cache *cache) {
    struct cache_figures figures = cache_figures(cache);
    metric_raise(METRIC_CACHE_HITS, METRIC_NO_LABELS, (int64_t)figures.hits);
    metric_raise(METRIC_CACHE_MISSES, METRIC_NO_LABELS, (int64_t)figures.misses);
    metric_raise(METRIC_CACHE_REFRESHES, METRIC_NO_LABELS, (int64_t)figures.refreshes);
    metric_raise(METRIC_CACHE_EVICTIONS, METRIC_NO_LABELS, (int64_t)figures.evictions);
    metric_set(METRIC_CACHE_ENTRIES, METRIC_NO_LABELS, (int64_t)figures.entries);
    metric_set(METRIC_CACHE_BYTES, METRIC_NO_LABELS, (int64_t)figures.bytes);
}

static void measure_follower(struct catalogue_follower *follower) {
    struct catalogue_follower_figures figures = catalogue_follower_figures(follower);
    metric_set(METRIC_STREAM_UP, METRIC_NO_LABELS, figures.is_up);
    metric_set(METRIC_STREAM_BEHIND, METRIC_NO_LABELS, figures.is_up ? figures.behind_us : 0);
    metric_raise(METRIC_STREAM_EVENTS, METRIC_NO_LABELS, (int64_t)figures.events);
    metric_raise(METRIC_STREAM_FLUSHES, METRIC_NO_LABELS, (int64_t)figures.flushes);
    metric_raise(METRIC_STREAM_OPENED, METRIC_NO_LABELS, (int64_t)figures.opened);
}

static void measure_process(void) {
    struct process_figures figures = process_figures_read();
    metric_set(METRIC_PROCESS_MEMORY, METRIC_NO_LABELS, figures.resident_bytes);
    metric_set(METRIC_PROCESS_DESCRIPTORS, METRIC_NO_LABELS, figures.descriptors);
    metric_set(METRIC_PROCESS_DESCRIPTORS_MAX, METRIC_NO_LABELS, figures.descriptors_max);
    metric_set(METRIC_PROCESS_THREADS, METRIC_NO_LABELS, figures.threads);
    metric_raise(METRIC_PROCESS_CPU, METRIC_NO_LABELS, figures.cpu_us);
    metric_raise(METRIC_LOG_DROPPED, METRIC_NO_LABELS, (int64_t)log_dropped());
    metric_set(METRIC_BUILD, METRIC_LABELS(AIZY_VERSION, __VERSION__), 1);
}

void metrics_measure(struct app *app) {
    for (size_t i = 0; i < POOL_COUNT; i++) {
        if (app->pools[i] != NULL) {
            measure_pool(app->pools[i]);
        }
    }
    measure_breaker(&app->mysql_breaker);
    measure_breaker(&app->mongo_breaker);
    metric_set(METRIC_PARKED, METRIC_NO_LABELS, (int64_t)atomic_load(&app->parked_jobs));
    if (app->cache != NULL) {
        measure_cache(app->cache);
    }
    if (app->follower != NULL) {
        measure_follower(app->follower);
    }
    metric_set(METRIC_PROCESS_START, METRIC_NO_LABELS, app->started_ms * 1000);
    measure_process();
}

struct fault metrics_show(struct job *job) {
    metrics_measure(job->app);
    return reply_text(job, STR("text/plain; version=0.0.4; charset=utf-8"), metric_write_text);
}
