#include "server/work/dump.h"

#include "base/cache.h"
#include "base/log.h"
#include "base/metric.h"

static void dump_pool(struct pool *pool) {
    struct pool_figures figures = pool_figures(pool);
    log_info("dump.pool", LOG_TEXT("pool", figures.name), LOG_INT("workers", figures.workers),
             LOG_INT("busy", figures.busy), LOG_INT("waiting", figures.waiting),
             LOG_INT("capacity", figures.queue),
             LOG_INT("refused", metric_value(METRIC_POOL_REFUSED, METRIC_LABELS(figures.name))));
}

static void dump_store(struct breaker *breaker) {
    struct breaker_figures figures = breaker_figures(breaker);
    log_info("dump.store", LOG_TEXT("store", breaker->store),
             LOG_TEXT("breaker", breaker_state_text(figures.state)),
             LOG_INT("opened", figures.opened), LOG_INT("refused", figures.refused),
             LOG_INT("trials", figures.trials));
}

static void dump_cache(struct cache *cache) {
    struct cache_figures figures = cache_figures(cache);
    log_info("dump.cache", LOG_INT("entries", figures.entries), LOG_INT("bytes", figures.bytes),
             LOG_INT("hits", figures.hits), LOG_INT("misses", figures.misses),
             LOG_INT("refreshes", figures.refreshes), LOG_INT("evictions", figures.evictions));
}

static void dump_follower(struct catalogue_follower *follower) {
    struct catalogue_follower_figures figures = catalogue_follower_figures(follower);
    log_info("dump.change_stream", LOG_TEXT("state", figures.is_up ? "up" : "down"),
             LOG_INT("behind_ms", figures.is_up ? figures.behind_us / 1000 : 0),
             LOG_INT("events", figures.events), LOG_INT("flushes", figures.flushes),
             LOG_INT("opened", figures.opened));
}

void dump_work(struct app *app) {
    for (size_t i = 0; i < POOL_COUNT; i++) {
        if (app->pools[i] != NULL) {
            dump_pool(app->pools[i]);
        }
    }
    dump_store(&app->mysql_breaker);
    dump_store(&app->mongo_breaker);
    log_info("dump.parked", LOG_INT("jobs", atomic_load(&app->parked_jobs)));
    if (app->cache != NULL) {
        dump_cache(app->cache);
    }
    if (app->follower != NULL) {
        dump_follower(app->follower);
    }
}
