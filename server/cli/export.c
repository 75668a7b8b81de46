#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "server/catalogue/product_export.h"
#include "server/cli/command.h"
#include "server/cli/context.h"

#define SCRATCH_BYTES (64UL * 1024 * 1024)

/* Page by page; `export` says in the end how much there was. */
static struct fault write_pages(struct context *context, FILE *out, struct product_export *export) {
    struct arena scratch;
    struct buf page;
    struct fault fault = fault_none();
    arena_init(&scratch, SCRATCH_BYTES);
    buf_init(&page, PRODUCT_EXPORT_BUF_BYTES);
    while (!fault_occurred(fault) && !export->is_done && ferror(out) == 0) {
        buf_clear(&page);
        fault = product_export_page(export, context->mongo, &scratch, &page);
        if (!fault_occurred(fault)) {
            (void)fwrite(page.data, 1, page.size, out);
        }
        arena_release(&scratch);
    }
    buf_release(&page);
    return fault;
}

static enum command_result export_to(struct context *context, FILE *out, const char *path) {
    struct product_export export = {0};
    struct fault fault = write_pages(context, out, &export);
    if (fault_occurred(fault)) {
        context_fault("The export ended early", fault);
        return COMMAND_FAILED;
    }
    if (fflush(out) != 0 || ferror(out) != 0) {
        context_problem("%s cannot be written: %s.", path, strerror(errno));
        return COMMAND_FAILED;
    }
    (void)fprintf(stderr, "%lld products\n", (long long)export.products);
    return COMMAND_DONE;
}

/* A file that is there is replaced once the new one is whole. */
static enum command_result export_file(struct context *context, const char *path) {
    const char *partial =
        arena_printf(&context->arena, "%s.%ld.partial", path, (long)getpid()).data;
    FILE *out = fopen(partial, "wbxe");
    if (out == NULL) {
        context_problem("%s cannot be opened: %s.", partial, strerror(errno));
        return COMMAND_MISUSED;
    }
    enum command_result result = export_to(context, out, path);
    if (result == COMMAND_DONE && fsync(fileno(out)) != 0) {
        context_problem("%s cannot be written: %s.", path, strerror(errno));
        result = COMMAND_FAILED;
    }
    (void)fclose(out);
    if (result == COMMAND_DONE && rename(partial, path) != 0) {
        context_problem("%s cannot be written: %s.", path, strerror(errno));
        result = COMMAND_FAILED;
    }
    if (result != COMMAND_DONE) {
        (void)unlink(partial);
    }
    return result;
}

static enum command_result export_products(struct context *context, const char *path) {
    if (!context_open(context) || !context_open_mongo(context, 0)) {
        return COMMAND_MISUSED;
    }
    return strcmp(path, "-") == 0 ? export_to(context, stdout, "Standard output")
                                  : export_file(context, path);
}

static enum command_result run_export(const struct options *options) {
    struct context context;
    enum command_result result = export_products(&context, options->arguments[0]);
    context_close(&context);
    return result;
}

const struct command export_command = {
    .name = "export",
    .arguments = "FILE",
    .argument_count = 1,
    .summary = "write all products to a CSV file in the layout of Shopify's product export",
    .help = "FILE may be -, standard output. Importing the file again changes nothing.\n",
    .run = run_export,
};
