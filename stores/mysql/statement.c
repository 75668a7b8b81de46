#include "stores/mysql/statement.h"

#include <mysqld_error.h>
#include <time.h>

static const struct {
    const char *name;
    struct str sql;
} statements[] = {
#define STATEMENT(id, sql) [STATEMENT_##id] = {#id, STR_INIT(sql)},
#include "stores/mysql/statements.def"
#undef STATEMENT
};

/* What the driver writes one column into, before it becomes a member of a struct. */
struct cell {
    int64_t number;
    MYSQL_TIME time;
    unsigned long length;
    my_bool is_null;
    my_bool is_cut;
    char no_text[1]; /* text is fetched once its length is known */
};

static unsigned int prepare(struct mysql_store *store, void *context) {
    const struct mysql_use *use = context;
    MYSQL_STMT *statement = mysql_stmt_init(store->session);
    CHECK(statement != NULL);
    struct str sql = statements[use->statement].sql;
    if (mysql_stmt_prepare(statement, sql.data, (unsigned long)sql.size) != 0) {
        unsigned int error_number = mysql_stmt_errno(statement);
        (void)mysql_stmt_close(statement);
        return error_number;
    }
    CHECK(mysql_stmt_param_count(statement) == use->parameter_count);
    CHECK(mysql_stmt_field_count(statement) == use->column_count);
    store->statements[use->statement] = statement;
    return 0;
}

static void bind_parameter(const struct mysql_parameter *parameter, MYSQL_BIND *bind) {
    /* The driver reads the values and does not write them, but its types do not say so. */
    if (parameter->kind == PARAMETER_INT64) {
        bind->buffer_type =
            parameter->number == INT64_ABSENT ? MYSQL_TYPE_NULL : MYSQL_TYPE_LONGLONG;
        bind->buffer = (void *)(uintptr_t)&parameter->number;
        return;
    }
    bind->buffer_type = parameter->kind == PARAMETER_BYTES ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
    if (str_is_absent(parameter->text)) {
        bind->buffer_type = MYSQL_TYPE_NULL;
    }
    bind->buffer = (void *)(uintptr_t)parameter->text.data;
    bind->buffer_length = (unsigned long)parameter->text.size;
    bind->length = &bind->buffer_length;
}

/*
 * A SELECT whose transaction Galera rolls back meanwhile, for one of another node, may answer as if
 * nothing had happened (seen with MariaDB 10.11), and what follows would be committed on its own:
 * half a change. The server's own flag tells.
 */
static bool has_lost_transaction(struct mysql_store *store) {
    unsigned int status = 0;
    (void)mariadb_get_infov(store->session, MARIADB_CONNECTION_SERVER_STATUS, &status);
    return store->in_transaction && (status & SERVER_STATUS_IN_TRANS) == 0;
}

static unsigned int execute(struct mysql_store *store, void *context) {
    const struct mysql_use *use = context;
    MYSQL_STMT *statement = store->statements[use->statement];
    MYSQL_BIND binds[MYSQL_PARAMETERS_MAX] = {0};
    CHECK(use->parameter_count <= MYSQL_PARAMETERS_MAX);
    for (size_t i = 0; i < use->parameter_count; i++) {
        bind_parameter(&use->parameters[i], &binds[i]);
    }
    if (use->parameter_count > 0 && mysql_stmt_bind_param(statement, binds) != 0) {
        return mysql_stmt_errno(statement);
    }
    if (mysql_stmt_execute(statement) != 0) {
        return mysql_stmt_errno(statement);
    }
    /* Errors that arise while the rows are made, a timeout for one, arrive only here. */
    if (use->column_count > 0 && mysql_stmt_store_result(statement) != 0) {
        return mysql_stmt_errno(statement);
    }
    return has_lost_transaction(store) ? ER_LOCK_DEADLOCK : 0;
}

static struct fault execute_once(struct mysql_store *store, struct mysql_use *use) {
    const char *name = statements[use->statement].name;
    if (store->statements[use->statement] == NULL) {
        TRY(mysql_call(store, &(struct mysql_call){.name = name, .run = prepare, .context = use}));
    }
    return mysql_call(
        store,
        &(struct mysql_call){.name = name, .run = execute, .context = use, .carries_values = true});
}

static struct fault execute_read(struct mysql_store *store, const struct mysql_use *use) {
    struct mysql_use copy = *use;
    struct fault fault = execute_once(store, &copy);
    bool may_repeat = store->failure.class == MYSQL_CLASS_LOST && !store->in_transaction;
    return fault_occurred(fault) && may_repeat ? execute_once(store, &copy) : fault;
}

static void bind_column(const struct mysql_column *column, struct cell *cell, MYSQL_BIND *bind) {
    bind->is_null = &cell->is_null;
    bind->error = &cell->is_cut;
    bind->length = &cell->length;
    switch (column->kind) {
    case COLUMN_INT64:
    case COLUMN_BOOL:
        bind->buffer_type = MYSQL_TYPE_LONGLONG;
        bind->buffer = &cell->number;
        bind->buffer_length = sizeof(cell->number);
        return;
    case COLUMN_TIME:
        bind->buffer_type = MYSQL_TYPE_DATETIME;
        bind->buffer = &cell->time;
        bind->buffer_length = sizeof(cell->time);
        return;
    case COLUMN_STR:
        bind->buffer_type = MYSQL_TYPE_STRING;
        bind->buffer = cell->no_text;
        return;
    }
}

static int64_t time_of(const MYSQL_TIME *time) {
    struct tm parts = {.tm_year = (int)time->year - 1900,
                       .tm_mon = (int)time->month - 1,
                       .tm_mday = (int)time->day,
                       .tm_hour = (int)time->hour,
                       .tm_min = (int)time->minute,
                       .tm_sec = (int)time->second};
    return (int64_t)timegm(&parts) * 1000 + (int64_t)(time->second_part / 1000);
}

static struct fault fetch_text(MYSQL_STMT *statement, size_t index, struct arena *arena,
                               unsigned long length, struct str *text) {
    char *data = arena_alloc(arena, (size_t)length + 1);
    my_bool is_null = 0;
    unsigned long fetched = 0;
    MYSQL_BIND bind = {.buffer_type = MYSQL_TYPE_STRING,
                       .buffer = data,
                       .buffer_length = length,
                       .is_null = &is_null,
                       .length = &fetched};
    *text = (struct str){data, length};
    ENSURE(length == 0 || mysql_stmt_fetch_column(statement, &bind, (unsigned int)index, 0) == 0,
           FAULT_INTERNAL);
    return fault_none();
}

static struct fault fill_member(MYSQL_STMT *statement, struct arena *arena, size_t index,
                                const struct mysql_column *column, const struct cell *cell,
                                void *row) {
    void *member = (char *)row + column->offset;
    int64_t number = cell->is_null ? INT64_ABSENT : cell->number;
    switch (column->kind) {
    case COLUMN_INT64:
        memcpy(member, &number, sizeof(number));
        return fault_none();
    case COLUMN_BOOL:
        memcpy(member, &(bool){!cell->is_null && cell->number != 0}, sizeof(bool));
        return fault_none();
    case COLUMN_TIME:
        number = cell->is_null ? INT64_ABSENT : time_of(&cell->time);
        memcpy(member, &number, sizeof(number));
        return fault_none();
    case COLUMN_STR:
        break;
    }
    struct str text = {NULL, 0};
    if (!cell->is_null) {
        TRY(fetch_text(statement, index, arena, cell->length, &text));
    }
    memcpy(member, &text, sizeof(text));
    return fault_none();
}

/* The rows are in this process by now; what fails here is the program. */
static struct fault fetch_row(struct mysql_store *store, struct arena *arena,
                              const struct mysql_use *use, void *row) {
    MYSQL_STMT *statement = store->statements[use->statement];
    struct cell cells[MYSQL_COLUMNS_MAX] = {0};
    MYSQL_BIND binds[MYSQL_COLUMNS_MAX] = {0};
    CHECK(use->column_count <= MYSQL_COLUMNS_MAX);
    for (size_t i = 0; i < use->column_count; i++) {
        bind_column(&use->columns[i], &cells[i], &binds[i]);
    }
    CHECK(mysql_stmt_bind_result(statement, binds) == 0);
    int outcome = mysql_stmt_fetch(statement);
    ENSURE(outcome != MYSQL_NO_DATA, FAULT_NOT_FOUND);
    ENSURE(outcome == 0 || outcome == MYSQL_DATA_TRUNCATED, FAULT_INTERNAL);
    for (size_t i = 0; i < use->column_count; i++) {
        TRY(fill_member(statement, arena, i, &use->columns[i], &cells[i], row));
    }
    return fault_none();
}

struct fault mysql_read_one(struct mysql_store *store, struct arena *arena,
                            const struct mysql_use *use, void *row) {
    TRY(execute_read(store, use));
    struct fault fault = fetch_row(store, arena, use, row);
    (void)mysql_stmt_free_result(store->statements[use->statement]);
    return fault;
}

static struct fault fetch_rows(struct mysql_store *store, struct arena *arena,
                               const struct mysql_use *use, size_t row_size, size_t max,
                               void **rows, size_t *count) {
    *count = (size_t)mysql_stmt_num_rows(store->statements[use->statement]);
    ENSURE(*count <= max, FAULT_INTERNAL);
    *rows = arena_alloc_array(arena, *count, row_size);
    for (size_t i = 0; i < *count; i++) {
        TRY(fetch_row(store, arena, use, (char *)*rows + i * row_size));
    }
    ENSURE(!arena_is_exhausted(arena), FAULT_ANSWER_TOO_LARGE);
    return fault_none();
}

struct fault mysql_read_all(struct mysql_store *store, struct arena *arena,
                            const struct mysql_use *use, size_t row_size, size_t max, void **rows,
                            size_t *count) {
    TRY(execute_read(store, use));
    struct fault fault = fetch_rows(store, arena, use, row_size, max, rows, count);
    (void)mysql_stmt_free_result(store->statements[use->statement]);
    return fault;
}

struct fault mysql_write(struct mysql_store *store, const struct mysql_use *use,
                         struct mysql_written *written) {
    CHECK(store->in_transaction);
    struct mysql_use copy = *use;
    TRY(execute_once(store, &copy));
    if (written != NULL) {
        MYSQL_STMT *statement = store->statements[use->statement];
        written->rows = (int64_t)mysql_stmt_affected_rows(statement);
        written->id = (int64_t)mysql_stmt_insert_id(statement);
    }
    return fault_none();
}
