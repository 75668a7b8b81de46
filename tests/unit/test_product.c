#include "tests/unit/product_fixture.h"

static void slugs_are_ascii_words(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"Ocean Blue Shirt", "ocean-blue-shirt"},
        {"  --Hi!!  there-- ", "hi-there"},
        {"Crème brûlée", "creme-brulee"},
        {"Straße №5", "strasse-no5"},
        {"Łódź Øre Æther", "lodz-ore-aether"},
        {"ＦＵＬＬ ｗｉｄｔｈ", "full-width"},
        {"日本語", ""},
        {"日本 Tea 茶", "tea"},
        {"", ""},
        {"ﬁne ½", "fine-1-2"},
        {"İstanbul ılık", "istanbul-ilik"},
        {"$gt.x", "gt-x"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct str slug = product_slug_of(str_of(cases[i][0]), &arena);
        assert_text(slug, cases[i][1]);
        assert_true(slug.size == 0 || product_slug_is_valid(slug));
    }
    char text[401];
    memset(text, 'a', 400);
    text[400] = '\0';
    for (size_t i = 99; i < 400; i += 100) {
        text[i] = ' ';
    }
    assert_int_equal(product_slug_of(str_of(text), &arena).size, PRODUCT_SLUG_MAX_BYTES - 1);
    assert_text(product_slug_of(STR("bad \xff utf-8"), &arena), "");
}

static void only_words_joined_by_one_dash_are_slugs(void **state) {
    (void)state;
    static const char *const bad[] = {"", "-a", "a-", "a--b", "A", "a b", "a_b", "é", "a.b", "$a"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(product_slug_is_valid(str_of(bad[i])));
    }
    assert_true(product_slug_is_valid(STR("a")));
    assert_true(product_slug_is_valid(STR("a-1-b")));
    assert_true(product_id_is_valid(STR("0123456789abcdef01234567")));
    assert_false(product_id_is_valid(STR("0123456789ABCDEF01234567")));
    assert_false(product_id_is_valid(STR("0123456789abcdef0123456")));
}

static void names_sort_without_case_and_accents(void **state) {
    (void)state;
    assert_text(product_sort_name(STR(" Élan VITAL "), &arena), "elan vital");
    assert_text(product_sort_name(STR("日本語"), &arena), "日本語");
    struct str longest =
        product_sort_name(arena_printf(&arena, "%0399d%s", 0, "\xe6\x97\xa5\xe6\x9c\xac"), &arena);
    assert_int_equal(longest.size, 399);
    assert_true(str_is_utf8(longest));
}

static void name_and_price_are_enough(void **state) {
    (void)state;
    struct product_edit edit = simple_edit();
    struct product product = made(&edit);
    assert_text(product.slug, "ocean-blue-shirt");
    assert_int_equal(product.status, PRODUCT_ACTIVE);
    assert_text(product.currency, "USD");
    assert_int_equal(product.variants.count, 1);
    const struct product_variant *variant = &product.variants.items[0];
    assert_text(variant->sku, "OCEAN-BLUE-SHIRT");
    assert_true(variant->sku_is_made);
    assert_text(variant->title, "Default Title");
    assert_false(variant->track_stock);
    assert_true(variant->in_stock);
    assert_true(product.in_stock);
    assert_int_equal(variant->stock, INT64_ABSENT);
    assert_int_equal(product.price, 1999);
    assert_int_equal(product.price_max, 1999);
    assert_int_equal(variant->compare_at_price, INT64_ABSENT);
}

static void a_name_in_another_script_gets_a_slug_too(void **state) {
    (void)state;
    struct product_edit edit = simple_edit();
    edit.name = STR("日本語");
    struct product product = made(&edit);
    assert_text(product.slug, "product");
    assert_text(product.variants.items[0].sku, "PRODUCT");
}

static void images_keep_their_ids_by_address(void **state) {
    (void)state;
    struct product_image images[] = {{.url = STR_INIT("https://x.test/a.jpg"), .width = 5},
                                     {.url = STR_INIT("/media/b.jpg"), .alt = STR_INIT(" ")}};
    struct product_edit edit = simple_edit();
    edit.images = (struct product_image_list){images, 2};
    edit.images_given = true;
    struct product product = made(&edit);
    assert_true(str_is_absent(product.images.items[1].alt));
    struct product_image swapped[] = {images[1], images[0], images[0]};
    swapped[1].width = INT64_ABSENT;
    struct product_edit again = {.images = {swapped, 3}, .images_given = true};
    assert_false(fault_occurred(apply(&product, &again)));
    assert_text(product.images.items[0].id, "000000000000000000000065");
    assert_text(product.images.items[1].id, "000000000000000000000064");
    assert_int_equal(product.images.items[1].width, 5);
    assert_true(str_is_absent(product.images.items[2].id));
}

static void texts_are_tidied_and_cleared(void **state) {
    (void)state;
    static struct str tags[] = {STR_INIT(" a "), STR_INIT("b"), STR_INIT("a"), STR_INIT("")};
    struct product_edit edit = simple_edit();
    edit.name = STR("  Ocean \t");
    edit.brand = STR(" Acme ");
    edit.description = STR("  two\n lines ");
    edit.tags = (struct str_list){tags, 4};
    edit.brand_given = edit.description_given = edit.tags_given = true;
    struct product product = made(&edit);
    assert_text(product.name, "Ocean");
    assert_text(product.brand, "Acme");
    assert_text(product.description, "  two\n lines ");
    assert_int_equal(product.tags.count, 2);
    struct product_edit clear = {.brand_given = true, .tags_given = true};
    assert_false(fault_occurred(apply(&product, &clear)));
    assert_true(str_is_absent(product.brand));
    assert_int_equal(product.tags.count, 0);
    assert_text(product.name, "Ocean");
    struct product_edit nameless = {.name_given = true};
    assert_violates(&nameless, &product, "name");
}

/* What each of these refuses, it refuses at once together with all others. */
static void every_violation_is_noted(void **state) {
    (void)state;
    struct product_image images[] = {{.url = STR_INIT("javascript:alert(1)")},
                                     {.url = STR_INIT("//other.test/a.jpg")}};
    struct str_pair attributes[] = {{STR_INIT("a"), STR_INIT("1")}, {STR_INIT("a"), STR_INIT("")}};
    struct product_edit edit = {
        .name = STR("x\ny"),
        .slug = STR("Not A Slug"),
        .currency = STR("usd"),
        .status = STR("gone"),
        .category = STR("No!"),
        .price = 5,
        .compare_at_price = 4,
        .stock = -1,
        .weight_grams = -5,
        .sku = STR("a\x01z"),
        .images = {images, 2},
        .attributes = {attributes, 2},
        .decimal_currency = STR("EUR"),
        .name_given = true,
        .slug_given = true,
        .currency_given = true,
        .status_given = true,
        .category_given = true,
        .price_given = true,
        .compare_at_price_given = true,
        .stock_given = true,
        .weight_grams_given = true,
        .sku_given = true,
        .images_given = true,
        .attributes_given = true,
    };
    static const char *const fields[] = {
        "name",  "slug",         "currency", "status",        "category",      "compare_at_price",
        "stock", "weight_grams", "sku",      "images[0].url", "images[1].url", "attributes[1]"};
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        assert_violates(&edit, NULL, fields[i]);
    }
}

static void numbers_at_the_edges(void **state) {
    (void)state;
    static const int64_t bad[] = {-1, PRODUCT_PRICE_MAX + 1, INT64_MAX, INT64_MIN + 1,
                                  INT64_ABSENT};
    struct product_edit edit = simple_edit();
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        edit.price = bad[i];
        assert_violates(&edit, NULL, "price");
    }
    edit.price = 0;
    assert_int_equal(made(&edit).price, 0);
    edit.price = PRODUCT_PRICE_MAX;
    assert_int_equal(made(&edit).price, PRODUCT_PRICE_MAX);
    edit.stock_given = true;
    edit.stock = INT64_MAX;
    assert_violates(&edit, NULL, "stock");
    edit.price_given = false;
    assert_violates(&edit, NULL, "price");
}

/* One item too many of anything is refused, whatever is in it. */
static void lists_are_bounded(void **state) {
    (void)state;
    struct product_variant *variants = arena_alloc_array(&arena, 101, sizeof(*variants));
    struct str *tags = arena_alloc_array(&arena, 101, sizeof(*tags));
    struct product_edit edit = shirt_edit(variants, PRODUCT_VARIANTS_MAX + 1);
    edit.tags = (struct str_list){tags, PRODUCT_TAGS_MAX + 1};
    edit.tags_given = true;
    assert_violates(&edit, NULL, "variants");
    assert_violates(&edit, NULL, "tags");
    edit.options.count = PRODUCT_OPTIONS_MAX + 1;
    assert_violates(&edit, NULL, "options");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(slugs_are_ascii_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_words_joined_by_one_dash_are_slugs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_sort_without_case_and_accents, set_up, tear_down),
        cmocka_unit_test_setup_teardown(name_and_price_are_enough, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_name_in_another_script_gets_a_slug_too, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(images_keep_their_ids_by_address, set_up, tear_down),
        cmocka_unit_test_setup_teardown(texts_are_tidied_and_cleared, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_violation_is_noted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numbers_at_the_edges, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_are_bounded, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
