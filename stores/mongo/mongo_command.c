#include "stores/mongo/mongo_command.h"

/* A write of one statement: {command: collection, list: [statement]}. *n: NULL: nobody asks. */
static struct fault write_statement(struct mongo_store *store, const char *name,
                                    const char *command_name, const char *collection,
                                    const char *list, const bson_t *statement, int64_t *n) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    bson_t statements;
    mongo_put_str(&command, command_name, str_of(collection));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&command, list, &statements));
    CHECK(BSON_APPEND_DOCUMENT(&statements, "0", statement));
    CHECK(bson_append_array_end(&command, &statements));
    TRY(mongo_connection_write(store, name, &command, &reply));
    if (n != NULL) {
        *n = mongo_get_int64(&reply, "n");
    }
    return fault_none();
}

struct fault mongo_command_insert(struct mongo_store *store, const char *name,
                                  const char *collection, const bson_t *document) {
    return write_statement(store, name, "insert", collection, "documents", document, NULL);
}

struct fault mongo_command_update(struct mongo_store *store, const char *name,
                                  const char *collection, const bson_t *filter,
                                  const bson_t *update, enum mongo_update_kind kind,
                                  int64_t *matched) {
    MONGO_BSON(statement);
    bool is_one = kind == MONGO_UPDATE_ONE || kind == MONGO_UPSERT_ONE;
    CHECK(BSON_APPEND_DOCUMENT(&statement, "q", filter));
    CHECK(kind == MONGO_UPDATE_BY_PIPELINE ? BSON_APPEND_ARRAY(&statement, "u", update)
                                           : BSON_APPEND_DOCUMENT(&statement, "u", update));
    CHECK(BSON_APPEND_BOOL(&statement, "multi", !is_one));
    CHECK(BSON_APPEND_BOOL(&statement, "upsert", kind == MONGO_UPSERT_ONE));
    return write_statement(store, name, "update", collection, "updates", &statement, matched);
}

struct fault mongo_command_pull(struct mongo_store *store, const char *name, const char *collection,
                                const char *member, struct str value) {
    MONGO_BSON(filter);
    MONGO_BSON(update);
    bson_t pull;
    mongo_put_str(&filter, member, value);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "$pull", &pull));
    mongo_put_str(&pull, member, value);
    CHECK(bson_append_document_end(&update, &pull));
    return mongo_command_update(store, name, collection, &filter, &update, MONGO_UPDATE_MANY, NULL);
}

struct fault mongo_command_remove(struct mongo_store *store, const char *name,
                                  const char *collection, const bson_t *filter, int64_t *removed) {
    MONGO_BSON(statement);
    CHECK(BSON_APPEND_DOCUMENT(&statement, "q", filter));
    mongo_put_int64(&statement, "limit", 1);
    return write_statement(store, name, "delete", collection, "deletes", &statement, removed);
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

struct fault mongo_command_count_up_to(struct mongo_store *store, const char *name,
                                       const char *collection, const bson_t *filter, int64_t max,
                                       int64_t *count, bool *is_exact) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    mongo_put_str(&command, "count", str_of(collection));
    CHECK(BSON_APPEND_DOCUMENT(&command, "query", filter));
    mongo_put_int64(&command, "limit", max + 1);
    TRY(mongo_connection_read(store, name, &command, &reply));
    int64_t found = mongo_get_int64(&reply, "n");
    *is_exact = found <= max;
    *count = *is_exact ? found : max;
    return fault_none();
}
