#include "stores/mongo/mongo_command.h"

struct fault mongo_command_insert(struct mongo_store *store, const char *name,
                                  const char *collection, const bson_t *document) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    bson_t documents;
    mongo_put_str(&command, "insert", str_of(collection));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&command, "documents", &documents));
    CHECK(BSON_APPEND_DOCUMENT(&documents, "0", document));
    CHECK(bson_append_array_end(&command, &documents));
    return mongo_connection_write(store, name, &command, &reply);
}

struct fault mongo_command_update(struct mongo_store *store, const char *name,
                                  const char *collection, const bson_t *filter,
                                  const bson_t *update, enum mongo_update_kind kind,
                                  int64_t *matched) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    bson_t updates;
    bson_t statement;
    mongo_put_str(&command, "update", str_of(collection));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&command, "updates", &updates));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&updates, "0", &statement));
    CHECK(BSON_APPEND_DOCUMENT(&statement, "q", filter));
    CHECK(kind == MONGO_UPDATE_BY_PIPELINE ? BSON_APPEND_ARRAY(&statement, "u", update)
                                           : BSON_APPEND_DOCUMENT(&statement, "u", update));
    CHECK(BSON_APPEND_BOOL(&statement, "multi", kind != MONGO_UPDATE_ONE));
    CHECK(bson_append_document_end(&updates, &statement));
    CHECK(bson_append_array_end(&command, &updates));
    TRY(mongo_connection_write(store, name, &command, &reply));
    if (matched != NULL) {
        *matched = mongo_get_int64(&reply, "n");
    }
    return fault_none();
}

struct fault mongo_command_remove(struct mongo_store *store, const char *name,
                                  const char *collection, const bson_t *filter, int64_t *removed) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    bson_t deletes;
    bson_t statement;
    mongo_put_str(&command, "delete", str_of(collection));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&command, "deletes", &deletes));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&deletes, "0", &statement));
    CHECK(BSON_APPEND_DOCUMENT(&statement, "q", filter));
    mongo_put_int64(&statement, "limit", 1);
    CHECK(bson_append_document_end(&deletes, &statement));
    CHECK(bson_append_array_end(&command, &deletes));
    TRY(mongo_connection_write(store, name, &command, &reply));
    *removed = mongo_get_int64(&reply, "n");
    return fault_none();
}

struct fault mongo_command_count(struct mongo_store *store, const char *name,
                                 const char *collection, const bson_t *filter, int64_t *count) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    bson_t pipeline;
    bson_t stage;
    bson_t cursor;
    mongo_put_str(&command, "aggregate", str_of(collection));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&command, "pipeline", &pipeline));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&pipeline, "0", &stage));
    CHECK(BSON_APPEND_DOCUMENT(&stage, "$match", filter));
    CHECK(bson_append_document_end(&pipeline, &stage));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&pipeline, "1", &stage));
    mongo_put_str(&stage, "$count", STR("count"));
    CHECK(bson_append_document_end(&pipeline, &stage));
    CHECK(bson_append_array_end(&command, &pipeline));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&command, "cursor", &cursor));
    CHECK(bson_append_document_end(&command, &cursor));
    TRY(mongo_connection_read(store, name, &command, &reply));
    *count = mongo_get_int64(&reply, "cursor.firstBatch.0.count");
    return fault_none();
}
