#include "server/api/products/product_schema.h"
#include "stores/import_store.h"

/* By enum product_import_stock. */
static const char *const stock_choices[] = {"keep", "set", NULL};

static const struct field query_fields[] = {
    {.name = "dry_run",
     .type = FIELD_BOOL,
     .offset = offsetof(struct product_import_query, dry_run),
     .doc = "true: everything is checked and nothing is stored."},
    {.name = "stock",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct product_import_query, stock),
     .choices = stock_choices,
     .doc = "Levels that are tracked already: keep unless given, or set them from the file."},
};

const struct schema product_import_query_schema =
    SCHEMA("ProductImportQuery", struct product_import_query, query_fields);

#define RECORD(member, field_type, text)                                                         \
    {                                                                                            \
        .name = #member, .type = (field_type), .offset = offsetof(struct import_record, member), \
        .doc = (text)                                                                            \
    }

static const struct field record_fields[] = {
    RECORD(id, FIELD_STR, "The X-Request-Id of the import."),
    {.name = "state",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct import_record, state),
     .choices = import_state_names,
     .doc = "A running one whose updated_at does not move has died; import the file again."},
    RECORD(dry_run, FIELD_BOOL, "Nothing is stored."),
    RECORD(bytes, FIELD_INT, "Of the file, read so far."),
    RECORD(bytes_total, FIELD_INT, "Of the file."),
    RECORD(rows, FIELD_INT, "Read so far, the header among them."),
    RECORD(created, FIELD_INT, "Products so far that are new."),
    RECORD(updated, FIELD_INT, "Products so far that were changed."),
    RECORD(unchanged, FIELD_INT, "Products so far that were so already."),
    RECORD(rejected, FIELD_INT, "Products so far that were left as they were."),
    RECORD(errors, FIELD_INT, "So far."),
    {.name = "started_at",
     .type = FIELD_TIME,
     .offset = offsetof(struct import_record, started_at_ms),
     .doc = "When it began."},
    {.name = "updated_at",
     .type = FIELD_TIME,
     .offset = offsetof(struct import_record, updated_at_ms),
     .doc = "When this was written; about once a second while it runs."},
};

const struct schema product_import_record_schema =
    SCHEMA("ProductImport", struct import_record, record_fields);
