#include "stores/idempotency_store.h"

#include "base/buf.h"
#include "base/clock.h"
#include "stores/mongo/mongo_command.h"
#include "stores/mongo/mongo_document.h"
#include "stores/mongo/mongo_transaction.h"

#define CODE_LOCK_TIMEOUT 24
#define CODE_WRITE_CONFLICT 112

struct record {
    struct str id;
    struct str fingerprint;
    int64_t created_at_ms;
    int64_t expires_at_ms;
    struct idempotency_answer answer;
};

static const struct mongo_field answer_fields[] = {
    {"status", MONGO_FIELD_INT64, offsetof(struct idempotency_answer, status), true, NULL, NULL},
    {"etag", MONGO_FIELD_STR, offsetof(struct idempotency_answer, etag), false, NULL, NULL},
    {"location", MONGO_FIELD_STR, offsetof(struct idempotency_answer, location), false, NULL, NULL},
    {"body", MONGO_FIELD_STR, offsetof(struct idempotency_answer, body), true, NULL, NULL},
};
static const struct mongo_shape answer_shape = {answer_fields, COUNT_OF(answer_fields),
                                                sizeof(struct idempotency_answer)};

static const struct mongo_field record_fields[] = {
    {"_id", MONGO_FIELD_STR, offsetof(struct record, id), true, NULL, NULL},
    {"fingerprint", MONGO_FIELD_STR, offsetof(struct record, fingerprint), true, NULL, NULL},
    {"created_at", MONGO_FIELD_DATE, offsetof(struct record, created_at_ms), true, NULL, NULL},
    {"expires_at", MONGO_FIELD_DATE, offsetof(struct record, expires_at_ms), true, NULL, NULL},
};
static const struct mongo_shape record_shape = {record_fields, COUNT_OF(record_fields),
                                                sizeof(struct record)};

/* One call of idempotency_store_run. */
struct run {
    struct arena *arena;
    struct str id;
    struct str fingerprint;
    idempotency_effect *effect;
    void *context;
    struct idempotency_answer *answer;
    struct record found;
    bool is_found;
    bool is_taken; /* somebody else's record was in the way of ours */
};

static struct fault read_record(void *context, const bson_t *document) {
    struct run *run = context;
    TRY(mongo_document_decode("idempotency_keys", &record_shape, document, run->arena,
                              &run->found));
    TRY(mongo_document_decode("idempotency_keys", &answer_shape, document, run->arena,
                              &run->found.answer));
    run->is_found = true;
    return fault_none();
}

/* Outside of a transaction: what is committed, and no older than that. */
static struct fault look(struct mongo_store *store, struct run *run) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    run->is_found = false;
    mongo_put_str(&filter, "_id", run->id);
    mongo_put_int64(&options, "limit", 1);
    return mongo_connection_find(store, "idempotency.find", "idempotency_keys", &filter, &options,
                                 read_record, run);
}

/* What has expired counts no more, though the server removes it only now and then. */
static bool is_fresh(const struct run *run) {
    return run->is_found && run->found.expires_at_ms > clock_now_ms();
}

static struct fault remove_expired(struct mongo_store *store, const struct run *run) {
    MONGO_BSON(filter);
    mongo_put_str(&filter, "_id", run->id);
    CHECK(BSON_APPEND_DATE_TIME(&filter, "expires_at", run->found.expires_at_ms));
    return mongo_command_remove(store, "idempotency.remove", "idempotency_keys", &filter, NULL);
}

static struct fault insert(struct mongo_store *store, const struct run *run) {
    MONGO_BSON(document);
    int64_t now_ms = clock_now_ms();
    const struct record record = {
        .id = run->id,
        .fingerprint = run->fingerprint,
        .created_at_ms = now_ms,
        .expires_at_ms = now_ms + IDEMPOTENCY_LIFETIME_MS,
    };
    mongo_shape_encode(&record_shape, &record, &document);
    return mongo_command_insert(store, "idempotency.insert", "idempotency_keys", &document);
}

/* Two records of one id exclude each other: the second one to be written is refused at once. */
static bool is_refused_by_another(const struct mongo_store *store, struct fault fault) {
    return fault_is(fault, FAULT_CONFLICT) ||
           (fault_is(fault, FAULT_BUSY) &&
            (store->error.code == CODE_WRITE_CONFLICT || store->error.code == CODE_LOCK_TIMEOUT));
}

/* First in the transaction, so that whoever comes second has done nothing yet. */
static struct fault take(struct mongo_store *store, struct run *run) {
    struct fault fault = run->is_found ? remove_expired(store, run) : fault_none();
    if (!fault_occurred(fault)) {
        fault = insert(store, run);
    }
    run->is_taken = is_refused_by_another(store, fault);
    if (run->is_taken) {
        store->is_transient = false;
        return fault_of(FAULT_IN_PROGRESS);
    }
    return fault;
}

static struct fault keep_answer(struct mongo_store *store, const struct run *run) {
    MONGO_BSON(filter);
    MONGO_BSON(update);
    bson_t set;
    int64_t matched = 0;
    mongo_put_str(&filter, "_id", run->id);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "$set", &set));
    mongo_shape_encode(&answer_shape, run->answer, &set);
    CHECK(bson_append_document_end(&update, &set));
    TRY(mongo_command_update(store, "idempotency.keep", "idempotency_keys", &filter, &update,
                             MONGO_UPDATE_ONE, &matched));
    ENSURE(matched == 1, FAULT_INTERNAL);
    return fault_none();
}

static struct fault run_body(struct mongo_store *store, void *context) {
    struct run *run = context;
    TRY(take(store, run));
    *run->answer = (struct idempotency_answer){0};
    TRY(run->effect(run->context, run->answer));
    ENSURE(run->answer->body.size <= IDEMPOTENCY_ANSWER_MAX_BYTES, FAULT_ANSWER_TOO_LARGE);
    return keep_answer(store, run);
}

static struct fault replay(const struct run *run, bool *is_replay) {
    ENSURE(str_equals(run->found.fingerprint, run->fingerprint), FAULT_IDEMPOTENCY_KEY_REUSED);
    *run->answer = run->found.answer;
    *is_replay = true;
    return fault_none();
}

static struct str hex_of(const unsigned char *digest, struct arena *arena) {
    struct buf hex;
    buf_init(&hex, 2 * IDEMPOTENCY_DIGEST_BYTES);
    buf_append_hex(&hex, digest, IDEMPOTENCY_DIGEST_BYTES);
    struct str copy = arena_copy(arena, buf_str(&hex));
    buf_release(&hex);
    return copy;
}

struct fault idempotency_store_run(struct mongo_store *store, struct arena *arena,
                                   const struct idempotency_key *key, idempotency_effect *effect,
                                   void *context, struct idempotency_answer *answer,
                                   bool *is_replay) {
    struct run run = {
        .arena = arena,
        .id = hex_of(key->digest, arena),
        .fingerprint = hex_of(key->fingerprint, arena),
        .effect = effect,
        .context = context,
        .answer = answer,
    };
    *is_replay = false;
    TRY(look(store, &run));
    if (is_fresh(&run)) {
        return replay(&run, is_replay);
    }
    struct fault fault = mongo_transaction_run(store, run_body, &run);
    if (!run.is_taken) {
        return fault;
    }
    /* Whoever was in the way may have come to its end between our look and our try. */
    TRY(look(store, &run));
    ENSURE(is_fresh(&run), FAULT_IN_PROGRESS);
    return replay(&run, is_replay);
}
