#include "tests/stores/mongo_fixture.h"

static void what_is_written_is_read_again(void **state) {
    (void)state;
    /* Texts that mean something to MongoDB, to JSON or to C, as names and as values. */
    static struct str texts[] = {
        STR_INIT("$gt"),   STR_INIT("a.b.$c"),    STR_INIT("日本語 👕"), STR_INIT("{\"$oid\": 1}"),
        STR_INIT("\"\\'"), STR_INIT("__proto__"), STR_INIT("%s%n"),     STR_INIT("_id")};
    struct str_pair pairs[COUNT_OF(texts)];
    struct product_image image = {
        .url = STR("https://x.test/a.jpg"), .alt = texts[2], .width = INT64_ABSENT, .height = 9};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        pairs[i] = (struct str_pair){texts[i], texts[COUNT_OF(texts) - 1 - i]};
    }
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct product_edit edit = edit_of(texts[i].data, (int64_t)i);
        edit.brand = edit.description = edit.seo.title = texts[i];
        edit.tags = (struct str_list){texts, COUNT_OF(texts)};
        edit.attributes = (struct str_pair_list){pairs, COUNT_OF(pairs)};
        edit.images = (struct product_image_list){&image, 1};
        edit.sku = arena_printf(&arena, "%.*s %zu", STR_ARG(texts[i]), i);
        edit.weight_grams = 250;
        edit.brand_given = edit.description_given = edit.seo_given = edit.tags_given = true;
        edit.attributes_given = edit.images_given = edit.sku_given = edit.weight_grams_given = true;
        struct product made = created(&edit);
        struct product read = found(made.id);
        assert_true(str_equals(read.name, texts[i]));
        assert_true(str_equals(read.brand, texts[i]));
        assert_true(str_equals(read.description, texts[i]));
        assert_true(str_equals(read.seo.title, texts[i]));
        assert_true(str_equals(read.variants.items[0].sku, edit.sku));
        assert_int_equal(read.variants.items[0].weight_grams, 250);
        assert_true(str_equals(read.images.items[0].alt, texts[2]));
        assert_int_equal(read.images.items[0].width, INT64_ABSENT);
        assert_int_equal(read.images.items[0].height, 9);
        assert_int_equal(read.created_at_ms, made.created_at_ms);
        assert_int_equal(read.attributes.count, COUNT_OF(pairs));
        for (size_t at = 0; at < COUNT_OF(pairs); at++) {
            assert_true(str_equals(read.attributes.items[at].name, pairs[at].name));
            assert_true(str_equals(read.attributes.items[at].value, pairs[at].value));
            assert_true(str_equals(read.tags.items[at], texts[at]));
        }
        assert_true(str_equals(found(made.slug).id, made.id));
    }
}

static void nothing_is_found_by_what_is_no_slug(void **state) {
    (void)state;
    static const char *const texts[] = {
        "", "$ne", "{\"$gt\": \"\"}", "a.b", "000000000000000000000000", "\xff", "A"};
    struct product_edit edit = edit_of("There is one", 1);
    struct product product = created(&edit);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_fault(
            product_store_find(store, &arena, str_of(texts[i]), PRODUCT_VIEW_MANAGING, &product),
            FAULT_NOT_FOUND);
    }
}

static void drafts_are_not_public(void **state) {
    (void)state;
    struct product_edit edit = edit_of("Secret", 1);
    edit.status = STR("draft");
    edit.status_given = true;
    struct product product = created(&edit);
    assert_fault(product_store_find(store, &arena, product.id, PRODUCT_VIEW_PUBLIC, &product),
                 FAULT_NOT_FOUND);
    assert_int_equal(found(STR("secret")).status, PRODUCT_DRAFT);
}

static void taken_names_are_refused_and_made_ones_give_way(void **state) {
    (void)state;
    struct product_edit edit = edit_of("Shirt", 1);
    struct product product;
    assert_text(created(&edit).slug, "shirt");
    product = created(&edit);
    assert_text(product.slug, "shirt-2");
    assert_text(product.variants.items[0].sku, "SHIRT-2");
    edit.slug = STR("shirt");
    edit.slug_given = true;
    assert_fault(product_store_create(store, &arena, &edit, &author, &violations, &product),
                 FAULT_SLUG_TAKEN);
    edit.slug = STR("other");
    edit.sku = STR("SHIRT-2");
    edit.sku_given = true;
    assert_fault(product_store_create(store, &arena, &edit, &author, &violations, &product),
                 FAULT_SKU_TAKEN);
    /* A SKU that was given may be what another product's made one would be. */
    edit.sku = STR("HAT");
    (void)created(&edit);
    struct product_edit hat = edit_of("Hat", 1);
    assert_text(created(&hat).variants.items[0].sku, "HAT-2");
    struct product_edit slug = {.slug = STR("other"), .slug_given = true};
    assert_fault(product_store_update(store, &arena, found(STR("shirt")).id, NULL, &slug, &author,
                                      &violations, &product),
                 FAULT_SLUG_TAKEN);
    int64_t count = 0;
    assert_done(product_store_count(store, &count));
    assert_int_equal(count, 4);
}

static void many_of_one_name_all_get_a_slug(void **state) {
    (void)state;
    struct product_edit edit = edit_of("Same", 1);
    for (int i = 1; i <= 52; i++) {
        struct product product = created(&edit);
        assert_true(i == 1 || str_starts_with(product.slug, STR("same-")));
        assert_true(product_slug_is_valid(product.slug));
    }
}

static void categories_must_exist(void **state) {
    (void)state;
    const struct category hats = {STR("hats"), STR("Hats"), {0}, 1};
    const struct category caps = {STR("caps"), STR("Caps"), STR("hats"), 1};
    struct product_edit edit = edit_of("Hat", 1);
    struct product product;
    edit.category = STR("caps");
    edit.category_given = true;
    assert_fault(product_store_create(store, &arena, &edit, &author, &violations, &product),
                 FAULT_INVALID);
    assert_text(violations.items[0].field, "category");
    assert_int_equal(violations.count, 1);
    assert_fault(category_store_put(store, &arena, &caps), FAULT_NOT_FOUND);
    assert_done(category_store_put(store, &arena, &hats));
    assert_done(category_store_put(store, &arena, &caps));
    violations_init(&violations, &arena);
    assert_text(created(&edit).category, "caps");
    assert_text(found(STR("hat")).category, "caps");
    const struct category renamed = {STR("caps"), STR("Caps & more"), STR("hats"), 4};
    const struct category moved = {STR("caps"), STR("Caps"), {0}, 1};
    assert_done(category_store_put(store, &arena, &renamed));
    assert_fault(category_store_put(store, &arena, &moved), FAULT_CONFLICT);
    struct product_edit cleared = {.category_given = true};
    assert_done(product_store_update(store, &arena, found(STR("hat")).id, NULL, &cleared, &author,
                                     &violations, &product));
    assert_true(str_is_absent(found(STR("hat")).category));
}

static struct product updated(const struct product *product, const struct product_edit *edit) {
    struct product after;
    assert_done(product_store_update(store, &arena, product->id,
                                     &(struct expected_versions){1, {product->version}}, edit,
                                     &author, &violations, &after));
    return after;
}

static void versions_move_with_what_changes(void **state) {
    (void)state;
    struct product_edit edit = edit_of("Shirt", 1);
    edit.stock = 50;
    edit.stock_given = true;
    struct product first = created(&edit);
    assert_int_equal(first.version, 1);
    struct product same = updated(&first, &edit);
    assert_int_equal(same.version, 1);
    assert_int_equal(same.updated_at_ms, first.updated_at_ms);
    struct product_edit price = {.price = 2, .price_given = true};
    struct product second = updated(&first, &price);
    assert_int_equal(second.version, 2);
    assert_int_equal(second.stock_seq, first.stock_seq);
    assert_fault(product_store_update(store, &arena, first.id, &(struct expected_versions){1, {1}},
                                      &price, &author, &violations, &same),
                 FAULT_PRECONDITION_FAILED);
    /* More than ten stay more than ten: nobody outside sees a difference. */
    struct product_edit stock = {.stock = 40, .stock_given = true};
    struct product third = updated(&second, &stock);
    assert_int_equal(third.version, 3);
    assert_int_equal(third.stock_seq, second.stock_seq);
    stock.stock = 9;
    struct product fourth = updated(&third, &stock);
    assert_int_equal(fourth.stock_seq, second.stock_seq + 1);
    assert_int_equal(found(first.id).variants.items[0].available, 9);
    assert_int_equal(fixture_count("audit", "action", STR("product.update")), 3);
    assert_int_equal(fixture_count("audit", "changed", STR("stock")), 2);
    assert_int_equal(fixture_count("audit", "changed", STR("price")), 2);
    assert_int_equal(fixture_count("audit", "request_id", STR("request-1")), 4);
}

static void keys_that_are_given_up_are_free(void **state) {
    (void)state;
    struct product_edit edit = edit_of("Shirt", 1);
    edit.sku = STR("S-1");
    edit.sku_given = true;
    struct product product = created(&edit);
    struct product_edit moved = {
        .slug = STR("blouse"), .slug_given = true, .sku = STR("B-1"), .sku_given = true};
    product = updated(&product, &moved);
    assert_text(found(product.id).slug, "blouse");
    assert_int_equal(product.version, 2);
    assert_text(created(&edit).slug, "shirt");
    assert_text(found(STR("shirt")).variants.items[0].sku, "S-1");
}

static void levels_follow_their_variants(void **state) {
    (void)state;
    static struct str values[] = {STR_INIT("S"), STR_INIT("M"), STR_INIT("L")};
    static struct product_option option[] = {{STR_INIT("Size"), {values, 3}}};
    struct product_variant variants[3];
    struct str_pair pairs[3];
    for (size_t i = 0; i < 3; i++) {
        pairs[i] = (struct str_pair){STR("Size"), values[i]};
        variants[i] = (struct product_variant){.sku = values[i],
                                               .options = {&pairs[i], 1},
                                               .price = 1,
                                               .compare_at_price = INT64_ABSENT,
                                               .weight_grams = INT64_ABSENT,
                                               .stock = (int64_t)(i + 1),
                                               .stock_given = true};
    }
    struct product_edit edit = edit_of("Shirt", 1);
    edit.price_given = false;
    edit.options = (struct product_option_list){option, 1};
    edit.variants = (struct product_variant_list){variants, 3};
    edit.options_given = edit.variants_given = true;
    struct product product = created(&edit);
    fixture_run("{\"update\": \"inventory\", \"updates\": [{\"q\": {\"_id\": \"M\"}, \"u\": "
                "{\"$set\": {\"reserved\": 1, \"low_at\": 3}}}]}");
    /* S and M swap their SKUs and keep their levels; L goes. */
    variants[0].sku = STR("M");
    variants[1].sku = STR("S");
    for (size_t i = 0; i < 2; i++) {
        variants[i].id = product.variants.items[i].id;
        variants[i].stock_given = false;
    }
    edit.variants.count = 2;
    product = updated(&product, &edit);
    product = found(product.id);
    assert_text(product.variants.items[0].sku, "M");
    assert_int_equal(product.variants.items[0].stock, 1);
    assert_int_equal(product.variants.items[1].stock, 2);
    assert_int_equal(product.variants.items[1].available, 1);
    assert_int_equal(fixture_count("inventory", "_id", STR("L")), 0);
    assert_int_equal(fixture_count("inventory", "_id", STR("S")), 1);
    assert_done(product_store_remove(store, &arena, product.id,
                                     &(struct expected_versions){1, {product.version}}, &author));
    assert_int_equal(fixture_count("inventory", "_id", STR("S")), 0);
    assert_fault(product_store_remove(store, &arena, product.id, NULL, &author), FAULT_NOT_FOUND);
    assert_int_equal(fixture_count("audit", "action", STR("product.remove")), 1);
}

static void a_level_of_another_product_is_not_taken_over(void **state) {
    (void)state;
    struct product_edit edit = edit_of("Shirt", 1);
    struct product product;
    fixture_run(
        "{\"insert\": \"inventory\", \"documents\": [{\"_id\": \"ORPHAN\", \"product_id\": "
        "{\"$oid\": \"0123456789abcdef01234567\"}, \"variant_id\": "
        "{\"$oid\": \"0123456789abcdef01234568\"}, \"stock\": 5, \"reserved\": 0, "
        "\"available\": 5, \"is_low\": false, \"seq\": 0, \"updated_at\": {\"$date\": 0}}]}");
    edit.sku = STR("ORPHAN");
    edit.stock = 1;
    edit.sku_given = edit.stock_given = true;
    assert_fault(product_store_create(store, &arena, &edit, &author, &violations, &product),
                 FAULT_SKU_TAKEN);
    /* Nothing of the product stayed behind. */
    int64_t count = -1;
    assert_done(product_store_count(store, &count));
    assert_int_equal(count, 0);
    assert_int_equal(fixture_count("audit", "subject", STR("product")), 0);
}

static void damaged_documents_are_refused(void **state) {
    (void)state;
    static const char *const damages[] = {"{\"price\": \"free\"}",
                                          "{\"variants\": []}",
                                          "{\"variants\": {}}",
                                          "{\"created_at\": 5}",
                                          "{\"status\": \"gone\"}",
                                          "{\"slug\": 5}",
                                          "{\"tags\": [5]}",
                                          "{\"version\": 1.5}",
                                          "{\"attributes\": [{}]}",
                                          "{\"images\": [{\"id\": 1}]}",
                                          "{\"category_path\": [\"x\"]}",
                                          "{\"options\": null}"};
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        struct product_edit edit = edit_of(arena_printf(&arena, "Damaged %zu", i).data, 1);
        struct product product = created(&edit);
        struct str command = arena_printf(
            &arena,
            "{\"update\": \"products\", \"bypassDocumentValidation\": true, \"updates\": [{\"q\": "
            "{\"_id\": {\"$oid\": \"%.*s\"}}, \"u\": {\"$set\": %s}}]}",
            STR_ARG(product.id), damages[i]);
        fixture_run(command.data);
        assert_fault(product_store_find(store, &arena, product.id, PRODUCT_VIEW_MANAGING, &product),
                     FAULT_INTERNAL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_written_is_read_again, fixture_reset),
        cmocka_unit_test_setup(nothing_is_found_by_what_is_no_slug, fixture_reset),
        cmocka_unit_test_setup(drafts_are_not_public, fixture_reset),
        cmocka_unit_test_setup(taken_names_are_refused_and_made_ones_give_way, fixture_reset),
        cmocka_unit_test_setup(many_of_one_name_all_get_a_slug, fixture_reset),
        cmocka_unit_test_setup(categories_must_exist, fixture_reset),
        cmocka_unit_test_setup(versions_move_with_what_changes, fixture_reset),
        cmocka_unit_test_setup(keys_that_are_given_up_are_free, fixture_reset),
        cmocka_unit_test_setup(levels_follow_their_variants, fixture_reset),
        cmocka_unit_test_setup(a_level_of_another_product_is_not_taken_over, fixture_reset),
        cmocka_unit_test_setup(damaged_documents_are_refused, fixture_reset),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
