/*
 * statement: prepared statements with typed parameters and columns.
 *
 * The SQL is a row of statements.def, prepared when it is first used in a session. Results are
 * taken whole from the server before the first row is handed out, and described by rows of columns,
 * so that a SELECT reads straight into a struct.
 */
#ifndef AIZY_STORES_MYSQL_STATEMENT_H
#define AIZY_STORES_MYSQL_STATEMENT_H

#include "base/arena.h"
#include "stores/mysql/connection.h"

#define MYSQL_PARAMETERS_MAX 16
#define MYSQL_COLUMNS_MAX 24

enum mysql_parameter_kind { PARAMETER_INT64, PARAMETER_STR, PARAMETER_BYTES };

/* Borrows its text for the call. */
struct mysql_parameter {
    enum mysql_parameter_kind kind;
    int64_t number;  /* INT64_ABSENT: NULL */
    struct str text; /* absent: NULL */
};

#define PARAM_INT(value) \
    { .kind = PARAMETER_INT64, .number = (value) }
#define PARAM_STR(value) \
    { .kind = PARAMETER_STR, .text = (value) }
#define PARAM_BYTES(value) \
    { .kind = PARAMETER_BYTES, .text = (value) }

/* What a column becomes: NULL is INT64_ABSENT, absent, false. */
enum mysql_column_kind {
    COLUMN_INT64,
    COLUMN_STR, /* copied to the arena */
    COLUMN_BOOL,
    COLUMN_TIME, /* DATETIME(3) in UTC -> int64_t milliseconds */
};

struct mysql_column {
    enum mysql_column_kind kind;
    size_t offset; /* of the member it fills */
};

/* One use of a statement. The counts must be those of its SQL. */
struct mysql_use {
    enum mysql_statement statement;
    const struct mysql_parameter *parameters;
    size_t parameter_count;
    const struct mysql_column *columns;
    size_t column_count;
};

/*
 * Reads the first row into `row`. FAULT_NOT_FOUND when there is none. Outside of a transaction a
 * lost connection is mended and the read repeated, once.
 */
MUST_USE struct fault mysql_read_one(struct mysql_store *store, struct arena *arena,
                                     const struct mysql_use *use, void *row);

/* Reads all rows of `row_size` bytes into the arena; FAULT_INTERNAL when there are more than max.
 */
MUST_USE struct fault mysql_read_all(struct mysql_store *store, struct arena *arena,
                                     const struct mysql_use *use, size_t row_size, size_t max,
                                     void **rows, size_t *count);

/* What a write did. */
struct mysql_written {
    int64_t rows; /* matched, whether or not they changed */
    int64_t id;   /* of the inserted row, where the table counts */
};

/* Within a transaction only. `written` may be NULL. */
MUST_USE struct fault mysql_write(struct mysql_store *store, const struct mysql_use *use,
                                  struct mysql_written *written);

#endif
