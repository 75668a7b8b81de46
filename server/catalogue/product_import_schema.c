#include "server/catalogue/product_import_schema.h"

#include "server/catalogue/product_import_report.h"

static const struct field error_fields[] = {
    {.name = "row",
     .type = FIELD_INT,
     .offset = offsetof(struct product_import_error, row),
     .doc = "As a spreadsheet shows it: the header is row 1."},
    {.name = "column",
     .type = FIELD_STR,
     .offset = offsetof(struct product_import_error, column),
     .is_nullable = true,
     .doc = "Its name; null for the row as a whole."},
    {.name = "message",
     .type = FIELD_STR,
     .offset = offsetof(struct product_import_error, message),
     .doc = "What is wrong."},
};
static const struct schema error_schema =
    SCHEMA("ProductImportError", struct product_import_error, error_fields);

#define REPORT(member, field_type, text)   \
    .name = #member, .type = (field_type), \
    .offset = offsetof(struct product_import_report, member), .doc = (text)

static const struct field report_fields[] = {
    {REPORT(created, FIELD_INT, "Products that are new.")},
    {REPORT(updated, FIELD_INT, "Products that were changed.")},
    {REPORT(unchanged, FIELD_INT, "Products that were so already.")},
    {REPORT(rejected, FIELD_INT, "Products that were left as they were: see errors.")},
    {REPORT(errors, FIELD_OBJECTS, "At most 1,000."), .object = &error_schema},
    {REPORT(errors_dropped, FIELD_INT, "How many more errors there are.")},
    {REPORT(ignored_columns, FIELD_STRS, "Columns of the file that nothing is read from.")},
};

const struct schema product_import_report_schema =
    SCHEMA("ProductImportReport", struct product_import_report, report_fields);
