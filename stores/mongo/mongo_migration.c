#include "base/clock.h"
#include "base/log.h"
#include "stores/migration_plan.h"
#include "stores/mongo/mongo_command.h"
#include "stores/mongo/mongo_document.h"
#include "stores/mongo/mongo_lease.h"

/* Building an index over a large collection takes its time; no client waits for it. */
#define COMMAND_TIMEOUT_MS (60 * 60 * 1000)

static const struct mongo_field record_fields[] = {
    {"_id", MONGO_FIELD_STR, offsetof(struct migration_record, name), true, NULL, NULL},
    {"checksum", MONGO_FIELD_STR, offsetof(struct migration_record, checksum), true, NULL, NULL},
    {"applied_at", MONGO_FIELD_DATE, offsetof(struct migration_record, applied_at_ms), false, NULL,
     NULL},
};
static const struct mongo_shape record_shape = {record_fields, COUNT_OF(record_fields),
                                                sizeof(struct migration_record)};

struct record_reader {
    struct arena *arena;
    struct migration_record *items;
    size_t count;
};

static struct fault read_migration(void *context, const bson_t *document) {
    struct record_reader *reader = context;
    ENSURE(reader->count < MIGRATION_RECORDS_MAX, FAULT_INTERNAL);
    struct migration_record *record = &reader->items[reader->count];
    TRY(mongo_document_decode("schema_migrations", &record_shape, document, reader->arena, record));
    record->is_applied = record->applied_at_ms != INT64_ABSENT;
    reader->count++;
    return fault_none();
}

struct fault mongo_migration_status(struct mongo_store *store, struct arena *arena,
                                    struct migration_status_list *list) {
    MONGO_BSON(everything);
    MONGO_BSON(options);
    bson_t order;
    struct record_reader reader = {.arena = arena};
    reader.items = arena_alloc_array(arena, MIGRATION_RECORDS_MAX, sizeof(*reader.items));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&options, "sort", &order));
    CHECK(BSON_APPEND_INT32(&order, "_id", 1));
    CHECK(bson_append_document_end(&options, &order));
    TRY(mongo_connection_find(store, "migration.status", "schema_migrations", &everything, &options,
                              read_migration, &reader));
    migration_plan_compare(arena, migrations_mongo, migrations_mongo_count, reader.items,
                           reader.count, list);
    return fault_none();
}

/* Notes a migration as begun, or as applied. */
static struct fault note(struct mongo_store *store, const struct migration_file *file,
                         const char *time_key) {
    MONGO_BSON(filter);
    MONGO_BSON(update);
    bson_t set;
    char checksum[MIGRATION_CHECKSUM_SIZE];
    migration_checksum(file, checksum);
    mongo_put_str(&filter, "_id", migration_name(file));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "$set", &set));
    mongo_put_str(&set, "checksum", str_of(checksum));
    CHECK(BSON_APPEND_DATE_TIME(&set, time_key, clock_now_ms()));
    CHECK(bson_append_document_end(&update, &set));
    return mongo_command_update(store, "migration.note", "schema_migrations", &filter, &update,
                                MONGO_UPSERT_ONE, NULL);
}

/* Refusals that say that the work was done before: by a process that ended in the middle. */
struct done_row {
    const char *command;
    uint32_t code;
};

static const struct done_row done_rows[] = {
    {"create", 48},      /* NamespaceExists */
    {"drop", 26},        /* NamespaceNotFound */
    {"dropIndexes", 27}, /* IndexNotFound */
};

static struct fault run_command(struct mongo_store *store, const bson_t *command) {
    MONGO_BSON(reply);
    bson_iter_t at;
    struct fault fault = mongo_connection_write(store, "migration.run", command, &reply);
    if (!fault_occurred(fault) || !bson_iter_init(&at, command) || !bson_iter_next(&at)) {
        return fault;
    }
    for (size_t i = 0; i < COUNT_OF(done_rows); i++) {
        if (store->error.domain == MONGOC_ERROR_SERVER && store->error.code == done_rows[i].code &&
            strcmp(bson_iter_key(&at), done_rows[i].command) == 0) {
            return fault_none();
        }
    }
    return fault;
}

static struct fault run_commands(struct mongo_store *store, const bson_t *content) {
    bson_iter_t start;
    bson_iter_t at;
    ENSURE(bson_iter_init_find(&start, content, "commands") && BSON_ITER_HOLDS_ARRAY(&start) &&
               bson_iter_recurse(&start, &at),
           FAULT_INTERNAL);
    while (bson_iter_next(&at)) {
        uint32_t size = 0;
        const uint8_t *data = NULL;
        bson_t command;
        ENSURE(BSON_ITER_HOLDS_DOCUMENT(&at), FAULT_INTERNAL);
        bson_iter_document(&at, &size, &data);
        CHECK(bson_init_static(&command, data, size));
        TRY(run_command(store, &command));
    }
    return fault_none();
}

/* The files are the program's own, so here, and only here, JSON becomes BSON. */
static struct fault run_file(struct mongo_store *store, const struct migration_file *file) {
    bson_error_t error;
    bson_t *content = bson_new_from_json(file->content, (ssize_t)file->size, &error);
    if (content == NULL) {
        log_error("migration.unreadable", LOG_TEXT("file", file->file_name),
                  LOG_TEXT("detail", error.message));
        return fault_of(FAULT_INTERNAL);
    }
    struct fault fault = run_commands(store, content);
    bson_destroy(content);
    return fault;
}

static struct fault apply_file(struct mongo_store *store, const struct migration_file *file) {
    TRY(note(store, file, "begun_at"));
    TRY(run_file(store, file));
    return note(store, file, "applied_at");
}

/* One call of mongo_migration_up. */
struct run {
    struct mongo_store *store; /* with time for long commands */
    struct arena *arena;
    migration_progress *progress;
    void *context;
    struct mongo_lease lease;
};

static struct fault apply_due(struct run *run) {
    struct migration_status_list list;
    TRY(mongo_migration_status(run->store, run->arena, &list));
    TRY(migration_plan_check(&list, "mongo"));
    /* The first rows are the files', in their order. */
    for (size_t i = 0; i < migrations_mongo_count; i++) {
        if (migration_plan_is_due(&list.items[i])) {
            ENSURE(mongo_lease_is_held(&run->lease), FAULT_BUSY);
            TRY(apply_file(run->store, &migrations_mongo[i]));
            if (run->progress != NULL) {
                run->progress(run->context, list.items[i].name);
            }
        }
    }
    return fault_none();
}

static struct fault run_leased(struct run *run, struct mongo_store *store, int64_t wait_ms) {
    TRY(mongo_lease_take(&run->lease, store, wait_ms));
    struct fault fault = apply_due(run);
    mongo_lease_give(&run->lease);
    return fault;
}

struct fault mongo_migration_up(struct mongo_store *store, struct arena *arena, int64_t wait_ms,
                                migration_progress *progress, void *context) {
    struct run run = {.arena = arena, .progress = progress, .context = context};
    run.store = mongo_connection_clone(store, COMMAND_TIMEOUT_MS);
    struct fault fault = run_leased(&run, store, wait_ms);
    mongo_store_close(run.store);
    return fault;
}

struct fault mongo_migration_reset(struct mongo_store *store, struct arena *arena) {
    (void)arena;
    MONGO_BSON(command);
    MONGO_BSON(reply);
    mongo_put_int64(&command, "dropDatabase", 1);
    return mongo_connection_write(store, "migration.reset", &command, &reply);
}
