#include "stores/inventory_store.h"

#include "server/cli/command.h"
#include "server/cli/context.h"

/* The server takes as long as the ledger is. */
#define VERIFY_TIMEOUT_MS (60LL * 60 * 1000)
/* Further differences are counted, not listed. */
#define DIFFERENCES_LISTED_MAX 1000

struct report {
    int64_t levels;
    int64_t movements;
    int64_t differences;
    struct any_list listed;
    struct inventory_difference items[DIFFERENCES_LISTED_MAX];
    struct arena *arena;
};

static const struct field difference_fields[] = {
    {.name = "sku",
     .type = FIELD_STR,
     .offset = offsetof(struct inventory_difference, sku),
     .is_nullable = true},
    {.name = "variant_id",
     .type = FIELD_STR,
     .offset = offsetof(struct inventory_difference, variant_id)},
    {.name = "stock", .type = FIELD_INT, .offset = offsetof(struct inventory_difference, stock)},
    {.name = "stock_moved",
     .type = FIELD_INT,
     .offset = offsetof(struct inventory_difference, stock_moved)},
    {.name = "reserved",
     .type = FIELD_INT,
     .offset = offsetof(struct inventory_difference, reserved)},
    {.name = "reserved_moved",
     .type = FIELD_INT,
     .offset = offsetof(struct inventory_difference, reserved_moved)},
    {.name = "problem",
     .type = FIELD_STR,
     .offset = offsetof(struct inventory_difference, problem)},
};
static const struct schema difference_schema =
    SCHEMA("InventoryDifference", struct inventory_difference, difference_fields);

static const struct field report_fields[] = {
    {.name = "levels", .type = FIELD_INT, .offset = offsetof(struct report, levels)},
    {.name = "movements", .type = FIELD_INT, .offset = offsetof(struct report, movements)},
    {.name = "differences", .type = FIELD_INT, .offset = offsetof(struct report, differences)},
    {.name = "listed",
     .type = FIELD_OBJECTS,
     .offset = offsetof(struct report, listed),
     .object = &difference_schema},
};
static const struct schema report_schema =
    SCHEMA("InventoryVerification", struct report, report_fields);

static void note_difference(void *context, const struct inventory_difference *found) {
    struct report *report = context;
    if (report->listed.count == DIFFERENCES_LISTED_MAX) {
        return;
    }
    struct inventory_difference *kept = &report->items[report->listed.count++];
    *kept = *found;
    kept->sku = arena_copy(report->arena, found->sku);
    kept->variant_id = arena_copy(report->arena, found->variant_id);
}

static void print_report(const struct report *report) {
    for (size_t i = 0; i < report->listed.count; i++) {
        const struct inventory_difference *item = &report->items[i];
        struct str sku = str_is_absent(item->sku) ? STR("-") : item->sku;
        (void)printf("%.*s (variant %.*s): %.*s: stock %lld, moved %lld; reserved %lld, moved "
                     "%lld\n",
                     STR_ARG(sku), STR_ARG(item->variant_id), STR_ARG(item->problem),
                     (long long)item->stock, (long long)item->stock_moved,
                     (long long)item->reserved, (long long)item->reserved_moved);
    }
    (void)printf("levels %lld, movements %lld, differences %lld\n", (long long)report->levels,
                 (long long)report->movements, (long long)report->differences);
}

static enum command_result verify(struct context *context, const struct options *options) {
    struct inventory_verification verification;
    if (!context_open(context) || !context_open_mongo(context, VERIFY_TIMEOUT_MS)) {
        return COMMAND_MISUSED;
    }
    struct report *report = ARENA_NEW(&context->arena, struct report);
    report->arena = &context->arena;
    report->listed.items = report->items;
    struct fault fault =
        inventory_store_verify(context->mongo, note_difference, report, &verification);
    if (fault_occurred(fault)) {
        context_fault("The ledger cannot be verified", fault);
        return COMMAND_FAILED;
    }
    report->levels = verification.levels;
    report->movements = verification.movements;
    report->differences = verification.differences;
    if (options_flag(options, "json")) {
        context_print_json(&report_schema, report);
    } else {
        print_report(report);
    }
    return verification.differences == 0 ? COMMAND_DONE : COMMAND_FAILED;
}

static enum command_result run_verify(const struct options *options) {
    struct context context;
    enum command_result result = verify(&context, options);
    context_close(&context);
    return result;
}

static const struct option_row verify_options[] = {
    {.name = "json", .kind = OPTION_FLAG, .help = "print the report as JSON"},
};

const struct command inventory_verify_command = {
    .name = "inventory",
    .subname = "verify",
    .summary = "recompute every level of stock from its movements and compare",
    .help =
        "May run while the shop does: what differs is looked at again, at one moment. It fails\n"
        "when a level is not what its movements add up to.\n",
    .options = verify_options,
    .option_count = COUNT_OF(verify_options),
    .run = run_verify,
};
