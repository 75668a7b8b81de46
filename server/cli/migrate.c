#include <inttypes.h>

#include "base/clock.h"
#include "server/api/schema.h"
#include "server/cli/command.h"
#include "server/cli/context.h"
#include "server/cli/schema_check.h"
#include "stores/migration.h"

/* How long one process waits while another migrates. */
#define MIGRATE_WAIT_MS (15LL * 60 * 1000)

/* For people; not const, because print_applied gets them as its context. */
static char mysql_name[] = "MySQL";
static char mongo_name[] = "MongoDB";

struct migration_row {
    struct str name;
    struct str state;
    int64_t applied_at_ms;
};

static const struct field migration_fields[] = {
    {.name = "name", .type = FIELD_STR, .offset = offsetof(struct migration_row, name)},
    {.name = "state", .type = FIELD_STR, .offset = offsetof(struct migration_row, state)},
    {.name = "applied_at",
     .type = FIELD_TIME,
     .offset = offsetof(struct migration_row, applied_at_ms),
     .is_nullable = true},
};
static const struct schema migration_schema =
    SCHEMA("Migration", struct migration_row, migration_fields);

struct store_row {
    struct str store; /* as `aizy check --json` names it */
    const char *title;
    bool is_current;
    struct str problem;
    struct any_list migrations;
};

static const struct field store_fields[] = {
    {.name = "store", .type = FIELD_STR, .offset = offsetof(struct store_row, store)},
    {.name = "current", .type = FIELD_BOOL, .offset = offsetof(struct store_row, is_current)},
    {.name = "problem",
     .type = FIELD_STR,
     .offset = offsetof(struct store_row, problem),
     .is_nullable = true},
    {.name = "migrations",
     .type = FIELD_OBJECTS,
     .offset = offsetof(struct store_row, migrations),
     .object = &migration_schema},
};
static const struct schema store_schema = SCHEMA("StoreSchema", struct store_row, store_fields);

struct status_report {
    bool is_current;
    struct any_list stores;
};

static const struct field report_fields[] = {
    {.name = "current", .type = FIELD_BOOL, .offset = offsetof(struct status_report, is_current)},
    {.name = "stores",
     .type = FIELD_OBJECTS,
     .offset = offsetof(struct status_report, stores),
     .object = &store_schema},
};
static const struct schema report_schema =
    SCHEMA("SchemaReport", struct status_report, report_fields);

static bool open_stores(struct context *context) {
    return context_open_mysql(context, CONTEXT_MIGRATION_TIMEOUT_MS) &&
           context_open_mongo(context, CONTEXT_MIGRATION_TIMEOUT_MS);
}

/* Says what is wrong with either. */
static bool both_answered(struct fault mysql_fault, struct fault mongo_fault) {
    if (fault_occurred(mysql_fault)) {
        context_fault(mysql_name, mysql_fault);
    }
    if (fault_occurred(mongo_fault)) {
        context_fault(mongo_name, mongo_fault);
    }
    return !fault_occurred(mysql_fault) && !fault_occurred(mongo_fault);
}

static void print_applied(void *store_name, struct str name) {
    (void)printf("%s: applied %.*s\n", (const char *)store_name, STR_ARG(name));
    (void)fflush(stdout);
}

static bool report_up(const char *store_name, struct fault fault) {
    if (fault_is(fault, FAULT_CONFLICT)) {
        context_problem("%s: the migrations that were applied are not those of this program; "
                        "`aizy migrate status` shows which.",
                        store_name);
    } else if (fault_is(fault, FAULT_BUSY)) {
        context_problem("%s: another process has been migrating for a long time; try again.",
                        store_name);
    } else if (fault_occurred(fault)) {
        context_fault(store_name, fault);
    } else {
        (void)printf("%s: up to date\n", store_name);
    }
    return !fault_occurred(fault);
}

static enum command_result migrate_up(struct context *context) {
    if (!context_open(context) || !open_stores(context)) {
        return COMMAND_MISUSED;
    }
    bool mysql_is_up =
        report_up(mysql_name, mysql_migration_up(context->mysql, &context->arena, MIGRATE_WAIT_MS,
                                                 print_applied, mysql_name));
    bool mongo_is_up =
        report_up(mongo_name, mongo_migration_up(context->mongo, &context->arena, MIGRATE_WAIT_MS,
                                                 print_applied, mongo_name));
    return mysql_is_up && mongo_is_up ? COMMAND_DONE : COMMAND_FAILED;
}

static enum command_result run_up(const struct options *options) {
    (void)options;
    struct context context;
    enum command_result result = migrate_up(&context);
    context_close(&context);
    return result;
}

static void fill_store_row(struct arena *arena, const char *store, const char *title,
                           const struct migration_status_list *list, struct store_row *row) {
    struct migration_row *migrations = arena_alloc_array(arena, list->count, sizeof(*migrations));
    for (size_t i = 0; i < list->count; i++) {
        migrations[i] = (struct migration_row){
            .name = list->items[i].name,
            .state = str_of(migration_state_name(list->items[i].state)),
            .applied_at_ms = list->items[i].applied_at_ms,
        };
    }
    *row = (struct store_row){
        .store = str_of(store),
        .title = title,
        .is_current = migration_is_current(list),
        .problem = schema_check_sentence(arena, title, list),
        .migrations = {migrations, list->count},
    };
}

static void print_store_row(const struct store_row *row) {
    (void)printf("%s\n", row->title);
    const struct migration_row *migrations = row->migrations.items;
    for (size_t i = 0; i < row->migrations.count; i++) {
        char time[CLOCK_TEXT_SIZE] = "";
        if (migrations[i].applied_at_ms != INT64_ABSENT) {
            clock_format(migrations[i].applied_at_ms, time);
        }
        (void)printf("  %-8.*s %.*s%s%s\n", STR_ARG(migrations[i].state),
                     STR_ARG(migrations[i].name), time[0] != '\0' ? "  " : "", time);
    }
    if (!str_is_absent(row->problem)) {
        (void)printf("  %.*s\n", STR_ARG(row->problem));
    }
}

static enum command_result migrate_status(struct context *context, bool as_json) {
    if (!context_open(context) || !open_stores(context)) {
        return COMMAND_MISUSED;
    }
    struct migration_status_list lists[2] = {0};
    struct fault mysql_fault = mysql_migration_status(context->mysql, &context->arena, &lists[0]);
    struct fault mongo_fault = mongo_migration_status(context->mongo, &context->arena, &lists[1]);
    if (!both_answered(mysql_fault, mongo_fault)) {
        return COMMAND_FAILED;
    }
    struct store_row rows[2];
    fill_store_row(&context->arena, "mysql", mysql_name, &lists[0], &rows[0]);
    fill_store_row(&context->arena, "mongo", mongo_name, &lists[1], &rows[1]);
    struct status_report report = {rows[0].is_current && rows[1].is_current,
                                   {rows, COUNT_OF(rows)}};
    if (as_json) {
        context_print_json(&report_schema, &report);
    } else {
        print_store_row(&rows[0]);
        print_store_row(&rows[1]);
    }
    return report.is_current ? COMMAND_DONE : COMMAND_FAILED;
}

static enum command_result run_status(const struct options *options) {
    struct context context;
    enum command_result result = migrate_status(&context, options_flag(options, "json"));
    context_close(&context);
    return result;
}

static enum command_result migrate_reset(struct context *context, bool is_confirmed) {
    if (!context_open(context)) {
        return COMMAND_MISUSED;
    }
    if (config_is_production(&context->config)) {
        context_problem("AIZY_ENV is production (also when it is not set): nothing is reset here.");
        return COMMAND_MISUSED;
    }
    if (!is_confirmed) {
        context_problem("This drops everything in both databases; say --yes if you mean it.");
        return COMMAND_MISUSED;
    }
    if (!open_stores(context)) {
        return COMMAND_MISUSED;
    }
    struct fault mysql_fault = mysql_migration_reset(context->mysql, &context->arena);
    struct fault mongo_fault = mongo_migration_reset(context->mongo, &context->arena);
    if (!both_answered(mysql_fault, mongo_fault)) {
        return COMMAND_FAILED;
    }
    (void)printf("Both databases are empty; `aizy migrate up` makes them anew.\n");
    return COMMAND_DONE;
}

static enum command_result run_reset(const struct options *options) {
    struct context context;
    enum command_result result = migrate_reset(&context, options_flag(options, "yes"));
    context_close(&context);
    return result;
}

static const struct option_row status_options[] = {
    {.name = "json", .kind = OPTION_FLAG, .help = "print it as JSON"},
};

static const struct option_row reset_options[] = {
    {.name = "yes", .kind = OPTION_FLAG, .help = "yes, drop everything"},
};

const struct command migrate_up_command = {
    .name = "migrate",
    .subname = "up",
    .summary = "bring both databases to this program's schema",
    .help = "Safe to run from several places at once: one migrates, the others wait for it.\n"
            "One that was interrupted goes on where it stopped.\n",
    .run = run_up,
};

const struct command migrate_status_command = {
    .name = "migrate",
    .subname = "status",
    .summary = "show what is applied; fails unless all of it is",
    .options = status_options,
    .option_count = COUNT_OF(status_options),
    .run = run_status,
};

const struct command migrate_reset_command = {
    .name = "migrate",
    .subname = "reset",
    .summary = "drop everything in both databases; never in production",
    .options = reset_options,
    .option_count = COUNT_OF(reset_options),
    .run = run_reset,
};
