/*
 * The migrations of MySQL: stores/migration.h's functions for this store.
 */
#include "base/buf.h"
#include "base/log.h"
#include "stores/migration_plan.h"
#include "stores/mysql/lease.h"
#include "stores/mysql/statement.h"
#include "stores/mysql/transaction.h"

/* A table of people may be large: its DDL may take as long as this. */
#define DDL_TIMEOUT_MS (INT64_C(6) * 3600 * 1000)

#define TABLES_MAX 10000
#define DROP_MAX_BYTES 1024

static const struct {
    const char *name;
    struct str sql;
} own_tables[] = {
    {"create schema_lease",
     STR_INIT("CREATE TABLE IF NOT EXISTS schema_lease ("
              "name VARCHAR(64) NOT NULL PRIMARY KEY, holder VARCHAR(64) NOT NULL, "
              "expires_at DATETIME(3) NOT NULL) "
              "ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")},
    {"create schema_migrations",
     STR_INIT("CREATE TABLE IF NOT EXISTS schema_migrations ("
              "name VARCHAR(190) NOT NULL PRIMARY KEY, checksum CHAR(64) NOT NULL, "
              "state VARCHAR(16) NOT NULL, applied_at DATETIME(3) NULL) "
              "ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")},
};

struct migrating {
    struct arena *arena;
    struct mysql_lease lease;
    migration_progress *progress;
    void *context;
};

static struct fault read_records(struct mysql_store *store, struct arena *arena,
                                 struct migration_record **records, size_t *count) {
    static const struct mysql_column columns[] = {
        {COLUMN_STR, offsetof(struct migration_record, name)},
        {COLUMN_STR, offsetof(struct migration_record, checksum)},
        {COLUMN_BOOL, offsetof(struct migration_record, is_applied)},
        {COLUMN_TIME, offsetof(struct migration_record, applied_at_ms)},
    };
    const struct mysql_use use = {.statement = STATEMENT_MIGRATION_LIST,
                                  .columns = columns,
                                  .column_count = COUNT_OF(columns)};
    void *rows = NULL;
    TRY(mysql_read_all(store, arena, &use, sizeof(**records), MIGRATION_RECORDS_MAX, &rows, count));
    *records = rows;
    return fault_none();
}

static struct fault has_records(struct mysql_store *store, struct arena *arena, bool *has) {
    static const struct mysql_column columns[] = {{COLUMN_INT64, 0}};
    const struct mysql_parameter parameters[] = {PARAM_STR(STR("schema_migrations"))};
    const struct mysql_use use = {.statement = STATEMENT_TABLE_COUNT,
                                  .parameters = parameters,
                                  .parameter_count = COUNT_OF(parameters),
                                  .columns = columns,
                                  .column_count = COUNT_OF(columns)};
    int64_t count = 0;
    TRY(mysql_read_one(store, arena, &use, &count));
    *has = count > 0;
    return fault_none();
}

struct fault mysql_migration_status(struct mysql_store *store, struct arena *arena,
                                    struct migration_status_list *list) {
    struct migration_record *records = NULL;
    size_t count = 0;
    bool has = false;
    TRY(has_records(store, arena, &has));
    if (has) {
        TRY(read_records(store, arena, &records, &count));
    }
    migration_plan_compare(arena, migrations_mysql, migrations_mysql_count, records, count, list);
    return fault_none();
}

static struct fault write_note(struct mysql_store *store, void *context) {
    return mysql_write(store, context, NULL);
}

static struct fault note_begun(struct mysql_store *store, const struct migration_file *file) {
    char checksum[MIGRATION_CHECKSUM_SIZE];
    migration_checksum(file, checksum);
    const struct mysql_parameter parameters[] = {PARAM_STR(migration_name(file)),
                                                 PARAM_STR(str_of(checksum))};
    struct mysql_use use = {.statement = STATEMENT_MIGRATION_NOTE_BEGUN,
                            .parameters = parameters,
                            .parameter_count = COUNT_OF(parameters)};
    return mysql_transaction_run(store, write_note, &use);
}

static struct fault note_by_name(struct mysql_store *store, enum mysql_statement statement,
                                 struct str name) {
    const struct mysql_parameter parameters[] = {PARAM_STR(name)};
    struct mysql_use use = {
        .statement = statement, .parameters = parameters, .parameter_count = COUNT_OF(parameters)};
    return mysql_transaction_run(store, write_note, &use);
}

/*
 * Only one that was begun before may find its work done: in a first run, an object that is already
 * there is somebody else's. A first run that the server refused, and did nothing of, is forgotten,
 * so that it stays one.
 */
static struct fault run_file(struct mysql_store *store, const struct migration_file *file,
                             const struct migration_status *status) {
    struct str sql = {(const char *)file->content, file->size};
    struct fault fault = mysql_run_text(store, file->file_name, sql);
    bool is_done = store->failure.class == MYSQL_CLASS_ALREADY_DONE;
    bool is_first = status->state == MIGRATION_PENDING;
    bool has_answered = store->session != NULL;
    if (!fault_occurred(fault) || (is_done && !is_first)) {
        return fault_none();
    }
    if (is_first && has_answered) {
        TRY(note_by_name(store, STATEMENT_MIGRATION_FORGET, status->name));
    }
    /* To a migration's caller, a conflict is one of versions. */
    return fault_is(fault, FAULT_CONFLICT) ? fault_of(FAULT_INTERNAL) : fault;
}

static struct fault apply(struct mysql_store *store, struct migrating *migrating,
                          const struct migration_file *file,
                          const struct migration_status *status) {
    ENSURE(mysql_lease_is_held(&migrating->lease), FAULT_BUSY);
    TRY(note_begun(store, file));
    TRY(run_file(store, file, status));
    TRY(note_by_name(store, STATEMENT_MIGRATION_NOTE_APPLIED, status->name));
    log_info("migration.applied", LOG_TEXT("store", "mysql"), LOG_STR("migration", status->name));
    if (migrating->progress != NULL) {
        migrating->progress(migrating->context, status->name);
    }
    return fault_none();
}

static struct fault apply_due(struct mysql_store *store, struct migrating *migrating) {
    struct migration_status_list list;
    TRY(mysql_migration_status(store, migrating->arena, &list));
    TRY(migration_plan_check(&list, "mysql"));
    for (size_t i = 0; i < migrations_mysql_count; i++) {
        if (migration_plan_is_due(&list.items[i])) {
            TRY(apply(store, migrating, &migrations_mysql[i], &list.items[i]));
        }
    }
    return fault_none();
}

/* In a connection of its own, in which a statement may take its time. */
static struct fault migrate(struct mysql_store *store, int64_t wait_ms,
                            const struct mysql_store_options *heartbeat_options,
                            struct migrating *migrating) {
    for (size_t i = 0; i < COUNT_OF(own_tables); i++) {
        TRY(mysql_run_text(store, own_tables[i].name, own_tables[i].sql));
    }
    TRY(mysql_lease_take(store, wait_ms, heartbeat_options, &migrating->lease));
    struct fault fault = apply_due(store, migrating);
    mysql_lease_give(store, &migrating->lease);
    return fault;
}

static struct fault open_for_ddl(const struct mysql_store *store, struct mysql_store **patient) {
    struct mysql_store_options options = store->options;
    options.timeout_ms = DDL_TIMEOUT_MS;
    return mysql_store_open(&options, patient);
}

struct fault mysql_migration_up(struct mysql_store *store, struct arena *arena, int64_t wait_ms,
                                migration_progress *progress, void *context) {
    /* Nothing is written when there is nothing to do. */
    struct migration_status_list list;
    TRY(mysql_migration_status(store, arena, &list));
    TRY(migration_plan_check(&list, "mysql"));
    if (migration_is_current(&list)) {
        return fault_none();
    }
    struct mysql_store *patient = NULL;
    TRY(open_for_ddl(store, &patient));
    struct migrating migrating = {.arena = arena, .progress = progress, .context = context};
    struct fault fault = migrate(patient, wait_ms, &store->options, &migrating);
    mysql_store_close(patient);
    return fault;
}

struct table_row {
    struct str name;
    struct str type;
};

static struct fault drop(struct mysql_store *store, const struct table_row *table) {
    struct buf sql;
    buf_init(&sql, DROP_MAX_BYTES);
    bool is_view = str_equals(table->type, STR("VIEW"));
    buf_printf(&sql, "DROP %s IF EXISTS `", is_view ? "VIEW" : "TABLE");
    for (size_t i = 0; i < table->name.size; i++) {
        if (table->name.data[i] == '`') {
            buf_append_byte(&sql, '`');
        }
        buf_append_byte(&sql, table->name.data[i]);
    }
    buf_append_byte(&sql, '`');
    CHECK(!buf_is_overflowed(&sql)); /* a name has at most 64 characters */
    struct fault fault = mysql_run_text(store, "drop", buf_str(&sql));
    buf_release(&sql);
    return fault;
}

static struct fault drop_all(struct mysql_store *store, struct arena *arena) {
    static const struct mysql_column columns[] = {
        {COLUMN_STR, offsetof(struct table_row, name)},
        {COLUMN_STR, offsetof(struct table_row, type)},
    };
    const struct mysql_use use = {
        .statement = STATEMENT_TABLE_LIST, .columns = columns, .column_count = COUNT_OF(columns)};
    void *rows = NULL;
    size_t count = 0;
    TRY(mysql_read_all(store, arena, &use, sizeof(struct table_row), TABLES_MAX, &rows, &count));
    const struct table_row *tables = rows;
    TRY(mysql_run_text(store, "foreign_key_checks", STR("SET SESSION foreign_key_checks = 0")));
    for (size_t i = 0; i < count; i++) {
        TRY(drop(store, &tables[i]));
    }
    return fault_none();
}

struct fault mysql_migration_reset(struct mysql_store *store, struct arena *arena) {
    struct mysql_store *patient = NULL;
    TRY(open_for_ddl(store, &patient));
    struct fault fault = drop_all(patient, arena);
    mysql_store_close(patient);
    return fault;
}
