#include "stores/mongo_store.h"

#include <stdlib.h>

#include "base/log.h"
#include "stores/mongo/mongo_connection.h"

/* The server's own refusal after maxTimeMS should arrive before the socket gives up. */
#define SOCKET_GRACE_MS 1000

/* Only for those who look for a fault: the driver's lines may quote options of the URI. */
static void note_driver(mongoc_log_level_t level, const char *domain, const char *message,
                        void *context) {
    (void)level;
    (void)context;
    log_debug("mongo.driver", LOG_TEXT("domain", domain), LOG_TEXT("message", message));
}

void mongo_store_library_init(void) {
    mongoc_log_set_handler(note_driver, NULL);
    mongoc_init();
}

void mongo_store_library_release(void) {
    mongoc_cleanup();
}

/* A server that is down is noticed at the first try, and looked for again by each later call. */
static bool set_options(mongoc_uri_t *uri, int64_t connect_timeout_ms, int64_t timeout_ms) {
    mongoc_write_concern_t *majority = mongoc_write_concern_new();
    mongoc_write_concern_set_wmajority(majority, (int32_t)timeout_ms);
    mongoc_uri_set_write_concern(uri, majority);
    mongoc_write_concern_destroy(majority);
    mongoc_read_prefs_t *primary = mongoc_read_prefs_new(MONGOC_READ_PRIMARY);
    mongoc_uri_set_read_prefs_t(uri, primary);
    mongoc_read_prefs_destroy(primary);
    return mongoc_uri_set_option_as_int32(uri, MONGOC_URI_CONNECTTIMEOUTMS,
                                          (int32_t)connect_timeout_ms) &&
           mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS,
                                          (int32_t)connect_timeout_ms) &&
           mongoc_uri_set_option_as_bool(uri, MONGOC_URI_SERVERSELECTIONTRYONCE, true) &&
           mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SOCKETTIMEOUTMS,
                                          (int32_t)(timeout_ms + SOCKET_GRACE_MS)) &&
           mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYREADS, true) &&
           mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYWRITES, true);
}

static struct mongo_store *make_store(mongoc_uri_t *uri, int64_t connect_timeout_ms,
                                      int64_t timeout_ms) {
    struct mongo_store *store = calloc(1, sizeof(*store));
    CHECK(store != NULL && "out of memory");
    store->uri = uri;
    store->connect_timeout_ms = connect_timeout_ms;
    store->timeout_ms = timeout_ms;
    return store;
}

struct fault mongo_store_open(const struct mongo_store_options *options,
                              struct mongo_store **store) {
    CHECK(options->connect_timeout_ms > 0 && options->connect_timeout_ms <= INT32_MAX);
    CHECK(options->timeout_ms > 0 && options->timeout_ms <= INT32_MAX - SOCKET_GRACE_MS);
    *store = NULL;
    ENSURE(!str_is_absent(options->url) && str_is_utf8(options->url), FAULT_INVALID);
    ENSURE(str_find_byte(options->url, '\0') == options->url.size, FAULT_INVALID);
    char *text = strndup(options->url.data, options->url.size);
    CHECK(text != NULL && "out of memory");
    mongoc_uri_t *uri = mongoc_uri_new_with_error(text, NULL);
    explicit_bzero(text, options->url.size);
    free(text);
    ENSURE(uri != NULL, FAULT_INVALID);
    const char *database = mongoc_uri_get_database(uri);
    if (database == NULL || database[0] == '\0' ||
        !set_options(uri, options->connect_timeout_ms, options->timeout_ms)) {
        mongoc_uri_destroy(uri);
        return fault_of(FAULT_INVALID);
    }
    CHECK(mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYREADS, !options->tries_once));
    *store = make_store(uri, options->connect_timeout_ms, options->timeout_ms);
    (*store)->slow_ms = options->slow_ms;
    (*store)->watch = options->watch;
    return fault_none();
}

struct mongo_store *mongo_connection_clone(const struct mongo_store *store, int64_t timeout_ms) {
    mongoc_uri_t *uri = mongoc_uri_copy(store->uri);
    CHECK(set_options(uri, store->connect_timeout_ms, timeout_ms));
    return make_store(uri, store->connect_timeout_ms, timeout_ms);
}

void mongo_store_close(struct mongo_store *store) {
    if (store == NULL) {
        return;
    }
    CHECK(store->session == NULL);
    if (store->client != NULL) {
        mongoc_client_destroy(store->client);
    }
    mongoc_uri_destroy(store->uri);
    free(store);
}

struct fault mongo_store_probe(struct mongo_store *store) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    bson_t filter;
    mongo_put_str(&command, "find", STR("products"));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&command, "filter", &filter));
    mongo_put_int64(&filter, "_id", 0);
    CHECK(bson_append_document_end(&command, &filter));
    mongo_put_int64(&command, "limit", 1);
    struct fault fault = mongo_connection_read(store, "store.probe", &command, &reply);
    return fault_is(fault, FAULT_STORE_DOWN) ? fault : fault_none();
}
