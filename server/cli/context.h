/*
 * context: what most commands need: the settings, and a connection to each store that they name.
 *
 * One thread uses it. Everything lives in its arena until context_close. Each function that returns
 * false has said on standard error what is wrong.
 */
#ifndef AIZY_SERVER_CLI_CONTEXT_H
#define AIZY_SERVER_CLI_CONTEXT_H

#include "server/api/schema.h"
#include "server/config/config.h"
#include "stores/mongo_store.h"
#include "stores/mysql_store.h"

/* Files that are read whole: fixtures. */
#define CONTEXT_FILE_MAX_BYTES (16L * 1024 * 1024)

/* DDL over tables that are full takes its time. */
#define CONTEXT_MIGRATION_TIMEOUT_MS (10LL * 60 * 1000)

struct context {
    struct arena arena;
    struct config config;
    struct mysql_store *mysql; /* NULL until opened */
    struct mongo_store *mongo;
    bool mysql_library_is_open;
    bool mongo_library_is_open;
};

/*
 * Reads the settings from the environment and ./.env; only warnings and errors are logged from then
 * on. False: they are wrong, each violation has been printed, and the command returns
 * COMMAND_MISUSED. In both cases context_close is called at the end.
 */
MUST_USE bool context_open(struct context *context);

/* The same, and prints no violation: they are in what is returned, as are the warnings. */
struct config_problems *context_read_settings(struct context *context);

void context_close(struct context *context);

/* `timeout_ms` 0: STORE_TIMEOUT_MS. Connects with the first call. */
MUST_USE bool context_open_mysql(struct context *context, int64_t timeout_ms);
MUST_USE bool context_open_mongo(struct context *context, int64_t timeout_ms);

/* The whole file; absent when it cannot be read or has more than CONTEXT_FILE_MAX_BYTES. */
struct str context_read_file(struct context *context, const char *path);

/* The object as JSON by its schema, a line on standard output. */
void context_print_json(const struct schema *schema, const void *object);

/* "aizy: ...", a line on standard error. */
PRINTF_LIKE(1, 2) void context_problem(const char *format, ...);

/* The same for a fault of a store: what was being done, and what can be done about it. */
void context_fault(const char *subject, struct fault fault);

#endif
