#include "server/work/readiness.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/lock.h"
#include "server/work/thread.h"
#include "stores/mongo_store.h"
#include "stores/mysql_store.h"

#define READINESS_STACK_BYTES (1024UL * 1024)
/* Sooner than a request would give up; the stores' own grace of a second comes on top. */
#define READINESS_TIMEOUT_MS 1000

/* A kind of store: how its watcher opens it, asks it and closes it. */
struct store_kind {
    const char *name;
    const char *thread_name;
    struct fault (*open)(const struct config *config, void **store);
    struct fault (*probe)(void *store);
    void (*close)(void *store);
};

struct watcher {
    const struct store_kind *kind;
    struct readiness *readiness;
    struct breaker *breaker;
    void *store; /* NULL: could not be opened, which is as being down */
    bool was_asked;
    struct thread thread;
};

#define WATCHER_COUNT 2

struct readiness {
    struct app *app;
    struct lock lock; /* guards was_asked */
    struct condition changed;
    struct watcher watchers[WATCHER_COUNT];
};

static int64_t probe_timeout_ms(int64_t configured_ms) {
    return configured_ms < READINESS_TIMEOUT_MS ? configured_ms : READINESS_TIMEOUT_MS;
}

static struct fault open_mysql(const struct config *config, void **store) {
    struct mysql_store *opened = NULL;
    TRY(mysql_store_open(
        &(struct mysql_store_options){
            .url = config->database_url,
            .connect_timeout_ms = probe_timeout_ms(config->store_connect_timeout_ms),
            .timeout_ms = probe_timeout_ms(config->store_timeout_ms),
            .slow_ms = config->slow_store_ms,
        },
        &opened));
    *store = opened;
    return fault_none();
}

static struct fault probe_mysql(void *store) {
    return mysql_store_probe(store);
}

static void close_mysql(void *store) {
    mysql_store_close(store);
}

static struct fault open_mongo(const struct config *config, void **store) {
    struct mongo_store *opened = NULL;
    TRY(mongo_store_open(
        &(struct mongo_store_options){
            .url = config->mongodb_uri,
            .connect_timeout_ms = probe_timeout_ms(config->store_connect_timeout_ms),
            .timeout_ms = probe_timeout_ms(config->store_timeout_ms),
            .slow_ms = config->slow_store_ms,
            .tries_once = true,
        },
        &opened));
    *store = opened;
    return fault_none();
}

static struct fault probe_mongo(void *store) {
    return mongo_store_probe(store);
}

static void close_mongo(void *store) {
    mongo_store_close(store);
}

static const struct store_kind mysql_kind = {"mysql", "ready-mysql", open_mysql, probe_mysql,
                                             close_mysql};
static const struct store_kind mongo_kind = {"mongo", "ready-mongo", open_mongo, probe_mongo,
                                             close_mongo};

static void ask(struct watcher *watcher) {
    int64_t begun_us = clock_monotonic_us();
    bool is_up = watcher->store != NULL && !fault_occurred(watcher->kind->probe(watcher->store));
    breaker_note_probe(watcher->breaker, is_up, begun_us);
}

static void note_asked(struct watcher *watcher) {
    struct readiness *readiness = watcher->readiness;
    lock_acquire(&readiness->lock);
    watcher->was_asked = true;
    condition_broadcast(&readiness->changed);
    lock_give(&readiness->lock);
}

static void *watch(void *argument) {
    struct watcher *watcher = argument;
    const struct store_kind *kind = watcher->kind;
    if (fault_occurred(kind->open(watcher->readiness->app->config, &watcher->store))) {
        watcher->store = NULL;
    }
    do {
        ask(watcher);
        note_asked(watcher);
    } while (breaker_await_probe(watcher->breaker));
    if (watcher->store != NULL) {
        kind->close(watcher->store);
    }
    return NULL;
}

struct readiness *readiness_open(struct app *app) {
    struct readiness *readiness = calloc(1, sizeof *readiness);
    CHECK(readiness != NULL && "out of memory");
    readiness->app = app;
    lock_init(&readiness->lock);
    condition_init(&readiness->changed);
    readiness->watchers[0] = (struct watcher){.kind = &mysql_kind, .breaker = &app->mysql_breaker};
    readiness->watchers[1] = (struct watcher){.kind = &mongo_kind, .breaker = &app->mongo_breaker};
    for (size_t i = 0; i < WATCHER_COUNT; i++) {
        struct watcher *watcher = &readiness->watchers[i];
        watcher->readiness = readiness;
        thread_start(&watcher->thread, watcher->kind->thread_name, READINESS_STACK_BYTES, watch,
                     watcher);
    }
    lock_acquire(&readiness->lock);
    while (!readiness->watchers[0].was_asked || !readiness->watchers[1].was_asked) {
        condition_wait(&readiness->changed, &readiness->lock);
    }
    lock_give(&readiness->lock);
    return readiness;
}

void readiness_close(struct readiness *readiness) {
    for (size_t i = 0; i < WATCHER_COUNT; i++) {
        breaker_stop(readiness->watchers[i].breaker);
    }
    for (size_t i = 0; i < WATCHER_COUNT; i++) {
        thread_join(&readiness->watchers[i].thread);
    }
    condition_release(&readiness->changed);
    lock_release(&readiness->lock);
    free(readiness);
}
