#include "stores/mongo/category_guard.h"

#include "base/log.h"
#include "stores/mongo/mongo_command.h"

/* Made by migrations/mongo, with _id from 0 on. */
#define GUARD_COUNT 16

static struct fault update_guards(struct mongo_store *store, const char *name, const bson_t *filter,
                                  int64_t expected) {
    MONGO_BSON(update);
    bson_t increments;
    int64_t matched = 0;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "$inc", &increments));
    CHECK(BSON_APPEND_INT64(&increments, "entries", 1));
    CHECK(bson_append_document_end(&update, &increments));
    TRY(mongo_command_update(store, name, "category_guards", filter, &update, MONGO_UPDATE_MANY,
                             &matched));
    if (matched != expected) {
        log_error("mongo.guards_missing", LOG_INT("found", matched), LOG_INT("wanted", expected));
        return fault_of(FAULT_INTERNAL);
    }
    return fault_none();
}

struct fault category_guard_enter(struct mongo_store *store) {
    MONGO_BSON(filter);
    bson_oid_t id;
    CHECK(store->session != NULL && "a guard outside of a transaction guards nothing");
    /* The end of an ObjectId is counted up: workers of this process take different ones. */
    bson_oid_init(&id, NULL);
    CHECK(BSON_APPEND_INT32(&filter, "_id", id.bytes[sizeof(id.bytes) - 1] % GUARD_COUNT));
    return update_guards(store, "category.enter", &filter, 1);
}

struct fault category_guard_close(struct mongo_store *store) {
    MONGO_BSON(everyone);
    CHECK(store->session != NULL && "a guard outside of a transaction guards nothing");
    return update_guards(store, "category.close", &everyone, GUARD_COUNT);
}
