#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/catalogue/product_import_group.h"
#include "tests/unit/csv_fixture.h"

#define HEADER                                                                                     \
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name," \
    "Option2 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,"     \
    "Variant Inventory Policy,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,"   \
    "Image Position,Image Alt Text,SEO Title,SEO Description,Status,Something Else\n"

static struct arena arena;
static struct product_import_report report;
static struct import_group group;
static struct product_edit edit;
static struct str category_name;

/* All rows of the text make the group, whatever their handles. */
static bool build_with(const char *header_text, const char *rows) {
    arena_release(&arena);
    product_import_report_init(&report, &arena);
    struct csv_text text = {.rest = arena_printf(&arena, "%s%s", header_text, rows),
                            .part_size = SIZE_MAX};
    struct csv_reader reader;
    struct csv_row csv;
    struct product_header header;
    csv_reader_init(&reader, csv_text_source(&text));
    assert_int_equal(csv_reader_next(&reader, &csv), CSV_ROW);
    bool is_right = product_header_read(&header, &csv, &report);
    import_group_begin(&group, STR("handle"), 2, STR("USD"));
    while (is_right && csv_reader_next(&reader, &csv) == CSV_ROW) {
        import_group_add(&group, &header, &csv, &report);
    }
    csv_reader_release(&reader);
    return is_right && import_group_build(&group, &header, &edit, &category_name, &report);
}

static bool build(const char *rows) {
    return build_with(HEADER, rows);
}

static void assert_text(struct str text, const char *expected) {
    if (expected == NULL) {
        assert_null(text.data);
        return;
    }
    assert_string_equal(arena_c_string(&arena, text), expected);
}

static void assert_error(size_t index, int64_t row, const char *column, const char *message) {
    assert_true(index < report.errors.count);
    assert_int_equal(report.errors.items[index].row, row);
    assert_text(report.errors.items[index].column, column);
    assert_text(report.errors.items[index].message, message);
}

/* The product that the edit makes; its violations become errors of the report. */
static bool apply(struct product *product) {
    *product = (struct product){0};
    struct violations violations;
    violations_init(&violations, &group.arena);
    struct fault fault = product_apply(product, &edit, STR("USD"), &group.arena, &violations);
    import_group_note_violations(&group, &violations, &report);
    return !fault_occurred(fault);
}

static void takes_a_single_variant(void **state) {
    (void)state;
    assert_true(
        build("handle,A Shirt,<b>Soft</b> ,Maker,Shirts & Tops,\"men, new,,men\",true,Title,"
              "Default Title,,,,250,,7,deny,19.99,,12345,https://a.example/1.jpg,1,Front,"
              "T,D,,x\n"));
    assert_text(edit.slug, "handle");
    assert_text(edit.name, "A Shirt");
    assert_text(edit.description, "<b>Soft</b> ");
    assert_text(edit.brand, "Maker");
    assert_text(edit.category, "shirts-tops");
    assert_text(category_name, "Shirts & Tops");
    assert_text(edit.status, "active");
    assert_text(edit.seo.title, "T");
    assert_text(edit.seo.description, "D");
    assert_int_equal(edit.tags.count, 2);
    assert_text(edit.tags.items[0], "men");
    assert_text(edit.tags.items[1], "new");
    assert_int_equal(edit.options.count, 0);
    assert_int_equal(edit.variants.count, 1);
    const struct product_variant *variant = &edit.variants.items[0];
    assert_int_equal(variant->options.count, 0);
    assert_text(variant->sku, NULL);
    assert_text(variant->barcode, "12345");
    assert_int_equal(variant->price, 1999);
    assert_true(variant->compare_at_price == INT64_ABSENT);
    assert_int_equal(variant->weight_grams, 250);
    assert_false(variant->track_stock);
    assert_false(variant->stock_given);
    assert_false(variant->allow_backorder);
    assert_int_equal(edit.images.count, 1);
    assert_text(edit.images.items[0].url, "https://a.example/1.jpg");
    assert_text(edit.images.items[0].alt, "Front");
    struct product product;
    assert_true(apply(&product));
    assert_int_equal(report.errors.count, 0);
}

static void takes_variants_and_images_from_further_rows(void **state) {
    (void)state;
    assert_true(build("handle,Top,,,,,true,Size,S,Colour,Red,A-1,,shopify,3,continue,5,6.5,,"
                      "https://a.example/3.jpg,3,,,,,\n"
                      "handle,,,,,,,,M,,Red,A-2,,shopify,-4,deny,5,,,https://a.example/1.jpg,1\n"
                      "handle,,,,,,,,,,,,,,,,,,,https://a.example/2.jpg,2,Back\n"
                      "handle,,,,,,,,,,,,,,,,,,,https://a.example/1.jpg,4,Again\n"
                      "handle,,,,,,,,M,,Blue,A-3,12.5,,,,5.10,,,https://a.example/1.jpg\n"));
    assert_int_equal(edit.options.count, 2);
    assert_text(edit.options.items[0].name, "Size");
    assert_int_equal(edit.options.items[0].values.count, 2);
    assert_text(edit.options.items[1].values.items[1], "Blue");
    assert_int_equal(edit.variants.count, 3);
    assert_true(edit.variants.items[0].track_stock && edit.variants.items[0].stock_given);
    assert_int_equal(edit.variants.items[0].stock, 3);
    assert_true(edit.variants.items[0].allow_backorder);
    assert_int_equal(edit.variants.items[0].compare_at_price, 650);
    assert_int_equal(edit.variants.items[1].stock, 0);
    assert_false(edit.variants.items[2].track_stock);
    assert_int_equal(edit.variants.items[2].weight_grams, 13);
    assert_int_equal(edit.variants.items[2].price, 510);
    assert_text(edit.variants.items[2].options.items[1].value, "Blue");
    assert_int_equal(edit.images.count, 4);
    assert_text(edit.images.items[0].url, "https://a.example/1.jpg");
    assert_text(edit.images.items[1].alt, "Back");
    assert_text(edit.images.items[2].url, "https://a.example/3.jpg");
    assert_text(edit.images.items[3].alt, "Again");
    struct product product;
    assert_true(apply(&product));
    assert_int_equal(product.price, 500);
    assert_int_equal(product.price_max, 510);
}

static void reads_published_and_status(void **state) {
    (void)state;
    static const struct {
        const char *published;
        const char *status;
        const char *expected;
    } cases[] = {
        {"true", "", "active"},
        {"TRUE", "active", "active"},
        {"", "", "active"},
        {"false", "", "draft"},
        {"FALSE", "active", "draft"},
        {"true", "draft", "draft"},
        {"true", "Archived", "archived"},
        {"false", "archived", "archived"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena text;
        arena_init(&text, 4096);
        struct str rows = arena_printf(&text, "handle,T,,,,,%s,,,,,,,,,,1,,,,,,,,%s,\n",
                                       cases[i].published, cases[i].status);
        assert_true(build(rows.data));
        assert_text(edit.status, cases[i].expected);
        arena_release(&text);
    }
}

static void takes_one_guard_off(void **state) {
    (void)state;
    static const struct {
        const char *cell;
        const char *expected;
    } cases[] = {
        {"'=1+1", "=1+1"}, {"'+44", "+44"},    {"'-5", "-5"}, {"'@home", "@home"},
        {"''=x", "'=x"},   {"'twas", "'twas"}, {"'", "'"},    {"=1+1", "=1+1"},
        {"\"'\tx\"", "x"}, {"5'='", "5'='"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena text;
        arena_init(&text, 4096);
        struct str rows = arena_printf(&text, "handle,%s,,,,,,,,,,,,,,,1\n", cases[i].cell);
        assert_true(build(rows.data));
        assert_text(edit.name, cases[i].expected);
        arena_release(&text);
    }
}

static void names_row_and_column_of_what_is_wrong(void **state) {
    (void)state;
    assert_false(build("handle,T,,,,,maybe,,,,,,x,,y,stop,1.999,,,,z,,,,sold,\n"
                       "handle,,,,,,,,,,,,,,,,\xFF\n"));
    assert_error(0, 2, "Published", "must be true or false");
    assert_error(1, 2, "Variant Grams", "must be a number of grams");
    assert_error(2, 2, "Variant Inventory Qty", "must be a whole number");
    assert_error(3, 2, "Variant Inventory Policy", "must be deny or continue");
    assert_error(4, 2, "Variant Price",
                 "must be an amount such as 19.99, with no more decimals than the currency has");
    assert_error(5, 2, "Image Position", "must be a whole number");
    assert_error(6, 2, "Status", "must be draft, active or archived");
    assert_error(7, 3, "Variant Price", "is not UTF-8; save the file as CSV in UTF-8");
    assert_int_equal(report.errors.count, 8);

    assert_false(build("handle,T,,,,,,Size,S,,,,,,,,1\nhandle,\"a\"b\n"));
    assert_error(0, 3, NULL,
                 "A cell goes on after its closing quote; a quote inside a cell is written twice.");
    assert_false(build("handle,T,,,,,,Size,S,,Red,,,,,,1\n"));
    assert_error(0, 2, "Option2 Value", "The product's first row names no such option.");
    assert_false(build("handle,T,,,,,,,,,,,,,,,1,,,,,,,,,,over\n"));
    assert_error(0, 2, NULL, "The row has more cells than the file has columns.");
}

static void reports_the_products_own_rules(void **state) {
    (void)state;
    struct product product;
    assert_true(build("handle,,,,,,,Size,S,,,A,,,,,5,4,,https://a.example/1.jpg,,,,,,\n"
                      "handle,,,,,,,,M,,,A,,,,,\n"
                      "handle,,,,,,,,,,,,,,,,,,,ftp://a.example/2.jpg,1\n"));
    assert_false(apply(&product));
    bool has_title = false;
    bool has_compare = false;
    bool has_sku = false;
    bool has_price = false;
    bool has_image = false;
    for (size_t i = 0; i < report.errors.count; i++) {
        const struct product_import_error *error = &report.errors.items[i];
        has_title = has_title || (error->row == 2 && str_equals(error->column, STR("Title")));
        has_compare = has_compare || (error->row == 2 &&
                                      str_equals(error->column, STR("Variant Compare At Price")));
        has_sku = has_sku || (error->row == 3 && str_equals(error->column, STR("Variant SKU")));
        has_price =
            has_price || (error->row == 3 && str_equals(error->column, STR("Variant Price")));
        has_image = has_image || (error->row == 4 && str_equals(error->column, STR("Image Src")));
    }
    assert_true(has_title && has_compare && has_sku && has_price && has_image);
}

static void refuses_a_header_that_is_not_one(void **state) {
    (void)state;
    assert_false(build_with("Handle,Name,Variant Price\n", ""));
    assert_error(0, 1, "Title", "The column is missing.");
    assert_false(build_with("\xEF\xBB\xBF handle ,TITLE,Title,variant price\n", ""));
    assert_error(0, 1, "Title", "The column is there twice.");
    assert_true(build_with("variant price,TITLE, Handle \n", "3,T,handle\n"));
    assert_int_equal(edit.variants.items[0].price, 300);
}

static void holds_its_bound_of_rows(void **state) {
    (void)state;
    struct arena text;
    arena_init(&text, 1UL * 1024 * 1024);
    struct str rows = STR("");
    for (int i = 0; i < IMPORT_GROUP_ROWS_MAX + 50; i++) {
        rows = arena_printf(&text, "%.*shandle,T,,,,,,,,,,,,,,,1\n", STR_ARG(rows));
    }
    assert_false(build(rows.data));
    assert_error(0, IMPORT_GROUP_ROWS_MAX + 2, NULL, "The product has more than 200 rows.");
    assert_int_equal(report.errors.count, 1);
    arena_release(&text);
}

static void names_a_category_in_any_script(void **state) {
    (void)state;
    assert_true(build("handle,T,,,\xE6\x8A\xB9\xE8\x8C\xB6,,,,,,,,,,,,1\n"));
    assert_int_equal(edit.category.size, strlen("category-00000000"));
    assert_true(product_slug_is_valid(edit.category));
    assert_true(build("handle,T,,,,,,,,,,,,,,,1\n"));
    assert_text(edit.category, NULL);
    assert_true(edit.category_given);
}

int main(void) {
    arena_init(&arena, 64UL * 1024 * 1024);
    import_group_init(&group);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_single_variant),
        cmocka_unit_test(takes_variants_and_images_from_further_rows),
        cmocka_unit_test(reads_published_and_status),
        cmocka_unit_test(takes_one_guard_off),
        cmocka_unit_test(names_row_and_column_of_what_is_wrong),
        cmocka_unit_test(reports_the_products_own_rules),
        cmocka_unit_test(refuses_a_header_that_is_not_one),
        cmocka_unit_test(holds_its_bound_of_rows),
        cmocka_unit_test(names_a_category_in_any_script),
    };
    int failed = cmocka_run_group_tests_name("product_import_group", tests, NULL, NULL);
    import_group_release(&group);
    arena_release(&arena);
    return failed;
}
