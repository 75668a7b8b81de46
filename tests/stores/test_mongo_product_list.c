#include "tests/stores/mongo_fixture.h"

#define PRODUCT_COUNT 500

static const struct product_query everything = {
    .view = PRODUCT_VIEW_MANAGING,
    .status = PRODUCT_STATUS_ANY,
    .min_price = INT64_ABSENT,
    .max_price = INT64_ABSENT,
    .limit = 100,
};

/*
 * Few different prices, names and times, so that most pages begin in the middle of equal keys.
 * Every tenth is a draft, every third a shirt, every second of those a t-shirt.
 */
static int load(void **state) {
    CHECK(fixture_begin(state) == 0);
    CHECK(fixture_reset(state) == 0);
    const struct category shirts = {STR("shirts"), STR("Shirts"), {0}, 1};
    const struct category tees = {STR("tees"), STR("T-shirts"), STR("shirts"), 2};
    CHECK(!fault_occurred(category_store_put(store, &arena, &shirts)));
    CHECK(!fault_occurred(category_store_put(store, &arena, &tees)));
    static struct str tags[] = {STR_INIT("new")};
    for (int i = 0; i < PRODUCT_COUNT; i++) {
        struct str name = arena_printf(&arena, "Name %d", i % 7);
        struct product_edit edit = edit_of(name.data, i % 5);
        edit.status = i % 10 == 0 ? STR("draft") : STR("active");
        edit.status_given = true;
        edit.stock = i % 2;
        edit.stock_given = true;
        edit.brand = i % 4 == 0 ? STR("Acme") : (struct str){0};
        edit.brand_given = true;
        edit.tags = (struct str_list){tags, i % 25 == 0 ? 1 : 0};
        edit.tags_given = true;
        edit.category = i % 6 == 0 ? STR("tees") : STR("shirts");
        edit.category_given = i % 3 == 0;
        (void)created(&edit);
    }
    fixture_run(
        "{\"update\": \"products\", \"updates\": [{\"q\": {\"price\": {\"$lt\": 3}}, \"u\": "
        "{\"$set\": {\"created_at\": {\"$date\": 1700000000000}}}, \"multi\": true}]}");
    return 0;
}

/* Negative when `left` comes before `right`. */
static int compare(enum product_sort sort, const struct product *left,
                   const struct product *right) {
    int64_t difference = 0;
    if (sort == PRODUCT_SORT_NAME) {
        difference = memcmp(left->name.data, right->name.data, left->name.size);
    } else if (sort == PRODUCT_SORT_NEWEST) {
        difference = right->created_at_ms - left->created_at_ms;
    } else {
        difference =
            sort == PRODUCT_SORT_PRICE ? left->price - right->price : right->price - left->price;
    }
    if (difference != 0) {
        return difference < 0 ? -1 : 1;
    }
    int ids = memcmp(left->id.data, right->id.data, left->id.size);
    bool is_down = sort == PRODUCT_SORT_NEWEST || sort == PRODUCT_SORT_PRICE_DESCENDING;
    return is_down ? -ids : ids;
}

/* Strictly ascending by the sort means: nothing twice. As many as there are means: nothing left
 * out. */
static size_t walk(struct product_query query) {
    struct product_page page;
    struct product_position position;
    struct product last = {0};
    size_t seen = 0;
    do {
        assert_done(product_store_list(store, &arena, &query, &page));
        for (size_t i = 0; i < page.products.count; i++) {
            const struct product *product = &page.products.items[i];
            assert_true(seen == 0 || compare(query.sort, &last, product) < 0);
            last = *product;
            seen++;
        }
        assert_true(page.products.count == query.limit || !page.has_more);
        position = page.last;
        query.after = &position;
    } while (page.has_more);
    return seen;
}

static void pages_neither_skip_nor_repeat(void **state) {
    (void)state;
    static const size_t limits[] = {7, 100};
    for (int sort = PRODUCT_SORT_NEWEST; sort <= PRODUCT_SORT_NAME; sort++) {
        for (size_t i = 0; i < COUNT_OF(limits); i++) {
            struct product_query query = everything;
            query.sort = (enum product_sort)sort;
            query.limit = limits[i];
            assert_int_equal(walk(query), PRODUCT_COUNT);
        }
    }
}

static void a_page_that_is_just_full_has_no_more(void **state) {
    (void)state;
    struct product_query query = everything;
    struct product_page page;
    query.tag = STR("new");
    query.limit = PRODUCT_COUNT / 25;
    assert_done(product_store_list(store, &arena, &query, &page));
    assert_int_equal(page.products.count, PRODUCT_COUNT / 25);
    assert_false(page.has_more);
}

static int64_t total_of(struct product_query query) {
    struct product_page page;
    query.limit = 1;
    query.with_total = true;
    assert_done(product_store_list(store, &arena, &query, &page));
    assert_true(page.total_is_exact);
    return page.total;
}

/* As many as of the loaded products fit. */
#define assert_fitting(actual, condition)               \
    do {                                                \
        int64_t expected_ = 0;                          \
        for (int i = 0; i < PRODUCT_COUNT; i++) {       \
            expected_ += (condition) ? 1 : 0;           \
        }                                               \
        assert_int_equal((int64_t)(actual), expected_); \
    } while (0)

static void filters_combine(void **state) {
    (void)state;
    struct product_query query = everything;
    assert_int_equal(total_of(query), PRODUCT_COUNT);
    query.status = PRODUCT_STATUS_DRAFT;
    assert_fitting(total_of(query), i % 10 == 0);
    query.status = PRODUCT_STATUS_ANY;
    query.category = STR("shirts");
    assert_fitting(total_of(query), i % 3 == 0);
    query.category = STR("tees");
    assert_fitting(total_of(query), i % 6 == 0);
    query.min_price = 2;
    query.max_price = 3;
    assert_fitting(total_of(query), i % 6 == 0 && i % 5 >= 2 && i % 5 <= 3);
    assert_fitting(walk(query), i % 6 == 0 && i % 5 >= 2 && i % 5 <= 3);
    query.sort = PRODUCT_SORT_PRICE_DESCENDING;
    query.limit = 3;
    assert_fitting(walk(query), i % 6 == 0 && i % 5 >= 2 && i % 5 <= 3);
    query = everything;
    query.brand = STR("Acme");
    query.in_stock_only = true;
    query.tag = STR("new");
    assert_fitting(total_of(query), i % 4 == 0 && i % 2 == 1 && i % 25 == 0);
    query.brand = (struct str){0};
    assert_fitting(total_of(query), i % 2 == 1 && i % 25 == 0);
}

static void the_public_sees_active_ones_and_no_levels(void **state) {
    (void)state;
    struct product_query query = everything;
    struct product_page page;
    query.view = PRODUCT_VIEW_PUBLIC;
    query.status = PRODUCT_STATUS_DRAFT; /* of the managing view: says nothing here */
    assert_fitting(total_of(query), i % 10 != 0);
    query.category = STR("tees");
    assert_done(product_store_list(store, &arena, &query, &page));
    for (size_t i = 0; i < page.products.count; i++) {
        assert_int_equal(page.products.items[i].status, PRODUCT_ACTIVE);
        assert_int_equal(page.products.items[i].variants.items[0].stock, INT64_ABSENT);
        assert_text(page.products.items[i].category, "tees");
    }
}

static void pages_can_be_jumped_to(void **state) {
    (void)state;
    struct product_query query = everything;
    struct product_page page;
    struct product_page rest;
    query.limit = 20;
    query.sort = PRODUCT_SORT_PRICE;
    assert_done(product_store_list(store, &arena, &query, &page));
    query.skip = 10;
    assert_done(product_store_list(store, &arena, &query, &rest));
    assert_true(str_equals(page.products.items[10].id, rest.products.items[0].id));
    query.skip = PRODUCT_COUNT;
    assert_done(product_store_list(store, &arena, &query, &rest));
    assert_int_equal(rest.products.count, 0);
    assert_false(rest.has_more);
}

static void unknown_categories_are_empty_and_foreign_positions_refused(void **state) {
    (void)state;
    struct product_query query = everything;
    struct product_page page;
    query.with_total = true;
    query.category = STR("hats");
    assert_done(product_store_list(store, &arena, &query, &page));
    assert_int_equal(page.total, 0);
    query.category = STR("{$gt: ''}");
    assert_done(product_store_list(store, &arena, &query, &page));
    assert_int_equal(page.products.count, 0);
    query = everything;
    const struct product_position position = {.number = 1, .id = STR("not an id")};
    query.after = &position;
    assert_fault(product_store_list(store, &arena, &query, &page), FAULT_BAD_CURSOR);
}

/* Last: it damages documents. */
static void damaged_documents_are_left_out(void **state) {
    (void)state;
    struct product_query query = everything;
    query.tag = STR("new");
    fixture_run("{\"update\": \"products\", \"bypassDocumentValidation\": true, \"updates\": ["
                "{\"q\": {\"tags\": \"new\", \"price\": 0}, \"u\": {\"$set\": {\"variants\": "
                "[7]}}}]}");
    size_t seen = walk(query);
    assert_int_equal(seen, PRODUCT_COUNT / 25 - 1);
    query.limit = 1;
    assert_true(walk(query) <= seen);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_neither_skip_nor_repeat),
        cmocka_unit_test(a_page_that_is_just_full_has_no_more),
        cmocka_unit_test(filters_combine),
        cmocka_unit_test(the_public_sees_active_ones_and_no_levels),
        cmocka_unit_test(pages_can_be_jumped_to),
        cmocka_unit_test(unknown_categories_are_empty_and_foreign_positions_refused),
        cmocka_unit_test(damaged_documents_are_left_out),
    };
    return cmocka_run_group_tests(tests, load, fixture_end);
}
