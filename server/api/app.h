/*
 * app: what lives as long as the process and every job may see.
 *
 * Filled in before the first thread starts and read-only afterwards, but for the atomics. The pools
 * are opened before the listeners and closed after them.
 */
#ifndef AIZY_SERVER_API_APP_H
#define AIZY_SERVER_API_APP_H

#include <stdatomic.h>

#include "server/api/answer_flight.h"
#include "server/config/config.h"
#include "server/media/media_storage.h"
#include "server/security/cart_token.h"
#include "server/security/token.h"
#include "server/work/breaker.h"
#include "server/work/catalogue_follower.h"
#include "server/work/pool.h"

/* The pools, and the loop itself for answers that are made at once. */
enum pool_name {
    POOL_UNSET = 0,
    POOL_LOOP, /* at once: on the loop thread, or after the guard or another stage on the thread
                  that has the job; must not wait for anything */
    POOL_MYSQL,
    POOL_MONGO,
    POOL_HASH,
    POOL_BULK,  /* long work beside a MongoDB store of its own: import, export, uploads */
    POOL_FILES, /* reading the files of images, which no store is needed for */
    POOL_COUNT
};

enum permission {
    PERMISSION_NONE = 0,
#define PERMISSION(name, text) PERMISSION_##name,
#include "server/api/permissions.def"
#undef PERMISSION
    PERMISSION_COUNT
};

/* "products:write", ...: by enum permission; NULL for PERMISSION_NONE. */
extern const char *const permission_names[PERMISSION_COUNT];

#define APP_KEY_BYTES 32

struct app {
    const struct config *config;
    int64_t started_ms;
    struct token_keys token_keys;
    unsigned char cursor_key[APP_KEY_BYTES]; /* signs the cursors of lists */
    struct cart_token_keys cart_keys;
    struct str_list cors_origins;
    struct str openapi; /* the document, rendered once */
    struct pool *pools[POOL_COUNT];
    struct cache *cache;                 /* of public answers; NULL: none */
    struct stripes *stock_stripes;       /* by SKU, and by who reserves */
    struct catalogue_follower *follower; /* who drops from it what others change; NULL with it */
    struct media_storage media;          /* where the files of images are */
    struct answer_flights flights;
    atomic_bool gzip_was_asked_for; /* so that what goes into the cache is compressed, too */
    atomic_bool is_stopping;
    atomic_size_t parked_jobs; /* at most PARKED_JOBS */

    /* Whether the stores may be asked; what /readyz says, too. Kept by the stores' watchers
     * (server/work/readiness.h) and by what the workers meet. */
    struct breaker mysql_breaker;
    struct breaker mongo_breaker;
};

/* Of the store that the pool's workers ask; NULL: they ask none. */
struct breaker *app_breaker(struct app *app, enum pool_name pool);

/* Everything but the pools, the stripes, the cache and its follower. Borrows config, uses the arena
 * for as long as the process lives. */
void app_init(struct app *app, const struct config *config, struct arena *arena);

#endif
