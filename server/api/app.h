/*
 * app: what lives as long as the process and every job may see.
 *
 * Filled in before the first thread starts and read-only afterwards, but for the atomics. The pools
 * are opened before the listeners and closed after them.
 */
#ifndef AIZY_SERVER_API_APP_H
#define AIZY_SERVER_API_APP_H

#include <stdatomic.h>

#include "server/config/config.h"
#include "server/security/token.h"
#include "server/work/pool.h"

/* The pools, and the loop itself for answers that are made at once. */
enum pool_name {
    POOL_UNSET = 0,
    POOL_LOOP, /* on the loop thread: must not wait for anything */
    POOL_MYSQL,
    POOL_MONGO,
    POOL_HASH,
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
    struct token_keys token_keys;
    unsigned char cursor_key[APP_KEY_BYTES]; /* signs the cursors of lists */
    struct str_list cors_origins;
    struct str openapi; /* the document, rendered once */
    struct pool *pools[POOL_COUNT];
    struct cache *cache; /* of public answers; NULL: none */
    atomic_bool is_stopping;

    /* What /readyz says, and the breaker of the pools: a store that is not up is not asked. Kept by
     * the stores' watchers (server/work/readiness.h). */
    atomic_bool mysql_is_up;
    atomic_bool mongo_is_up;
};

/* Everything but the pools and the cache. Borrows config, uses the arena for as long as the process
 * lives. */
void app_init(struct app *app, const struct config *config, struct arena *arena);

#endif
