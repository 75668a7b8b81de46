/* A product file, from its bytes to products, without the store. */
#include "server/api/products/product_schema.h"
#include "server/catalogue/product_import_group.h"
#include "tests/fuzz/fuzz_schema.h"
#include "tests/unit/csv_fixture.h"

static struct csv_reader reader;
static struct csv_row csv;
static struct product_header header;
static struct import_group group;
static struct product_import_report report;

static int64_t count_errors(void) {
    return (int64_t)report.errors.count + report.errors_dropped;
}

/* A product is either made or a reason is told. */
static void finish_group(int64_t errors_before) {
    struct product_edit edit;
    struct str category_name = {0};
    if (!import_group_build(&group, &header, &edit, &category_name, &report)) {
        CHECK(count_errors() > errors_before);
        return;
    }
    CHECK(fuzz_is_text(category_name) && fuzz_is_text(edit.category));
    struct violations violations;
    violations_init(&violations, &group.arena);
    struct product product = {0};
    struct fault fault = product_apply(&product, &edit, STR("USD"), &group.arena, &violations);
    import_group_note_violations(&group, &violations, &report);
    CHECK(fault_occurred(fault) == (count_errors() > errors_before));
    if (!fault_occurred(fault)) {
        CHECK(product_slug_is_valid(product.slug) && product.variants.count > 0);
        fuzz_check_object(&product_managing_schema, &product);
        (void)fuzz_encode(&product_managing_schema, &product, &group.arena);
    }
}

static void read_products(void) {
    int64_t errors_before = 0;
    while (csv_reader_next(&reader, &csv) == CSV_ROW) {
        struct str handle = product_header_handle(&header, &csv);
        if (str_is_absent(handle)) {
            continue;
        }
        if (!str_equals(handle, group.handle)) {
            if (!str_is_absent(group.handle)) {
                finish_group(errors_before);
            }
            errors_before = count_errors();
            import_group_begin(&group, handle, csv.number, STR("USD"));
        }
        import_group_add(&group, &header, &csv, &report);
    }
    if (!str_is_absent(group.handle)) {
        finish_group(errors_before);
    }
}

void fuzz_one(struct str input, struct arena *arena) {
    struct csv_text text = {.rest = input, .part_size = SIZE_MAX};
    csv_reader_init(&reader, csv_text_source(&text));
    import_group_init(&group);
    product_import_report_init(&report, arena);
    if (csv_reader_next(&reader, &csv) == CSV_ROW) {
        bool is_right = product_header_read(&header, &csv, &report);
        CHECK(is_right == (report.errors.count == 0));
        if (is_right) {
            read_products();
        }
    }
    for (size_t i = 0; i < report.errors.count; i++) {
        const struct product_import_error *error = &report.errors.items[i];
        CHECK(error->row >= 1 && error->row <= csv.number);
        CHECK(fuzz_is_text(error->column) && fuzz_is_text(error->message));
    }
    import_group_release(&group);
    csv_reader_release(&reader);
}
