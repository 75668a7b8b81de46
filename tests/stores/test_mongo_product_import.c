#include "tests/stores/mongo_fixture.h"

static struct str values[] = {STR_INIT("Small"), STR_INIT("Large")};
static struct product_option size_option[] = {{STR_INIT("Size"), {values, 2}}};
static struct str_pair pairs[] = {{STR_INIT("Size"), STR_INIT("Small")},
                                  {STR_INIT("Size"), STR_INIT("Large")}};
static struct product_image images[] = {
    {.url = STR_INIT("https://x.test/a.jpg"), .width = INT64_ABSENT, .height = INT64_ABSENT},
    {.url = STR_INIT("https://x.test/b.jpg"), .width = INT64_ABSENT, .height = INT64_ABSENT}};

/* As a file has it: no ids and no SKUs. */
static struct product_edit file_edit(struct product_variant *variants) {
    for (size_t i = 0; i < 2; i++) {
        variants[i] = (struct product_variant){.options = {&pairs[i], 1},
                                               .price = 100,
                                               .compare_at_price = INT64_ABSENT,
                                               .weight_grams = INT64_ABSENT,
                                               .stock = INT64_ABSENT,
                                               .track_stock_given = true};
    }
    return (struct product_edit){.slug = STR("shirt"),
                                 .name = STR("Shirt"),
                                 .options = {size_option, 1},
                                 .variants = {variants, 2},
                                 .images = {images, 2},
                                 .slug_given = true,
                                 .name_given = true,
                                 .description_given = true,
                                 .brand_given = true,
                                 .tags_given = true,
                                 .options_given = true,
                                 .variants_given = true,
                                 .images_given = true,
                                 .seo_given = true};
}

static enum product_import_result imported(const struct product_edit *edit, const char *category,
                                           bool dry_run) {
    enum product_import_result result;
    assert_done(product_store_import(store, &arena, edit, str_of(category), dry_run, &author,
                                     &violations, &result));
    return result;
}

static void the_same_file_twice_changes_nothing(void **state) {
    (void)state;
    struct product_variant variants[2];
    struct product_edit edit = file_edit(variants);
    assert_int_equal(imported(&edit, "Tops", false), PRODUCT_IMPORT_CREATED);
    struct product first = found(STR("shirt"));
    assert_text(first.category, "tops");
    assert_text(first.variants.items[1].sku, "SHIRT-LARGE");
    assert_int_equal(imported(&edit, "Tops", false), PRODUCT_IMPORT_UNCHANGED);
    struct product second = found(STR("shirt"));
    assert_int_equal(second.version, 1);
    variants[1].price = 200;
    edit.images.count = 1;
    edit.images.items = &images[1];
    assert_int_equal(imported(&edit, "Tops", false), PRODUCT_IMPORT_UPDATED);
    second = found(STR("shirt"));
    assert_int_equal(second.price_max, 200);
    assert_int_equal(second.variants.count, 2);
    assert_true(str_equals(second.variants.items[1].id, first.variants.items[1].id));
    assert_true(str_equals(second.images.items[0].id, first.images.items[1].id));
    assert_int_equal(imported(&edit, NULL, false), PRODUCT_IMPORT_UPDATED);
    assert_true(str_is_absent(found(STR("shirt")).category));
}

static void a_rehearsal_writes_nothing(void **state) {
    (void)state;
    struct product_variant variants[2];
    struct product_edit edit = file_edit(variants);
    struct product product;
    enum product_import_result result;
    assert_int_equal(imported(&edit, "Tops", true), PRODUCT_IMPORT_CREATED);
    assert_fault(product_store_find(store, &arena, STR("shirt"), PRODUCT_VIEW_MANAGING, &product),
                 FAULT_NOT_FOUND);
    assert_int_equal(fixture_count("categories", "slug", STR("tops")), 0);
    assert_int_equal(imported(&edit, "Tops", false), PRODUCT_IMPORT_CREATED);
    variants[0].price = -1;
    assert_fault(product_store_import(store, &arena, &edit, STR("Tops"), true, &author, &violations,
                                      &result),
                 FAULT_INVALID);
    assert_text(violations.items[0].field, "variants[0].price");
    assert_int_equal(violations.count, 1);
    variants[0].price = 1;
    assert_int_equal(imported(&edit, "Tops", true), PRODUCT_IMPORT_UPDATED);
    assert_int_equal(found(STR("shirt")).version, 1);
}

static void categories_in_any_script_are_made_once(void **state) {
    (void)state;
    static const char *const names[] = {"シャツ", "帽子", "シャツ"};
    struct product_variant variants[2];
    struct product_edit edit = file_edit(variants);
    struct str slugs[COUNT_OF(names)];
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        edit.slug = arena_printf(&arena, "shirt-%zu", i);
        (void)imported(&edit, names[i], false);
        slugs[i] = found(edit.slug).category;
    }
    assert_true(str_equals(slugs[0], slugs[2]));
    assert_false(str_equals(slugs[0], slugs[1]));
    assert_int_equal(fixture_count("categories", "name", STR("シャツ")), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_same_file_twice_changes_nothing, fixture_reset),
        cmocka_unit_test_setup(a_rehearsal_writes_nothing, fixture_reset),
        cmocka_unit_test_setup(categories_in_any_script_are_made_once, fixture_reset),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
