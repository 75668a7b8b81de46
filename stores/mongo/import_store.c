#include "stores/import_store.h"

#include "base/clock.h"
#include "stores/mongo/mongo_command.h"
#include "stores/mongo/mongo_document.h"

const char *const import_state_names[] = {"running", "done", "failed", NULL};

#define FIELD(key, kind, member) \
    { key, MONGO_FIELD_##kind, offsetof(struct import_record, member), true, NULL, NULL }

static const struct mongo_field record_fields[] = {
    FIELD("_id", STR, id),
    FIELD("user_id", INT64, user_id),
    {"state", MONGO_FIELD_ENUM, offsetof(struct import_record, state), true, NULL,
     import_state_names},
    FIELD("dry_run", BOOL, dry_run),
    FIELD("bytes", INT64, bytes),
    FIELD("bytes_total", INT64, bytes_total),
    FIELD("rows", INT64, rows),
    FIELD("created", INT64, created),
    FIELD("updated", INT64, updated),
    FIELD("unchanged", INT64, unchanged),
    FIELD("rejected", INT64, rejected),
    FIELD("errors", INT64, errors),
    FIELD("started_at", DATE, started_at_ms),
    FIELD("updated_at", DATE, updated_at_ms),
};
static const struct mongo_shape record_shape = {record_fields, COUNT_OF(record_fields),
                                                sizeof(struct import_record)};

struct fault import_store_put(struct mongo_store *store, struct import_record *record) {
    MONGO_BSON(filter);
    MONGO_BSON(document);
    CHECK(record->id.size > 0 && record->id.size <= IMPORT_ID_MAX_BYTES);
    record->updated_at_ms = clock_now_ms();
    mongo_put_str(&filter, "_id", record->id);
    mongo_shape_encode(&record_shape, record, &document);
    CHECK(
        BSON_APPEND_DATE_TIME(&document, "expires_at", record->updated_at_ms + IMPORT_LIFETIME_MS));
    return mongo_command_update(store, "import.put", "imports", &filter, &document,
                                MONGO_UPSERT_ONE, NULL);
}

struct found {
    struct arena *arena;
    struct import_record *record;
    bool is_there;
};

static struct fault read_found(void *context, const bson_t *document) {
    struct found *found = context;
    TRY(mongo_document_decode("imports", &record_shape, document, found->arena, found->record));
    found->is_there = true;
    return fault_none();
}

struct fault import_store_find(struct mongo_store *store, struct arena *arena, struct str id,
                               struct import_record *record) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    struct found found = {arena, record, false};
    ENSURE(id.size > 0 && id.size <= IMPORT_ID_MAX_BYTES, FAULT_NOT_FOUND);
    mongo_put_str(&filter, "_id", id);
    mongo_put_int64(&options, "limit", 1);
    TRY(mongo_connection_find(store, "import.find", "imports", &filter, &options, read_found,
                              &found));
    ENSURE(found.is_there, FAULT_NOT_FOUND);
    return fault_none();
}
