#include "stores/catalogue_watch.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "stores/mongo/mongo_connection.h"

/* Changes in one answer; one that has as many may not be all that there is. */
#define BATCH_MAX 1000

struct catalogue_watch {
    struct mongo_store *store; /* for its options; the client is the watch's own */
    mongoc_client_t *client;
    mongoc_change_stream_t *stream;
    int64_t asked_us; /* when the batch that is being told of was asked for */
    int batch_count;  /* told of it so far */
    int64_t complete_until_us;
    /* The driver mends a broken stream by itself, in a time that nobody bounds. */
    bool has_failed;
};

/*
 * Its commands go around mongo_connection.h: one of them waits for a change, as a rule in vain, so
 * that neither how long it takes nor how often it is made says anything of the store.
 */

/* The driver asks for more when the batch before has been told of, to the last. */
static void note_asking(const mongoc_apm_command_started_t *event) {
    struct catalogue_watch *watch = mongoc_apm_command_started_get_context(event);
    struct str name = str_of(mongoc_apm_command_started_get_command_name(event));
    if (!str_equals(name, STR("aggregate")) && !str_equals(name, STR("getMore"))) {
        return;
    }
    if (watch->batch_count < BATCH_MAX) {
        watch->complete_until_us = watch->asked_us;
    }
    watch->asked_us = clock_monotonic_us();
    watch->batch_count = 0;
}

static void note_failure(const mongoc_apm_command_failed_t *event) {
    struct catalogue_watch *watch = mongoc_apm_command_failed_get_context(event);
    watch->has_failed = true;
}

static void observe_commands(struct catalogue_watch *watch) {
    mongoc_apm_callbacks_t *callbacks = mongoc_apm_callbacks_new();
    mongoc_apm_set_command_started_cb(callbacks, note_asking);
    mongoc_apm_set_command_failed_cb(callbacks, note_failure);
    CHECK(mongoc_client_set_apm_callbacks(watch->client, callbacks, watch));
    mongoc_apm_callbacks_destroy(callbacks);
}

/* A collection that becomes another one, and the end of the database, are told of too. */
static bson_t *make_pipeline(void) {
    return BCON_NEW("pipeline", "[",                                                           //
                    "{", "$match", "{", "$or", "[",                                            //
                    "{", "ns.coll", "{", "$in", "[", "products", "categories", "]", "}", "}",  //
                    "{", "to.coll", "{", "$in", "[", "products", "categories", "]", "}", "}",  //
                    "{", "ns.coll", "{", "$exists", BCON_BOOL(false), "}", "}",                //
                    "]", "}", "}",                                                             //
                    "{", "$project", "{", "operationType", BCON_INT32(1), "ns", BCON_INT32(1), //
                    "documentKey", BCON_INT32(1), "}", "}",                                    //
                    "]");
}

static mongoc_change_stream_t *open_stream(struct catalogue_watch *watch, int64_t wait_ms) {
    mongoc_database_t *database =
        mongoc_client_get_database(watch->client, mongoc_uri_get_database(watch->store->uri));
    bson_t *pipeline = make_pipeline();
    MONGO_BSON(options);
    CHECK(BSON_APPEND_INT64(&options, "maxAwaitTimeMS", wait_ms));
    CHECK(BSON_APPEND_INT32(&options, "batchSize", BATCH_MAX));
    mongoc_change_stream_t *stream = mongoc_database_watch(database, pipeline, &options);
    bson_destroy(pipeline);
    mongoc_database_destroy(database);
    return stream;
}

static struct fault connect_watch(struct catalogue_watch *watch, int64_t wait_ms,
                                  bool logs_failure) {
    bson_error_t error = {0};
    const bson_t *reply = NULL;
    watch->client = mongoc_client_new_from_uri_with_error(watch->store->uri, &error);
    if (watch->client != NULL) {
        CHECK(mongoc_client_set_error_api(watch->client, MONGOC_ERROR_API_VERSION_2));
        CHECK(mongoc_client_set_appname(watch->client, "aizy"));
        observe_commands(watch);
        watch->stream = open_stream(watch, wait_ms);
        if (!mongoc_change_stream_error_document(watch->stream, &error, &reply)) {
            return fault_none();
        }
    }
    if (logs_failure) {
        log_error("mongo.failed", LOG_TEXT("call", "catalogue.watch"),
                  LOG_TEXT("detail", error.message));
    }
    return fault_of(FAULT_STORE_DOWN);
}

struct fault catalogue_watch_open(const struct mongo_store_options *options, int64_t wait_ms,
                                  bool logs_failure, struct catalogue_watch **watch) {
    struct mongo_store *store = NULL;
    CHECK(wait_ms > 0 && wait_ms <= options->timeout_ms);
    TRY(mongo_store_open(options, &store));
    *watch = calloc(1, sizeof **watch);
    CHECK(*watch != NULL && "out of memory");
    (*watch)->store = store;
    struct fault fault = connect_watch(*watch, wait_ms, logs_failure);
    if (fault_occurred(fault)) {
        catalogue_watch_close(*watch);
        *watch = NULL;
    }
    return fault;
}

void catalogue_watch_close(struct catalogue_watch *watch) {
    if (watch->stream != NULL) {
        mongoc_change_stream_destroy(watch->stream);
    }
    if (watch->client != NULL) {
        mongoc_client_destroy(watch->client);
    }
    mongo_store_close(watch->store);
    free(watch);
}

/* What happens to a document of `products`; whatever else comes may concern all of them. */
static bool is_of_document(struct str operation) {
    static const char *const operations[] = {"insert", "update", "replace", "delete"};
    for (size_t i = 0; i < COUNT_OF(operations); i++) {
        if (str_equals(operation, str_of(operations[i]))) {
            return true;
        }
    }
    return false;
}

static struct catalogue_event read_event(const bson_t *document) {
    struct catalogue_event event = {.change = CATALOGUE_ANYTHING};
    bson_iter_t members;
    bson_iter_t id;
    bool has_id = bson_iter_init(&members, document) &&
                  bson_iter_find_descendant(&members, "documentKey._id", &id) &&
                  BSON_ITER_HOLDS_OID(&id);
    if (has_id && is_of_document(mongo_get_str(document, "operationType")) &&
        str_equals(mongo_get_str(document, "ns.coll"), STR("products"))) {
        event.change = CATALOGUE_PRODUCT;
        bson_oid_to_string(bson_iter_oid(&id), event.product_id);
    }
    return event;
}

struct fault catalogue_watch_next(struct catalogue_watch *watch, struct catalogue_event *event) {
    const bson_t *document = NULL;
    const bson_t *refusal = NULL;
    bson_error_t error;
    *event = (struct catalogue_event){.change = CATALOGUE_QUIET};
    bool has_document = mongoc_change_stream_next(watch->stream, &document);
    bool is_broken = mongoc_change_stream_error_document(watch->stream, &error, &refusal);
    ENSURE(!is_broken && !watch->has_failed, FAULT_STORE_DOWN);
    if (!has_document) {
        watch->complete_until_us = watch->asked_us;
        return fault_none();
    }
    watch->batch_count++;
    *event = read_event(document);
    /* Nothing comes after it. */
    return str_equals(mongo_get_str(document, "operationType"), STR("invalidate"))
               ? fault_of(FAULT_STORE_DOWN)
               : fault_none();
}

int64_t catalogue_watch_complete_until_us(const struct catalogue_watch *watch) {
    return watch->complete_until_us;
}
