#include "server/cli/store_pools.h"

#include <stdlib.h>
#include <unistd.h>

#include "server/api/job.h"
#include "stores/mongo_store.h"
#include "stores/mysql_store.h"

/* More do not help one store, and p99 suffers (measured: 8 per core is worse than 2). */
#define STORE_WORKERS_PER_CORE 2
#define HASH_WORKERS_PER_CORE 1

/* What a worker owns; one of the stores is NULL. */
struct worker {
    struct gate *gate;
    struct mysql_store *mysql;
    struct mongo_store *mongo;
};

static struct worker *worker_new(struct gate *gate) {
    struct worker *worker = calloc(1, sizeof(*worker));
    CHECK(worker != NULL);
    worker->gate = gate;
    return worker;
}

/* The gate has read the same URL before any worker was started, so opening cannot fail. */
static void *open_mysql(void *shared) {
    struct store_pools *pools = shared;
    struct worker *worker = worker_new(pools->mysql_gate);
    const struct config *config = worker->gate->config;
    struct mysql_store_options options = {
        .url = config->database_url,
        .connect_timeout_ms = config->store_connect_timeout_ms,
        .timeout_ms = config->store_timeout_ms,
        .slow_ms = config->slow_store_ms,
        .watch = {breaker_note, &pools->app->mysql_breaker},
    };
    CHECK(!fault_occurred(mysql_store_open(&options, &worker->mysql)));
    return worker;
}

static void *open_mongo(void *shared) {
    struct store_pools *pools = shared;
    struct worker *worker = worker_new(pools->mongo_gate);
    const struct config *config = worker->gate->config;
    struct mongo_store_options options = {
        .url = config->mongodb_uri,
        .connect_timeout_ms = config->store_connect_timeout_ms,
        .timeout_ms = config->store_timeout_ms,
        .slow_ms = config->slow_store_ms,
        .watch = {breaker_note, &pools->app->mongo_breaker},
    };
    CHECK(!fault_occurred(mongo_store_open(&options, &worker->mongo)));
    return worker;
}

static void close_worker(void *context) {
    struct worker *worker = context;
    if (worker->mysql != NULL) {
        mysql_store_close(worker->mysql);
    }
    if (worker->mongo != NULL) {
        mongo_store_close(worker->mongo);
    }
    free(worker);
}

static void run_stage(struct job *job, enum pool_name pool, struct gate *gate, void *store) {
    if (!gate_is_open(gate)) {
        job_refuse(job, FAULT_STORE_DOWN);
        return;
    }
    job_run_stage(job, pool, store);
}

static void run_mysql(void *item, void *context) {
    struct worker *worker = context;
    run_stage(item, POOL_MYSQL, worker->gate, worker->mysql);
}

static void run_mongo(void *item, void *context) {
    struct worker *worker = context;
    run_stage(item, POOL_MONGO, worker->gate, worker->mongo);
}

static void run_bulk(void *item, void *context) {
    struct worker *worker = context;
    run_stage(item, POOL_BULK, worker->gate, worker->mongo);
}

static void run_hash(void *item, void *context) {
    job_run_stage(item, POOL_HASH, context);
}

static void run_files(void *item, void *context) {
    job_run_stage(item, POOL_FILES, context);
}

static size_t worker_count(int64_t setting, int64_t per_core) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return (size_t)(setting > 0 ? setting : per_core * (cores > 0 ? cores : 1));
}

void store_pools_open(struct store_pools *pools) {
    const struct config *config = pools->app->config;
    struct pool_options mysql = {
        .name = "mysql",
        .workers = worker_count(config->mysql_workers, STORE_WORKERS_PER_CORE),
        .queue = (size_t)config->store_queue,
        .worker_open = open_mysql,
        .worker_close = close_worker,
        .run = run_mysql,
        .shared = pools,
    };
    struct pool_options mongo = {
        .name = "mongo",
        .workers = worker_count(config->mongo_workers, STORE_WORKERS_PER_CORE),
        .queue = (size_t)config->store_queue,
        .worker_open = open_mongo,
        .worker_close = close_worker,
        .run = run_mongo,
        .shared = pools,
    };
    struct pool_options hash = {
        .name = "hash",
        .workers = worker_count(config->hash_workers, HASH_WORKERS_PER_CORE),
        .queue = (size_t)config->hash_queue,
        .run = run_hash,
        /* A password takes a core for some 30 ms: a storm of logins would hold up every read. */
        .niceness = (int)config->hash_niceness,
    };
    struct pool_options bulk = {
        .name = "bulk",
        .workers = (size_t)config->bulk_workers,
        .queue = (size_t)config->bulk_queue,
        .worker_open = open_mongo,
        .worker_close = close_worker,
        .run = run_bulk,
        .shared = pools,
        .niceness = (int)config->bulk_niceness,
    };
    struct pool_options files = {
        .name = "files",
        .workers = (size_t)config->files_workers,
        .queue = (size_t)config->files_queue,
        .run = run_files,
    };
    pools->app->pools[POOL_FILES] = pool_open(&files);
    pools->app->pools[POOL_MYSQL] = pool_open(&mysql);
    pools->app->pools[POOL_MONGO] = pool_open(&mongo);
    pools->app->pools[POOL_HASH] = pool_open(&hash);
    pools->app->pools[POOL_BULK] = pool_open(&bulk);
}

void store_pools_close(struct store_pools *pools) {
    for (size_t i = 0; i < POOL_COUNT; i++) {
        if (pools->app->pools[i] != NULL) {
            pool_stop(pools->app->pools[i]);
        }
    }
    for (size_t i = 0; i < POOL_COUNT; i++) {
        if (pools->app->pools[i] != NULL) {
            pool_close(pools->app->pools[i]);
        }
    }
}
