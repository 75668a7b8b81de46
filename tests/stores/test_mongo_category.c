#include "base/clock.h"
#include "stores/mongo/category_document.h"
#include "stores/mongo/mongo_transaction.h"
#include "tests/stores/mongo_fixture.h"

static struct mongo_store *other;

static int begin(void **state) {
    CHECK(fixture_begin(state) == 0);
    other = fixture_open(fixture_url);
    return 0;
}

static int end(void **state) {
    mongo_store_close(other);
    return fixture_end(state);
}

static struct category_node made(const char *slug, const char *parent) {
    const struct category_edit edit = {.name = str_of(slug),
                                       .slug = str_of(slug),
                                       .parent = str_of(parent),
                                       .name_given = true,
                                       .slug_given = true,
                                       .parent_given = true};
    struct category_node node;
    assert_done(category_store_create(store, &arena, &edit, &author, &violations, &node));
    return node;
}

static void moved_by_another(const char *slug, const char *parent) {
    const struct category_edit edit = {.parent = str_of(parent), .parent_given = true};
    struct category_node node;
    assert_done(category_store_update(other, &arena, str_of(slug), NULL, &edit, &author,
                                      &violations, &node));
}

/* A transaction that has read the tree before somebody else changes it. */
struct overtaken {
    int tries;
    void (*change)(void);
    struct product product;
    struct category_node node;
};

static struct fault write_product(struct mongo_store *worker, void *context) {
    struct overtaken *overtaken = context;
    bool is_first = overtaken->tries++ == 0;
    struct category_record seen;
    struct product_edit edit = edit_of("Overtaken", 1);
    edit.category = STR("leaf");
    edit.category_given = true;
    TRY(category_record_find(worker, &arena, STR("leaf"), &seen));
    if (is_first) {
        overtaken->change();
    }
    return product_store_create(worker, &arena, &edit, &author, &violations, &overtaken->product);
}

static struct fault write_child(struct mongo_store *worker, void *context) {
    struct overtaken *overtaken = context;
    const struct category_edit edit = {
        .name = STR("Child"), .name_given = true, .parent = STR("leaf"), .parent_given = true};
    struct category_record seen;
    bool is_first = overtaken->tries++ == 0;
    TRY(category_record_find(worker, &arena, STR("leaf"), &seen));
    if (is_first) {
        overtaken->change();
    }
    return category_store_create(worker, &arena, &edit, &author, &violations, &overtaken->node);
}

static void move_leaf(void) {
    moved_by_another("leaf", "right");
}

static void remove_leaf(void) {
    assert_done(category_store_remove(other, &arena, STR("leaf"), NULL, (struct str){0}, &author,
                                      &violations));
}

static void make_tree(void) {
    (void)made("left", NULL);
    (void)made("right", NULL);
    (void)made("leaf", "left");
}

static int64_t products_under(const char *slug) {
    const struct product_query query = {.view = PRODUCT_VIEW_MANAGING,
                                        .status = PRODUCT_STATUS_ANY,
                                        .category = str_of(slug),
                                        .min_price = INT64_ABSENT,
                                        .max_price = INT64_ABSENT,
                                        .limit = 10};
    struct product_page page;
    assert_done(product_store_list(store, &arena, &query, &page));
    return (int64_t)page.products.count;
}

static void a_product_follows_a_move_that_overtakes_it(void **state) {
    (void)state;
    struct overtaken overtaken = {.change = move_leaf};
    make_tree();
    assert_done(mongo_transaction_run(store, write_product, &overtaken));
    assert_int_equal(overtaken.tries, 2);
    assert_int_equal(products_under("left"), 0);
    assert_int_equal(products_under("right"), 1);
}

static void no_product_goes_into_what_is_removed_meanwhile(void **state) {
    (void)state;
    struct overtaken overtaken = {.change = remove_leaf};
    make_tree();
    assert_fault(mongo_transaction_run(store, write_product, &overtaken), FAULT_NOT_FOUND);
    assert_int_equal(overtaken.tries, 2);
    int64_t count = 0;
    assert_done(product_store_count(store, &count));
    assert_int_equal(count, 0);
}

static void a_child_follows_a_move_that_overtakes_it(void **state) {
    (void)state;
    struct overtaken overtaken = {.change = move_leaf};
    make_tree();
    assert_done(mongo_transaction_run(store, write_child, &overtaken));
    assert_int_equal(overtaken.tries, 2);
    assert_text(overtaken.node.path.items[0], "right");
    assert_int_equal(overtaken.node.path.count, 3);
}

/* Documents that somebody edited by hand. */
static void a_damaged_tree_is_shown_without_what_is_damaged(void **state) {
    (void)state;
    make_tree();
    struct category_node stray = made("stray", "right");
    struct category_node circle = made("circle", NULL);
    fixture_run("{\"update\": \"categories\", \"updates\": ["
                "{\"q\": {\"slug\": \"right\"}, \"u\": {\"$unset\": {\"version\": 1}}}],"
                "\"bypassDocumentValidation\": true}");
    const char *command = arena_printf(&arena,
                                       "{\"update\": \"categories\", \"updates\": ["
                                       "{\"q\": {\"slug\": \"circle\"}, \"u\": {\"$set\": "
                                       "{\"parent_id\": {\"$oid\": \"%.*s\"}}}}]}",
                                       STR_ARG(circle.id))
                              .data;
    fixture_run(command);
    struct category_list roots;
    assert_done(category_store_read_tree(store, &arena, &roots));
    assert_int_equal(roots.count, 1);
    assert_text(roots.items[0].slug, "left");
    assert_fault(category_store_find(store, &arena, stray.slug, &stray), FAULT_NOT_FOUND);
    assert_fault(category_store_find(store, &arena, STR("circle"), &circle), FAULT_NOT_FOUND);
}

/* What a process that ended has left is done by whoever looks for it. */
static void what_is_overdue_is_done_by_whoever_looks(void **state) {
    (void)state;
    struct product_edit edit = edit_of("Left behind", 1);
    edit.category = STR("leaf");
    edit.category_given = true;
    make_tree();
    (void)created(&edit);
    fixture_run("{\"update\": \"products\", \"updates\": [{\"q\": {}, \"u\": "
                "{\"$set\": {\"category_path\": []}}}]}");
    assert_int_equal(products_under("left"), 0);
    fixture_run("{\"update\": \"categories\", \"updates\": [{\"q\": {\"slug\": \"leaf\"}, \"u\": "
                "{\"$set\": {\"due\": {\"$oid\": \"600000000000000000000000\"}}}}]}");
    size_t count = 0;
    assert_done(category_store_finish(other, &arena, 0, NULL, &count));
    assert_int_equal(count, 0);
    assert_done(category_store_finish(other, &arena, clock_now_ms(), NULL, &count));
    assert_int_equal(count, 1);
    assert_int_equal(products_under("left"), 1);
    assert_done(category_store_finish(other, &arena, clock_now_ms(), NULL, &count));
    assert_int_equal(count, 0);
    assert_int_equal(found(STR("left-behind")).version, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_product_follows_a_move_that_overtakes_it, fixture_reset),
        cmocka_unit_test_setup(no_product_goes_into_what_is_removed_meanwhile, fixture_reset),
        cmocka_unit_test_setup(a_child_follows_a_move_that_overtakes_it, fixture_reset),
        cmocka_unit_test_setup(a_damaged_tree_is_shown_without_what_is_damaged, fixture_reset),
        cmocka_unit_test_setup(what_is_overdue_is_done_by_whoever_looks, fixture_reset),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
