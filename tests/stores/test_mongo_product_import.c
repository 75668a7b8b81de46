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

static struct product_import_order order_of(struct product_edit *edit, const char *category,
                                            bool is_rehearsal) {
    edit->category_given = true;
    edit->category = category == NULL ? (struct str){0} : product_slug_of(str_of(category), &arena);
    return (struct product_import_order){
        .edit = edit, .category_name = str_of(category), .is_rehearsal = is_rehearsal};
}

static enum product_import_result imported(struct product_edit *edit, const char *category,
                                           bool is_rehearsal) {
    const struct product_import_order order = order_of(edit, category, is_rehearsal);
    enum product_import_result result;
    assert_done(product_store_import(store, &arena, &order, &author, &violations, &result));
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
    const struct product_import_order order = order_of(&edit, "Tops", true);
    assert_fault(product_store_import(store, &arena, &order, &author, &violations, &result),
                 FAULT_INVALID);
    assert_text(violations.items[0].field, "variants[0].price");
    assert_int_equal(violations.count, 1);
    variants[0].price = 1;
    assert_int_equal(imported(&edit, "Tops", true), PRODUCT_IMPORT_UPDATED);
    assert_int_equal(found(STR("shirt")).version, 1);
}

static void a_category_is_made_once_and_named_by_who_comes_first(void **state) {
    (void)state;
    struct product_variant variants[2];
    struct product_edit edit = file_edit(variants);
    (void)imported(&edit, "Winter Hats", false);
    edit.slug = STR("cap");
    (void)imported(&edit, "winter hats", false);
    assert_text(found(STR("cap")).category, "winter-hats");
    assert_int_equal(fixture_count("categories", "slug", STR("winter-hats")), 1);
    assert_int_equal(fixture_count("categories", "name", STR("Winter Hats")), 1);
}

static void keep_brand(void *context, const struct product *known, struct arena *fill_arena,
                       struct product_edit *edit) {
    int *calls = context;
    (void)fill_arena;
    edit->brand = known->brand;
    (*calls)++;
}

static void what_is_known_completes_the_edit(void **state) {
    (void)state;
    struct product_variant variants[2];
    struct product_edit edit = file_edit(variants);
    enum product_import_result result;
    int calls = 0;
    edit.brand = STR("Acme");
    (void)imported(&edit, "Tops", false);
    edit.brand = (struct str){0};
    struct product_import_order order = order_of(&edit, "Tops", false);
    order.fill = keep_brand;
    order.fill_context = &calls;
    assert_done(product_store_import(store, &arena, &order, &author, &violations, &result));
    assert_int_equal(result, PRODUCT_IMPORT_UNCHANGED);
    assert_text(found(STR("shirt")).brand, "Acme");
    assert_true(calls >= 1);
}

static void a_walk_meets_each_product_once_in_order(void **state) {
    (void)state;
    static const char *const slugs[] = {"b", "a-1", "c", "a", "b-2"};
    static const char *const sorted[] = {"a", "a-1", "b", "b-2", "c"};
    struct product_variant variants[2];
    struct product_edit edit = file_edit(variants);
    struct product_walk walk = {.has_more = true};
    for (size_t i = 0; i < COUNT_OF(slugs); i++) {
        edit.slug = str_of(slugs[i]);
        (void)imported(&edit, i == 2 ? NULL : "Winter Hats", false);
    }
    size_t met = 0;
    while (walk.has_more) {
        assert_done(product_store_walk(store, &arena, walk.last, 2, &walk));
        for (size_t i = 0; i < walk.count; i++) {
            const struct product_walked *walked = &walk.items[i];
            assert_text(walked->product.slug, sorted[met]);
            met++;
            bool is_bare = str_equals(walked->product.slug, STR("c"));
            assert_true(is_bare ? str_is_absent(walked->category_name)
                                : str_equals(walked->category_name, STR("Winter Hats")));
        }
    }
    assert_int_equal(met, COUNT_OF(sorted));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_same_file_twice_changes_nothing, fixture_reset),
        cmocka_unit_test_setup(a_rehearsal_writes_nothing, fixture_reset),
        cmocka_unit_test_setup(a_category_is_made_once_and_named_by_who_comes_first, fixture_reset),
        cmocka_unit_test_setup(what_is_known_completes_the_edit, fixture_reset),
        cmocka_unit_test_setup(a_walk_meets_each_product_once_in_order, fixture_reset),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
