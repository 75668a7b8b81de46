#include <pthread.h>

#include "tests/stores/mongo_fixture.h"

#define THREAD_COUNT 8

struct racer {
    int number;
    void (*race)(struct mongo_store *own, struct arena *own_arena, struct racer *racer);
    struct str id;
    int64_t version;
    int done;
    int refused;
    pthread_t thread;
};

static pthread_barrier_t start;

static void *run_racer(void *argument) {
    struct racer *racer = argument;
    struct arena own_arena;
    struct mongo_store *own = fixture_open(fixture_url);
    arena_init(&own_arena, (size_t)256 << 20);
    CHECK(!fault_occurred(mongo_store_probe(own)));
    (void)pthread_barrier_wait(&start);
    racer->race(own, &own_arena, racer);
    arena_release(&own_arena);
    mongo_store_close(own);
    return NULL;
}

/* All begin at once. Sums of done and refused go to *total. */
static void race(struct racer model, struct racer *total) {
    struct racer racers[THREAD_COUNT];
    *total = (struct racer){0};
    CHECK(pthread_barrier_init(&start, NULL, THREAD_COUNT) == 0);
    for (int i = 0; i < THREAD_COUNT; i++) {
        racers[i] = model;
        racers[i].number = i;
        CHECK(pthread_create(&racers[i].thread, NULL, run_racer, &racers[i]) == 0);
    }
    for (int i = 0; i < THREAD_COUNT; i++) {
        CHECK(pthread_join(racers[i].thread, NULL) == 0);
        total->done += racers[i].done;
        total->refused += racers[i].refused;
    }
    CHECK(pthread_barrier_destroy(&start) == 0);
}

static void note(struct racer *racer, struct fault fault, enum fault_name expected) {
    racer->done += fault_occurred(fault) ? 0 : 1;
    racer->refused += fault_is(fault, expected) ? 1 : 0;
}

static void create_with_slug(struct mongo_store *own, struct arena *own_arena,
                             struct racer *racer) {
    struct violations own_violations;
    struct product product;
    struct product_edit edit = edit_of("Shirt", 1);
    violations_init(&own_violations, own_arena);
    edit.slug = STR("shirt");
    edit.slug_given = true;
    note(racer, product_store_create(own, own_arena, &edit, &author, &own_violations, &product),
         FAULT_SLUG_TAKEN);
}

static void one_slug_goes_to_one_product(void **state) {
    (void)state;
    struct racer total;
    race((struct racer){.race = create_with_slug}, &total);
    assert_int_equal(total.done, 1);
    assert_int_equal(total.refused, THREAD_COUNT - 1);
    assert_int_equal(fixture_count("products", "slug", STR("shirt")), 1);
}

static void create_with_sku(struct mongo_store *own, struct arena *own_arena, struct racer *racer) {
    struct violations own_violations;
    struct product product;
    struct product_edit edit = edit_of(arena_printf(own_arena, "Shirt %d", racer->number).data, 1);
    violations_init(&own_violations, own_arena);
    edit.sku = STR("S-1");
    edit.sku_given = true;
    edit.stock = 5;
    edit.stock_given = true;
    note(racer, product_store_create(own, own_arena, &edit, &author, &own_violations, &product),
         FAULT_SKU_TAKEN);
}

static void one_sku_goes_to_one_product(void **state) {
    (void)state;
    struct racer total;
    race((struct racer){.race = create_with_sku}, &total);
    assert_int_equal(total.done, 1);
    assert_int_equal(total.refused, THREAD_COUNT - 1);
    assert_int_equal(fixture_count("inventory", "_id", STR("S-1")), 1);
}

static void create_without_slug(struct mongo_store *own, struct arena *own_arena,
                                struct racer *racer) {
    for (int i = 0; i < 3; i++) {
        struct violations own_violations;
        struct product product;
        struct product_edit edit = edit_of("Shirt", 1);
        violations_init(&own_violations, own_arena);
        note(racer, product_store_create(own, own_arena, &edit, &author, &own_violations, &product),
             FAULT_BUSY);
    }
}

static void made_slugs_give_way_in_a_race(void **state) {
    (void)state;
    struct racer total;
    int64_t count = 0;
    race((struct racer){.race = create_without_slug}, &total);
    assert_int_equal(total.done + total.refused, 3 * THREAD_COUNT);
    assert_int_equal(total.refused, 0);
    assert_done(product_store_count(store, &count));
    assert_int_equal(count, 3 * THREAD_COUNT);
}

/* Each adds one to the price, if the product still is what it has read. */
static void add_one(struct mongo_store *own, struct arena *own_arena, struct racer *racer) {
    while (racer->done < 5) {
        struct violations own_violations;
        struct product product;
        violations_init(&own_violations, own_arena);
        CHECK(!fault_occurred(
            product_store_find(own, own_arena, racer->id, PRODUCT_VIEW_MANAGING, &product)));
        struct product_edit edit = {.price = product.price + 1, .price_given = true};
        const struct expected_versions seen = {1, {product.version}};
        struct fault fault = product_store_update(own, own_arena, racer->id, &seen, &edit, &author,
                                                  &own_violations, &product);
        CHECK(!fault_occurred(fault) || fault_is(fault, FAULT_PRECONDITION_FAILED) ||
              fault_is(fault, FAULT_BUSY));
        note(racer, fault, FAULT_PRECONDITION_FAILED);
    }
}

static void no_update_is_lost(void **state) {
    (void)state;
    struct racer total;
    struct product_edit edit = edit_of("Shirt", 0);
    struct product product = created(&edit);
    race((struct racer){.race = add_one, .id = product.id}, &total);
    product = found(product.id);
    assert_int_equal(product.price, 5 * THREAD_COUNT);
    assert_int_equal(product.version, 1 + 5 * THREAD_COUNT);
    assert_int_equal(fixture_count("audit", "action", STR("product.update")), 5 * THREAD_COUNT);
}

/* Each writes a member of its own, without having read anything. */
static void set_own_member(struct mongo_store *own, struct arena *own_arena, struct racer *racer) {
    struct violations own_violations;
    struct product product;
    struct product_edit edit = {0};
    violations_init(&own_violations, own_arena);
    switch (racer->number % 4) {
    case 0:
        edit = (struct product_edit){.brand = STR("Acme"), .brand_given = true};
        break;
    case 1:
        edit = (struct product_edit){.price = 77, .price_given = true};
        break;
    case 2:
        edit = (struct product_edit){.stock = 12, .stock_given = true};
        break;
    default:
        edit = (struct product_edit){.description = STR("text"), .description_given = true};
    }
    note(racer,
         product_store_update(own, own_arena, racer->id, NULL, &edit, &author, &own_violations,
                              &product),
         FAULT_BUSY);
}

static void edits_of_different_members_all_stay(void **state) {
    (void)state;
    struct racer total;
    struct product_edit edit = edit_of("Shirt", 1);
    struct product product = created(&edit);
    race((struct racer){.race = set_own_member, .id = product.id}, &total);
    assert_int_equal(total.done, THREAD_COUNT);
    product = found(product.id);
    assert_text(product.brand, "Acme");
    assert_text(product.description, "text");
    assert_int_equal(product.price, 77);
    assert_int_equal(product.variants.items[0].stock, 12);
    assert_int_equal(product.version, 5);
}

static void import_one(struct mongo_store *own, struct arena *own_arena, struct racer *racer) {
    struct violations own_violations;
    enum product_import_result result = PRODUCT_IMPORT_UNCHANGED;
    struct product_edit edit = edit_of(arena_printf(own_arena, "Shirt %d", racer->number).data, 1);
    violations_init(&own_violations, own_arena);
    edit.slug = arena_printf(own_arena, "shirt-%d", racer->number);
    edit.slug_given = true;
    edit.category = STR("shirts");
    edit.category_given = true;
    const struct product_import_order order = {.edit = &edit, .category_name = STR("Shirts")};
    note(racer, product_store_import(own, own_arena, &order, &author, &own_violations, &result),
         FAULT_BUSY);
}

static void a_new_category_is_made_once(void **state) {
    (void)state;
    struct racer total;
    race((struct racer){.race = import_one}, &total);
    assert_int_equal(total.done, THREAD_COUNT);
    assert_int_equal(fixture_count("categories", "slug", STR("shirts")), 1);
    assert_text(found(STR("shirt-3")).category, "shirts");
}

static void migrate(struct mongo_store *own, struct arena *own_arena, struct racer *racer) {
    note(racer, mongo_migration_up(own, own_arena, 60000, NULL, NULL), FAULT_BUSY);
}

static void migrations_may_start_at_once(void **state) {
    (void)state;
    struct racer total;
    struct migration_status_list list;
    assert_done(mongo_migration_reset(store, &arena));
    race((struct racer){.race = migrate}, &total);
    assert_int_equal(total.done, THREAD_COUNT);
    assert_done(mongo_migration_status(store, &arena, &list));
    assert_true(migration_is_current(&list));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_slug_goes_to_one_product, fixture_reset),
        cmocka_unit_test_setup(one_sku_goes_to_one_product, fixture_reset),
        cmocka_unit_test_setup(made_slugs_give_way_in_a_race, fixture_reset),
        cmocka_unit_test_setup(no_update_is_lost, fixture_reset),
        cmocka_unit_test_setup(edits_of_different_members_all_stay, fixture_reset),
        cmocka_unit_test_setup(a_new_category_is_made_once, fixture_reset),
        cmocka_unit_test_setup(migrations_may_start_at_once, fixture_reset),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
