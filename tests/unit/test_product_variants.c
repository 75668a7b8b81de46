#include "tests/unit/product_fixture.h"

static void a_given_stock_is_tracked(void **state) {
    (void)state;
    struct product_edit edit = simple_edit();
    edit.stock_given = true;
    edit.stock = 0;
    struct product product = made(&edit);
    assert_true(product.variants.items[0].track_stock);
    assert_false(product.in_stock);
    struct product_edit more = {.stock = 7, .stock_given = true};
    product.variants.items[0].stock = 5; /* two of which are reserved */
    product.variants.items[0].available = 3;
    assert_false(fault_occurred(apply(&product, &more)));
    assert_int_equal(product.variants.items[0].available, 5);
    assert_true(product.in_stock);
    struct product_edit backorder = {
        .stock = 0, .stock_given = true, .allow_backorder = true, .allow_backorder_given = true};
    assert_false(fault_occurred(apply(&product, &backorder)));
    assert_int_equal(product.variants.items[0].available, 0);
    assert_true(product.in_stock);
    struct product_edit untracked = {.track_stock = false, .track_stock_given = true};
    assert_false(fault_occurred(apply(&product, &untracked)));
    assert_int_equal(product.variants.items[0].stock, INT64_ABSENT);
    struct product_edit torn = {
        .track_stock_given = true, .stock = 4, .stock_given = true, .track_stock = false};
    assert_violates(&torn, &product, "stock");
}

static void variants_get_title_sku_and_range_of_prices(void **state) {
    (void)state;
    struct product_variant variants[] = {variant_of(0, 0, 300), variant_of(1, 1, 100),
                                         variant_of(2, 0, 200)};
    struct product_edit edit = shirt_edit(variants, 3);
    struct product product = made(&edit);
    assert_text(product.variants.items[0].title, "Small / Red");
    assert_text(product.variants.items[0].sku, "SHIRT-SMALL-RED");
    assert_text(product.variants.items[2].sku, "SHIRT-3-RED");
    assert_text(product.variants.items[0].options.items[0].name, "Size");
    assert_int_equal(product.price, 100);
    assert_int_equal(product.price_max, 300);
}

static void variants_are_known_by_id_then_sku_then_options(void **state) {
    (void)state;
    struct product_variant variants[] = {variant_of(0, 0, 1), variant_of(1, 0, 2),
                                         variant_of(1, 1, 3)};
    variants[1].sku = STR("L-RED");
    variants[2].stock = 4;
    variants[2].stock_given = true;
    struct product_edit edit = shirt_edit(variants, 3);
    struct product product = made(&edit);
    /* The third by its options, the second by its SKU with other options, the first by its id. */
    struct product_variant changed[] = {variant_of(1, 1, 30), variant_of(0, 1, 20),
                                        variant_of(2, 0, 10)};
    changed[1].sku = STR("L-RED");
    changed[2].id = product.variants.items[0].id;
    struct product_edit again = {.variants = {changed, 3}, .variants_given = true};
    struct product after = product;
    assert_false(fault_occurred(apply(&after, &again)));
    assert_text(after.variants.items[0].id, "000000000000000000000003");
    assert_int_equal(after.variants.items[0].stock, 4);
    assert_true(after.variants.items[0].track_stock);
    assert_text(after.variants.items[1].id, "000000000000000000000002");
    assert_text(after.variants.items[2].id, "000000000000000000000001");
    assert_text(after.variants.items[2].sku, "SHIRT-SMALL-RED");
    assert_true(after.variants.items[2].sku_is_made);
    assert_text(after.variants.items[2].title, "特大 / Red");
    struct product_variant stranger[] = {variant_of(0, 0, 1)};
    stranger[0].id = STR("00000000000000000000000f");
    struct product_edit wrong = {.variants = {stranger, 1}, .variants_given = true};
    assert_violates(&wrong, &product, "variants[0].id");
}

static void made_skus_give_way_to_each_other(void **state) {
    (void)state;
    static struct str values[] = {STR_INIT("red!"), STR_INIT("red?"), STR_INIT("red")};
    static struct product_option colour[] = {{STR_INIT("C"), {values, 3}}};
    struct product_variant variants[3];
    struct str_pair pairs[3];
    for (size_t i = 0; i < 3; i++) {
        pairs[i] = (struct str_pair){STR("C"), values[i]};
        variants[i] = variant_of(0, 0, 1);
        variants[i].options = (struct str_pair_list){&pairs[i], 1};
    }
    struct product_edit edit = shirt_edit(variants, 3);
    edit.options = (struct product_option_list){colour, 1};
    struct product product = made(&edit);
    assert_text(product.variants.items[0].sku, "SHIRT-RED");
    assert_text(product.variants.items[1].sku, "SHIRT-RED-2");
    assert_text(product.variants.items[2].sku, "SHIRT-RED-3");
}

static void several_variants_refuse_what_describes_one(void **state) {
    (void)state;
    struct product_variant variants[] = {variant_of(0, 0, 1), variant_of(1, 0, 2)};
    struct product_edit edit = shirt_edit(variants, 2);
    struct product product = made(&edit);
    struct product_edit price = {.price = 5, .price_given = true};
    assert_violates(&price, &product, "price");
    edit.stock_given = true;
    assert_violates(&edit, NULL, "stock");
    variants[1] = variant_of(0, 0, 2);
    edit.stock_given = false;
    assert_violates(&edit, NULL, "variants[1].options");
    struct product_edit none = {.variants_given = true};
    assert_violates(&none, &product, "variants");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_given_stock_is_tracked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(variants_get_title_sku_and_range_of_prices, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(variants_are_known_by_id_then_sku_then_options, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(made_skus_give_way_to_each_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(several_variants_refuse_what_describes_one, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
