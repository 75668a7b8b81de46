#include "server/api/app.h"

#include <openssl/hmac.h>

#include "base/clock.h"
#include "server/api/openapi.h"
#include "server/api/route.h"

/* Each driver waits a second longer for a call than the server may take. */
#define TRIAL_GRACE_MS 1000

static struct str_list split_origins(struct str text, struct arena *arena) {
    struct str_list list = {arena_alloc_array(arena, text.size + 1, sizeof(struct str)), 0};
    struct str rest = text;
    struct str origin;
    while (str_next(&rest, ',', &origin)) {
        origin = str_trim(origin);
        if (origin.size > 0) {
            list.items[list.count++] = origin;
        }
    }
    return list;
}

/* A key of its own for each purpose, so that no signature serves another one. */
static void derive_key(struct str secret, const char *purpose,
                       unsigned char key[static APP_KEY_BYTES]) {
    unsigned size = 0;
    unsigned char digest[EVP_MAX_MD_SIZE];
    CHECK(HMAC(EVP_sha256(), secret.data, (int)secret.size, (const unsigned char *)purpose,
               strlen(purpose), digest, &size) != NULL);
    CHECK(size == APP_KEY_BYTES);
    memcpy(key, digest, APP_KEY_BYTES);
}

void app_init(struct app *app, const struct config *config, struct arena *arena) {
    route_table_check();
    app->config = config;
    app->started_ms = clock_now_ms();
    token_keys_init(&app->token_keys, config->jwt_secret, config->jwt_secret_previous);
    derive_key(config->jwt_secret, "cursor", app->cursor_key);
    bool has_previous = !str_is_absent(config->jwt_secret_previous);
    derive_key(config->jwt_secret, "cart", app->cart_keys.current);
    derive_key(has_previous ? config->jwt_secret_previous : config->jwt_secret, "cart",
               app->cart_keys.previous);
    app->cors_origins = split_origins(config->cors_origins, arena);
    app->openapi = openapi_render(arena);
    answer_flights_init(&app->flights);
    atomic_init(&app->gzip_was_asked_for, false);
    atomic_init(&app->is_stopping, false);
    atomic_init(&app->parked_jobs, 0);
    const struct breaker_limits limits = {
        .pause_ms = config->store_pause_ms,
        .pause_max_ms = config->store_pause_max_ms,
        .trial_ms = config->store_connect_timeout_ms + config->store_timeout_ms + TRIAL_GRACE_MS,
    };
    breaker_init(&app->mysql_breaker, "mysql", &limits);
    breaker_init(&app->mongo_breaker, "mongo", &limits);
}

struct breaker *app_breaker(struct app *app, enum pool_name pool) {
    switch (pool) {
    case POOL_MYSQL:
        return &app->mysql_breaker;
    case POOL_MONGO:
    case POOL_BULK:
        return &app->mongo_breaker;
    default:
        return NULL;
    }
}
