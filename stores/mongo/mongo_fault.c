#include "stores/mongo/mongo_fault.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"

#define ANY_CODE 0
#define CODE_DUPLICATE_KEY 11000
#define OUTAGE_LOG_INTERVAL_US 1000000

struct error_row {
    uint32_t domain;
    uint32_t code;
    enum fault_name fault;
    bool is_transient;
};

/* The first row that fits. Codes are those of MongoDB's error_codes.yml. */
static const struct error_row error_rows[] = {
    {MONGOC_ERROR_SERVER_SELECTION, ANY_CODE, FAULT_STORE_DOWN, false},
    {MONGOC_ERROR_STREAM, ANY_CODE, FAULT_STORE_DOWN, false},
    {MONGOC_ERROR_CLIENT, ANY_CODE, FAULT_STORE_DOWN, false},
    {MONGOC_ERROR_SASL, ANY_CODE, FAULT_STORE_DOWN, false},
    {MONGOC_ERROR_SCRAM, ANY_CODE, FAULT_STORE_DOWN, false},
    {MONGOC_ERROR_PROTOCOL, ANY_CODE, FAULT_STORE_DOWN, false},
    {MONGOC_ERROR_WRITE_CONCERN, ANY_CODE, FAULT_OUTCOME_UNKNOWN, false},
    {MONGOC_ERROR_SERVER, 6, FAULT_STORE_DOWN, false},     /* HostUnreachable */
    {MONGOC_ERROR_SERVER, 7, FAULT_STORE_DOWN, false},     /* HostNotFound */
    {MONGOC_ERROR_SERVER, 18, FAULT_STORE_DOWN, false},    /* AuthenticationFailed */
    {MONGOC_ERROR_SERVER, 50, FAULT_STORE_DOWN, false},    /* MaxTimeMSExpired */
    {MONGOC_ERROR_SERVER, 89, FAULT_STORE_DOWN, false},    /* NetworkTimeout */
    {MONGOC_ERROR_SERVER, 91, FAULT_STORE_DOWN, false},    /* ShutdownInProgress */
    {MONGOC_ERROR_SERVER, 189, FAULT_STORE_DOWN, false},   /* PrimarySteppedDown */
    {MONGOC_ERROR_SERVER, 262, FAULT_STORE_DOWN, false},   /* ExceededTimeLimit */
    {MONGOC_ERROR_SERVER, 9001, FAULT_STORE_DOWN, false},  /* SocketException */
    {MONGOC_ERROR_SERVER, 10107, FAULT_STORE_DOWN, false}, /* NotWritablePrimary */
    {MONGOC_ERROR_SERVER, 11600, FAULT_STORE_DOWN, false}, /* InterruptedAtShutdown */
    {MONGOC_ERROR_SERVER, 11602, FAULT_STORE_DOWN, false}, /* InterruptedDueToReplStateChange */
    {MONGOC_ERROR_SERVER, 13435, FAULT_STORE_DOWN, false}, /* NotPrimaryNoSecondaryOk */
    {MONGOC_ERROR_SERVER, 13436, FAULT_STORE_DOWN, false}, /* NotPrimaryOrSecondary */
    {MONGOC_ERROR_SERVER, 24, FAULT_BUSY, true},           /* LockTimeout */
    {MONGOC_ERROR_SERVER, 112, FAULT_BUSY, true},          /* WriteConflict */
    {MONGOC_ERROR_SERVER, 246, FAULT_BUSY, true},          /* SnapshotUnavailable */
    {MONGOC_ERROR_SERVER, 251, FAULT_BUSY, true},          /* NoSuchTransaction */
};

struct duplicate_row {
    const char *collection; /* as error messages name it: ".products " */
    const char *index;      /* ... and "index: slug_unique " */
    enum fault_name fault;
};

/* Names of the collections and indexes of migrations/mongo. */
static const struct duplicate_row duplicate_rows[] = {
    {".products", "slug_unique", FAULT_SLUG_TAKEN},
    {".categories", "category_slug_unique", FAULT_SLUG_TAKEN},
    {".products", "sku_unique", FAULT_SKU_TAKEN},
    {".inventory", "_id_", FAULT_SKU_TAKEN},
};

static struct fault fault_of_duplicate(const char *message) {
    for (size_t i = 0; i < COUNT_OF(duplicate_rows); i++) {
        const struct duplicate_row *row = &duplicate_rows[i];
        char index[64];
        (void)snprintf(index, sizeof(index), "index: %s ", row->index);
        /* The dup key comes last and may hold anything, so the first of either is the server's. */
        const char *found = strstr(message, "index: ");
        const char *collection = strstr(message, row->collection);
        if (found != NULL && strncmp(found, index, strlen(index)) == 0 && collection != NULL &&
            collection < found) {
            return fault_of(row->fault);
        }
    }
    return fault_of(FAULT_CONFLICT);
}

static const struct error_row *find_row(const bson_error_t *error) {
    for (size_t i = 0; i < COUNT_OF(error_rows); i++) {
        const struct error_row *row = &error_rows[i];
        if (row->domain == error->domain && (row->code == ANY_CODE || row->code == error->code)) {
            return row;
        }
    }
    return NULL;
}

static bool is_logged_already(struct mongo_store *store) {
    if (store->error.domain != MONGOC_ERROR_SERVER_SELECTION) {
        return false;
    }
    int64_t now_us = clock_monotonic_us();
    bool is_recent = store->outage_logged_at_us != 0 &&
                     now_us - store->outage_logged_at_us < OUTAGE_LOG_INTERVAL_US;
    store->outage_logged_at_us = is_recent ? store->outage_logged_at_us : now_us;
    return is_recent;
}

/* The server's own words may quote values; those of the driver name hosts and reasons only. */
static void log_failure(const bson_error_t *error, const char *name, const bson_t *reply) {
    bool is_server = error->domain == MONGOC_ERROR_SERVER;
    struct str detail = is_server ? mongo_get_str(reply, "codeName") : str_of(error->message);
    log_error("mongo.failed", LOG_TEXT("call", name), LOG_INT("domain", error->domain),
              LOG_INT("code", error->code), LOG_STR("detail", detail));
}

struct fault mongo_fault_classify(struct mongo_store *store, const char *name, const bson_t *reply,
                                  bool is_write) {
    const bson_error_t *error = &store->error;
    const struct error_row *row = find_row(error);
    store->is_transient = (row != NULL && row->is_transient) ||
                          mongoc_error_has_label(reply, "TransientTransactionError");
    if (error->domain == MONGOC_ERROR_SERVER && error->code == CODE_DUPLICATE_KEY) {
        return fault_of_duplicate(error->message);
    }
    struct fault fault = fault_of(row == NULL ? FAULT_INTERNAL : row->fault);
    if (row == NULL && store->is_transient) {
        fault = fault_of(FAULT_BUSY);
    }
    if (!fault_is(fault, FAULT_BUSY) && !is_logged_already(store)) {
        log_failure(error, name, reply);
    }
    bool is_answer_lost = is_write && !mongo_connection_is_joined(store) &&
                          error->domain == MONGOC_ERROR_STREAM &&
                          error->code == MONGOC_ERROR_STREAM_SOCKET;
    return is_answer_lost ? fault_of(FAULT_OUTCOME_UNKNOWN) : fault;
}

bool mongo_fault_of_document(const bson_t *reply, bson_error_t *error) {
    static const char *const places[][2] = {
        {"writeErrors.0.code", "writeErrors.0.errmsg"},
        {"writeConcernError.code", "writeConcernError.errmsg"},
    };
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        int64_t code = mongo_get_int64(reply, places[i][0]);
        if (code != 0) {
            struct str message = mongo_get_str(reply, places[i][1]);
            bson_set_error(error, i == 0 ? MONGOC_ERROR_SERVER : MONGOC_ERROR_WRITE_CONCERN,
                           (uint32_t)code, "%.*s", STR_ARG(message));
            return true;
        }
    }
    return false;
}
