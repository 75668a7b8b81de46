#include "stores/mongo/mongo_connection.h"

#include "base/clock.h"
#include "base/log.h"
#include "stores/fault_injection.h"
#include "stores/mongo/mongo_fault.h"
#include "stores/store_figures.h"

static void note_failed_command(const mongoc_apm_command_failed_t *event) {
    struct mongo_store *store = mongoc_apm_command_failed_get_context(event);
    store->failed_commands++;
}

static void watch_commands(struct mongo_store *store) {
    mongoc_apm_callbacks_t *callbacks = mongoc_apm_callbacks_new();
    mongoc_apm_set_command_failed_cb(callbacks, note_failed_command);
    CHECK(mongoc_client_set_apm_callbacks(store->client, callbacks, store));
    mongoc_apm_callbacks_destroy(callbacks);
}

/*
 * The client is made late: for mongodb+srv:// that already asks the name server. One that could not
 * reach its server is given up, because it would not look again for five seconds.
 */
static struct fault ensure_client(struct mongo_store *store) {
    store->is_transient = false;
    if (store->is_client_spent && store->session == NULL) {
        mongoc_client_destroy(store->client);
        store->client = NULL;
        store->is_client_spent = false;
    }
    if (store->client != NULL) {
        return fault_none();
    }
    store->client = mongoc_client_new_from_uri_with_error(store->uri, &store->error);
    if (store->client == NULL) {
        log_error("mongo.failed", LOG_TEXT("call", "connect"),
                  LOG_TEXT("detail", store->error.message));
        return fault_of(FAULT_STORE_DOWN);
    }
    CHECK(mongoc_client_set_error_api(store->client, MONGOC_ERROR_API_VERSION_2));
    CHECK(mongoc_client_set_appname(store->client, "aizy"));
    watch_commands(store);
    return fault_none();
}

static const char *database_of(const struct mongo_store *store) {
    return mongoc_uri_get_database(store->uri);
}

bool mongo_connection_step_aside(struct mongo_store *store, bool is_aside) {
    bool was_aside = store->is_aside;
    store->is_aside = is_aside;
    return was_aside;
}

bool mongo_connection_is_joined(const struct mongo_store *store) {
    return store->session != NULL && !store->is_aside;
}

/* What every call carries: its bound, and the transaction it belongs to. */
static void put_options(struct mongo_store *store, bson_t *options) {
    CHECK(BSON_APPEND_INT64(options, "maxTimeMS", store->timeout_ms));
    if (mongo_connection_is_joined(store)) {
        CHECK(mongoc_client_session_append(store->session, options, NULL));
    }
}

enum call_kind {
    CALL_ORDINARY,
    CALL_COMMIT,
    CALL_ABORT, /* the driver says that it is done in any case */
};

/* One call of the driver, from begin_call to end_call. */
struct call {
    enum call_kind kind;
    const char *name;
    int64_t begun_us;
    enum fault_injection injected;
};

static struct call begin_call(struct mongo_store *store, enum call_kind kind, const char *name) {
    int64_t begun_us = clock_monotonic_us();
    return (struct call){kind, name, begun_us,
                         fault_injection_next("mongo", &store->watch, store->timeout_ms)};
}

static bool is_sent(const struct call *call) {
    return call->injected == INJECT_NOTHING || call->injected == INJECT_LOST;
}

/* As the driver itself reports a connection that broke. */
static void put_lost(struct mongo_store *store, enum call_kind kind, bson_t *reply) {
    bson_t labels;
    bson_set_error(&store->error, MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_SOCKET,
                   "injected: the connection broke");
    bson_reinit(reply);
    if (mongo_connection_is_joined(store)) {
        CHECK(BSON_APPEND_ARRAY_BEGIN(reply, "errorLabels", &labels));
        mongo_put_str(&labels, "0",
                      kind == CALL_COMMIT ? STR("UnknownTransactionCommitResult")
                                          : STR("TransientTransactionError"));
        CHECK(bson_append_array_end(reply, &labels));
    }
}

/* The driver has several names for a server that it does not get an answer from. */
static bool is_out_of_reach(const bson_error_t *error) {
    return error->domain == MONGOC_ERROR_STREAM || error->domain == MONGOC_ERROR_SERVER_SELECTION ||
           error->domain == MONGOC_ERROR_CLIENT || error->domain == MONGOC_ERROR_PROTOCOL;
}

static enum store_outcome outcome_of(const struct mongo_store *store, const struct call *call,
                                     bool is_done, int64_t elapsed_ms) {
    if (is_done || call->kind == CALL_ABORT || !is_out_of_reach(&store->error)) {
        return STORE_ANSWERED;
    }
    bool is_over = elapsed_ms >= store->connect_timeout_ms || elapsed_ms >= store->timeout_ms;
    return is_over ? STORE_MUTE : STORE_UNREACHED;
}

/* Everything that reaches the driver and may wait ends here. Returns whether it was done. */
static bool end_call(struct mongo_store *store, const struct call *call, bool is_done,
                     bson_t *reply) {
    if (!is_sent(call) || (is_done && call->injected == INJECT_LOST)) {
        put_lost(store, call->kind, reply);
        is_done = false;
    }
    int64_t elapsed_us = clock_monotonic_us() - call->begun_us;
    if (store->slow_ms > 0 && elapsed_us >= store->slow_ms * 1000) {
        log_warn("mongo.slow", LOG_TEXT("call", call->name),
                 LOG_INT("duration_ms", elapsed_us / 1000));
    }
    enum store_outcome outcome = outcome_of(store, call, is_done, elapsed_us / 1000);
    store_figures_note("mongo", call->name, is_done, outcome, elapsed_us);
    store->is_client_spent = store->is_client_spent || outcome != STORE_ANSWERED;
    if (call->kind != CALL_ABORT) {
        store_watch_note(&store->watch, outcome, call->begun_us);
    }
    return is_done;
}

struct fault mongo_connection_read(struct mongo_store *store, const char *name,
                                   const bson_t *command, bson_t *reply) {
    TRY(ensure_client(store));
    MONGO_BSON(options);
    put_options(store, &options);
    struct call call = begin_call(store, CALL_ORDINARY, name);
    bool is_done = is_sent(&call) &&
                   mongoc_client_read_command_with_opts(store->client, database_of(store), command,
                                                        NULL, &options, reply, &store->error);
    is_done = end_call(store, &call, is_done, reply);
    return is_done ? fault_none() : mongo_fault_classify(store, name, reply, false);
}

struct fault mongo_connection_write(struct mongo_store *store, const char *name,
                                    const bson_t *command, bson_t *reply) {
    TRY(ensure_client(store));
    MONGO_BSON(options);
    put_options(store, &options);
    struct call call = begin_call(store, CALL_ORDINARY, name);
    bool is_done = is_sent(&call) &&
                   mongoc_client_write_command_with_opts(store->client, database_of(store), command,
                                                         &options, reply, &store->error);
    is_done = end_call(store, &call, is_done, reply);
    is_done = is_done && !mongo_fault_of_document(reply, &store->error);
    return is_done ? fault_none() : mongo_fault_classify(store, name, reply, true);
}

static struct fault read_cursor(mongoc_cursor_t *cursor, mongo_document_read *read, void *context) {
    const bson_t *document = NULL;
    while (mongoc_cursor_next(cursor, &document)) {
        TRY(read(context, document));
    }
    return fault_none();
}

/* The driver asks when the first document is wanted. */
static struct fault read_whole(struct mongo_store *store, const char *name, mongoc_cursor_t *cursor,
                               mongo_document_read *read, void *context) {
    MONGO_BSON(reply);
    const bson_t *refusal = NULL;
    struct fault fault = fault_none();
    struct call call = begin_call(store, CALL_ORDINARY, name);
    if (is_sent(&call)) {
        fault = read_cursor(cursor, read, context);
    }
    bool is_done = !mongoc_cursor_error_document(cursor, &store->error, &refusal);
    if (refusal != NULL) {
        CHECK(bson_concat(&reply, refusal));
    }
    is_done = end_call(store, &call, is_done, &reply);
    return is_done || fault_occurred(fault) ? fault
                                            : mongo_fault_classify(store, name, &reply, false);
}

struct fault mongo_connection_find(struct mongo_store *store, const char *name,
                                   const char *collection, const bson_t *filter,
                                   const bson_t *options, mongo_document_read *read,
                                   void *context) {
    TRY(ensure_client(store));
    MONGO_BSON(all_options);
    CHECK(options == NULL || bson_concat(&all_options, options));
    put_options(store, &all_options);
    mongoc_collection_t *handle =
        mongoc_client_get_collection(store->client, database_of(store), collection);
    mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(handle, filter, &all_options, NULL);
    struct fault fault = read_whole(store, name, cursor, read, context);
    mongoc_cursor_destroy(cursor);
    mongoc_collection_destroy(handle);
    return fault;
}

static mongoc_transaction_opt_t *make_transaction_options(int64_t timeout_ms) {
    mongoc_transaction_opt_t *options = mongoc_transaction_opts_new();
    mongoc_write_concern_t *write_concern = mongoc_write_concern_new();
    mongoc_read_concern_t *read_concern = mongoc_read_concern_new();
    mongoc_write_concern_set_wmajority(write_concern, (int32_t)timeout_ms);
    CHECK(mongoc_read_concern_set_level(read_concern, MONGOC_READ_CONCERN_LEVEL_SNAPSHOT));
    mongoc_transaction_opts_set_write_concern(options, write_concern);
    mongoc_transaction_opts_set_read_concern(options, read_concern);
    mongoc_transaction_opts_set_max_commit_time_ms(options, timeout_ms);
    mongoc_write_concern_destroy(write_concern);
    mongoc_read_concern_destroy(read_concern);
    return options;
}

static void end_session(struct mongo_store *store) {
    mongoc_client_session_destroy(store->session);
    store->session = NULL;
}

static bool start_transaction(struct mongo_store *store) {
    store->session = mongoc_client_start_session(store->client, NULL, &store->error);
    if (store->session == NULL) {
        return false;
    }
    mongoc_transaction_opt_t *options = make_transaction_options(store->timeout_ms);
    bool is_begun = mongoc_client_session_start_transaction(store->session, options, &store->error);
    mongoc_transaction_opts_destroy(options);
    return is_begun;
}

struct fault mongo_connection_begin(struct mongo_store *store) {
    CHECK(store->session == NULL && "transactions do not nest");
    TRY(ensure_client(store));
    MONGO_BSON(reply);
    struct call call = begin_call(store, CALL_ORDINARY, "transaction.begin");
    bool is_begun = is_sent(&call) && start_transaction(store);
    if (end_call(store, &call, is_begun, &reply)) {
        return fault_none();
    }
    struct fault fault = mongo_fault_classify(store, "transaction.begin", &reply, false);
    end_session(store);
    return fault;
}

static bool commit_once(struct mongo_store *store, bson_t *reply) {
    struct call call = begin_call(store, CALL_COMMIT, "transaction.commit");
    store->failed_commands = 0;
    bool is_done = is_sent(&call) &&
                   mongoc_client_session_commit_transaction(store->session, reply, &store->error);
    return end_call(store, &call, is_done, reply);
}

/*
 * A commit whose answer was lost is sent again, which is harmless: the server does it once. Once
 * lost, nothing but a success makes the outcome known, for a server that was restarted may have
 * forgotten a transaction that it had carried out. The driver repeats a commit once itself and then
 * reports the second failure only, so the first one is seen by its count, or by the server being
 * out of reach.
 */
#define COMMIT_TRIES_MAX 3

static bool is_answer_lost(const struct mongo_store *store, const bson_t *reply) {
    return mongoc_error_has_label(reply, "UnknownTransactionCommitResult") ||
           is_out_of_reach(&store->error) || store->failed_commands > 1;
}

struct fault mongo_connection_commit(struct mongo_store *store) {
    struct fault fault = fault_none();
    store->is_commit_unknown = false;
    for (int i = 0; i < COMMIT_TRIES_MAX; i++) {
        MONGO_BSON(reply);
        if (commit_once(store, &reply)) {
            store->is_commit_unknown = false;
            fault = fault_none();
            break;
        }
        fault = mongo_fault_classify(store, "transaction.commit", &reply, false);
        if (!is_answer_lost(store, &reply)) {
            break;
        }
        store->is_commit_unknown = true;
    }
    end_session(store);
    return store->is_commit_unknown ? fault_of(FAULT_OUTCOME_UNKNOWN) : fault;
}

void mongo_connection_abort(struct mongo_store *store) {
    MONGO_BSON(reply);
    /* Why it is aborted is what counts. */
    const bson_error_t reason = store->error;
    struct call call = begin_call(store, CALL_ABORT, "transaction.abort");
    bool is_done =
        is_sent(&call) && mongoc_client_session_abort_transaction(store->session, &store->error);
    /* Fails when the server has aborted it already, or is gone: it ends there by itself. */
    (void)end_call(store, &call, is_done, &reply);
    store->error = reason;
    end_session(store);
}
