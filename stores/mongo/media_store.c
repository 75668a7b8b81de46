#include "stores/media_store.h"

#include "base/clock.h"
#include "base/log.h"
#include "stores/mongo/mongo_command.h"
#include "stores/mongo/mongo_document.h"

#define STATE_PENDING STR("pending")
#define STATE_DOOMED STR("doomed")

struct document {
    struct media_record record;
    struct str state;
    int64_t since_ms;
    struct str_list products;
};

static const struct mongo_field document_fields[] = {
    {"_id", MONGO_FIELD_STR, offsetof(struct document, record.id), true, NULL, NULL},
    {"names", MONGO_FIELD_STR_LIST, offsetof(struct document, record.names), true, NULL, NULL},
    {"state", MONGO_FIELD_STR, offsetof(struct document, state), true, NULL, NULL},
    {"since", MONGO_FIELD_DATE, offsetof(struct document, since_ms), true, NULL, NULL},
    {"products", MONGO_FIELD_ID_LIST, offsetof(struct document, products), true, NULL, NULL},
};
static const struct mongo_shape document_shape = {document_fields, COUNT_OF(document_fields),
                                                  sizeof(struct document)};

struct fault media_store_begin(struct mongo_store *store, const struct media_record *record) {
    MONGO_BSON(document);
    const struct document pending = {
        .record = *record, .state = STATE_PENDING, .since_ms = clock_now_ms()};
    mongo_shape_encode(&document_shape, &pending, &document);
    return mongo_command_insert(store, "media.begin", "media", &document);
}

static struct fault doom(struct mongo_store *store, const bson_t *filter, int64_t *count) {
    MONGO_BSON(update);
    bson_t set;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "$set", &set));
    mongo_put_str(&set, "state", STATE_DOOMED);
    CHECK(bson_append_document_end(&update, &set));
    return mongo_command_update(store, "media.doom", "media", filter, &update, MONGO_UPDATE_MANY,
                                count);
}

struct fault media_store_give_up(struct mongo_store *store, struct str id, bool *is_doomed) {
    MONGO_BSON(filter);
    int64_t count = 0;
    mongo_put_str(&filter, "_id", id);
    mongo_put_str(&filter, "state", STATE_PENDING);
    TRY(doom(store, &filter, &count));
    *is_doomed = count == 1;
    return fault_none();
}

/* {state: state, since: {$lt: before}} */
static void put_older(struct str state, int64_t before_ms, bson_t *filter) {
    bson_t range;
    mongo_put_str(filter, "state", state);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(filter, "since", &range));
    CHECK(BSON_APPEND_DATE_TIME(&range, "$lt", before_ms));
    CHECK(bson_append_document_end(filter, &range));
}

struct fault media_store_expire(struct mongo_store *store, int64_t before_ms) {
    MONGO_BSON(filter);
    int64_t count = 0;
    put_older(STATE_PENDING, before_ms, &filter);
    TRY(doom(store, &filter, &count));
    if (count > 0) {
        log_info("media.expired", LOG_INT("count", count));
    }
    return fault_none();
}

struct reading {
    struct arena *arena;
    struct media_record_list *records;
};

static struct fault read_document(void *context, const bson_t *document) {
    struct reading *reading = context;
    struct document read;
    TRY(mongo_document_decode("media", &document_shape, document, reading->arena, &read));
    reading->records->items[reading->records->count++] = read.record;
    return fault_none();
}

struct fault media_store_find_doomed(struct mongo_store *store, struct arena *arena,
                                     int64_t before_ms, size_t limit,
                                     struct media_record_list *records) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    bson_t sort;
    *records =
        (struct media_record_list){arena_alloc_array(arena, limit, sizeof(struct media_record)), 0};
    struct reading reading = {arena, records};
    put_older(STATE_DOOMED, before_ms, &filter);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&options, "sort", &sort));
    mongo_put_int64(&sort, "since", 1);
    CHECK(bson_append_document_end(&options, &sort));
    mongo_put_int64(&options, "limit", (int64_t)limit);
    return mongo_connection_find(store, "media.find_doomed", "media", &filter, &options,
                                 read_document, &reading);
}

struct fault media_store_forget(struct mongo_store *store, struct str id) {
    MONGO_BSON(filter);
    mongo_put_str(&filter, "_id", id);
    mongo_put_str(&filter, "state", STATE_DOOMED);
    return mongo_command_remove(store, "media.forget", "media", &filter, NULL);
}
