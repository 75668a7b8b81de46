#include "server/catalogue/product_import.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "server/catalogue/product_import_schema.h"
#include "server/cli/command.h"
#include "server/cli/context.h"

static const char *const stock_choices[] = {"keep", "set", NULL};

static ptrdiff_t read_descriptor(void *context, char *bytes, size_t size) {
    const int *descriptor = context;
    ssize_t count = 0;
    do {
        count = read(*descriptor, bytes, size);
    } while (count < 0 && errno == EINTR);
    return count;
}

static void print_ignored(const struct str_list *columns) {
    for (size_t i = 0; i < columns->count; i++) {
        (void)fprintf(stderr, "%s%.*s", i == 0 ? "columns that are not kept: " : ", ",
                      STR_ARG(columns->items[i]));
    }
    (void)fprintf(stderr, "%s", columns->count > 0 ? "\n" : "");
}

/* Where people look on, the line is written over; in a log a line now and then will do. */
#define SCREEN_INTERVAL_US 500000
#define LOG_INTERVAL_US 10000000

/* Longer than a transaction of a killed import lives on. */
#define PATIENCE_MS 90000

struct progress {
    int64_t begun_us;
    int64_t told_us;
    bool is_screen;
};

static void tell(void *context, const struct product_import_report *report) {
    struct progress *progress = context;
    int64_t now_us = clock_monotonic_us();
    int64_t interval_us = progress->is_screen ? SCREEN_INTERVAL_US : LOG_INTERVAL_US;
    if (now_us - progress->told_us < interval_us) {
        return;
    }
    progress->told_us = now_us;
    int64_t rows_per_s = report->rows * 1000000 / (now_us - progress->begun_us);
    (void)fprintf(stderr, "%lld rows, %lld products, %lld rejected, %lld rows/s%s",
                  (long long)report->rows, (long long)product_import_report_products(report),
                  (long long)report->rejected, (long long)rows_per_s,
                  progress->is_screen ? "\033[K\r" : "\n");
}

static void clear_progress(const struct progress *progress) {
    if (progress->is_screen && progress->told_us != progress->begun_us) {
        (void)fprintf(stderr, "\033[K");
    }
}

static void print_report(const struct product_import_report *report, bool dry_run) {
    for (size_t i = 0; i < report->errors.count; i++) {
        const struct product_import_error *error = &report->errors.items[i];
        bool has_column = !str_is_absent(error->column);
        (void)fprintf(stderr, "row %lld%s%.*s: %.*s\n", (long long)error->row,
                      has_column ? ", " : "", STR_ARG(error->column), STR_ARG(error->message));
    }
    if (report->errors_dropped > 0) {
        (void)fprintf(stderr, "and %lld more\n", (long long)report->errors_dropped);
    }
    print_ignored(&report->ignored_columns);
    (void)printf("%screated %lld, updated %lld, unchanged %lld, rejected %lld\n",
                 dry_run ? "dry run: " : "", (long long)report->created, (long long)report->updated,
                 (long long)report->unchanged, (long long)report->rejected);
}

static enum command_result import_from(struct context *context, int descriptor,
                                       const struct options *options) {
    struct product_import_report report;
    product_import_report_init(&report, &context->arena);
    const char *stock = options_text(options, "stock");
    struct progress progress = {.begun_us = clock_monotonic_us(),
                                .is_screen = isatty(STDERR_FILENO) == 1};
    progress.told_us = progress.begun_us;
    struct product_import_options import_options = {
        .source = {read_descriptor, &descriptor},
        .author = {.default_currency = context->config.currency},
        .dry_run = options_flag(options, "dry-run"),
        .sets_stock = stock != NULL && strcmp(stock, "set") == 0,
        .patience_ms = PATIENCE_MS,
        .tell = tell,
        .tell_context = &progress,
    };
    struct fault fault = product_import(context->mongo, &import_options, &report);
    clear_progress(&progress);
    if (options_flag(options, "json")) {
        context_print_json(&product_import_report_schema, &report);
    } else {
        print_report(&report, import_options.dry_run);
    }
    if (fault_is(fault, FAULT_BODY_TOO_LARGE)) {
        context_problem("The file has more than %d products; the rest of it was not read.",
                        PRODUCT_IMPORT_PRODUCTS_MAX);
    } else if (fault_occurred(fault) && !fault_is(fault, FAULT_INVALID)) {
        context_fault("The import ended early", fault);
        context_problem("Import the same file again: what is stored already stays as it is.");
    }
    bool is_whole = !fault_occurred(fault) && report.errors.count == 0 && report.rejected == 0;
    return is_whole ? COMMAND_DONE : COMMAND_FAILED;
}

static enum command_result import_file(struct context *context, const struct options *options) {
    if (!context_open(context) || !context_open_mongo(context, 0)) {
        return COMMAND_MISUSED;
    }
    const char *path = options->arguments[0];
    if (strcmp(path, "-") == 0) {
        return import_from(context, STDIN_FILENO, options);
    }
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        context_problem("%s cannot be opened: %s.", path, strerror(errno));
        return COMMAND_MISUSED;
    }
    enum command_result result = import_from(context, descriptor, options);
    (void)close(descriptor);
    return result;
}

static enum command_result run_import(const struct options *options) {
    struct context context;
    enum command_result result = import_file(&context, options);
    context_close(&context);
    return result;
}

static const struct option_row import_options[] = {
    {.name = "dry-run", .kind = OPTION_FLAG, .help = "check everything, store nothing"},
    {.name = "stock",
     .kind = OPTION_TEXT,
     .placeholder = "keep|set",
     .choices = stock_choices,
     .help = "stock that is counted already: keep it (the default) or set it"},
    {.name = "json", .kind = OPTION_FLAG, .help = "print the report as JSON"},
};

const struct command import_command = {
    .name = "import",
    .arguments = "FILE",
    .argument_count = 1,
    .summary = "load products from a CSV file in the layout of Shopify's product export",
    .help =
        "FILE may be -, standard input. A product that cannot be taken is reported with row and\n"
        "column, and the others are loaded; it then fails in the end. The same file again changes\n"
        "nothing.\n",
    .options = import_options,
    .option_count = COUNT_OF(import_options),
    .run = run_import,
};
