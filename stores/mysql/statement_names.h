/* One name for each row of statements.def. */
#ifndef AIZY_STORES_MYSQL_STATEMENT_NAMES_H
#define AIZY_STORES_MYSQL_STATEMENT_NAMES_H

enum mysql_statement {
#define STATEMENT(id, sql) STATEMENT_##id,
#include "stores/mysql/statements.def"
#undef STATEMENT
    STATEMENT_COUNT
};

#endif
