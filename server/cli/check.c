#include "server/cli/command.h"
#include "server/cli/context.h"
#include "server/cli/schema_check.h"
#include "server/media/media_storage.h"
#include "server/security/tls_pair.h"
#include "sinks/admin_database.h"
#include "stores/migration.h"

/* Each problem of the settings is a row of its own. */
#define CHECKS_MAX (CONFIG_PROBLEMS_MAX + 8)

struct check_row {
    struct str name;
    bool is_ok;
    struct str detail; /* absent when there is nothing to say */
};

struct check_report {
    bool all_ok;
    struct any_list checks;
    struct check_row rows[CHECKS_MAX];
};

static const struct field row_fields[] = {
    {.name = "name", .type = FIELD_STR, .offset = offsetof(struct check_row, name)},
    {.name = "ok", .type = FIELD_BOOL, .offset = offsetof(struct check_row, is_ok)},
    {.name = "detail",
     .type = FIELD_STR,
     .offset = offsetof(struct check_row, detail),
     .is_nullable = true},
};
static const struct schema row_schema = SCHEMA("Check", struct check_row, row_fields);

static const struct field report_fields[] = {
    {.name = "ok", .type = FIELD_BOOL, .offset = offsetof(struct check_report, all_ok)},
    {.name = "checks",
     .type = FIELD_OBJECTS,
     .offset = offsetof(struct check_report, checks),
     .object = &row_schema},
};
static const struct schema report_schema =
    SCHEMA("CheckReport", struct check_report, report_fields);

/* `problem` absent: it is fine, and `remark` (or nothing) is said. */
static void add_row(struct check_report *report, const char *name, struct str problem,
                    struct str remark) {
    CHECK(report->checks.count < CHECKS_MAX);
    bool is_ok = str_is_absent(problem);
    report->rows[report->checks.count++] =
        (struct check_row){str_of(name), is_ok, is_ok ? remark : problem};
    report->all_ok = report->all_ok && is_ok;
}

static struct str no_answer(struct arena *arena, const char *store_name, struct fault fault) {
    return arena_printf(arena, "%s did not say what its schema is (%s).", store_name,
                        fault_row(fault.name)->code);
}

static void check_mysql(struct context *context, struct check_report *report) {
    static const char store_name[] = "MySQL";
    if (!context_open_mysql(context, 0)) {
        add_row(report, "mysql", STR("DATABASE_URL cannot be used."), (struct str){0});
        return;
    }
    struct str problem = mysql_store_diagnose(context->mysql, &context->arena);
    add_row(report, "mysql", problem, STR("reached"));
    if (!str_is_absent(problem)) {
        return;
    }
    struct migration_status_list list = {0};
    struct fault fault = mysql_migration_status(context->mysql, &context->arena, &list);
    problem = fault_occurred(fault) ? no_answer(&context->arena, store_name, fault)
                                    : schema_check_sentence(&context->arena, store_name, &list);
    add_row(report, "mysql schema", problem, STR("is this program's"));
}

static void check_mongo(struct context *context, struct check_report *report) {
    static const char store_name[] = "MongoDB";
    if (!context_open_mongo(context, 0)) {
        add_row(report, "mongo", STR("MONGODB_URI cannot be used."), (struct str){0});
        return;
    }
    struct str problem = mongo_store_diagnose(context->mongo, &context->arena);
    add_row(report, "mongo", problem, STR("reached"));
    if (!str_is_absent(problem)) {
        return;
    }
    struct migration_status_list list = {0};
    struct fault fault = mongo_migration_status(context->mongo, &context->arena, &list);
    problem = fault_occurred(fault) ? no_answer(&context->arena, store_name, fault)
                                    : schema_check_sentence(&context->arena, store_name, &list);
    add_row(report, "mongo schema", problem, STR("is this program's"));
}

static void check_admin_database(struct context *context, struct check_report *report) {
    const struct config *config = &context->config;
    if (str_is_absent(config->admin_database_url)) {
        add_row(report, "admin database", (struct str){0},
                STR("ADMIN_DATABASE_URL is not set; there is none"));
        return;
    }
    struct str problem = admin_database_diagnose(config->admin_database_url,
                                                 config->store_connect_timeout_ms, &context->arena);
    add_row(report, "admin database", problem, STR("reached"));
}

static void check_media(struct context *context, struct check_report *report) {
    struct media_storage media;
    struct str problem = media_folder_open(context->config.media_dir, &context->arena, &media);
    add_row(report, "media", problem, STR("can be written to"));
    if (str_is_absent(problem)) {
        media.calls->close(media.self);
    }
}

static void check_tls(const struct config *config, struct check_report *report) {
    if (str_is_absent(config->tls_cert)) {
        return;
    }
    struct tls_pair pair;
    const char *wrong = tls_pair_load(&pair, config->tls_cert, config->tls_key);
    if (wrong == NULL && pair.is_expired) {
        wrong = "The certificate in TLS_CERT is not valid now.";
    }
    add_row(report, "tls", str_of(wrong), STR("certificate and key belong together"));
    tls_pair_release(&pair);
}

static void check_settings(const struct config_problems *problems, struct check_report *report) {
    for (size_t i = 0; i < problems->count; i++) {
        add_row(report, "settings", problems->sentences[i], (struct str){0});
    }
    if (problems->count == 0) {
        add_row(report, "settings", (struct str){0}, STR("complete"));
    }
}

static void print_report(const struct check_report *report) {
    for (size_t i = 0; i < report->checks.count; i++) {
        const struct check_row *row = &report->rows[i];
        (void)printf("%-4s %-14.*s - %.*s\n", row->is_ok ? "ok" : "FAIL", STR_ARG(row->name),
                     STR_ARG(row->detail));
    }
}

static enum command_result run_check(const struct options *options) {
    struct context context;
    struct config_problems *problems = context_read_settings(&context);
    struct check_report *report = ARENA_NEW(&context.arena, struct check_report);
    report->all_ok = true;
    report->checks.items = report->rows;
    check_settings(problems, report);
    /* Connections are tried with whole settings only: time-outs, too, come from there. */
    if (problems->count == 0) {
        check_mysql(&context, report);
        check_mongo(&context, report);
        check_admin_database(&context, report);
        check_media(&context, report);
        check_tls(&context.config, report);
    }
    if (options_flag(options, "json")) {
        context_print_json(&report_schema, report);
    } else {
        print_report(report);
    }
    enum command_result result = report->all_ok ? COMMAND_DONE : COMMAND_FAILED;
    context_close(&context);
    return result;
}

static const struct option_row check_options[] = {
    {.name = "json", .kind = OPTION_FLAG, .help = "print it as JSON"},
};

const struct command check_command = {
    .name = "check",
    .summary = "prove the settings and every connection, and say how to mend what is wrong",
    .options = check_options,
    .option_count = COUNT_OF(check_options),
    .run = run_check,
};
