#include "base/clock.h"
#include "tests/stores/mongo_proxy.h"

/* As long as it takes a client to look for a server again, and some. */
#define RECOVERY_MS 20000

static struct proxy proxy;
static struct mongo_store *far; /* through the proxy, with short time-outs */

static int open_far(void **state) {
    CHECK(fixture_reset(state) == 0);
    char url[FIXTURE_URL_SIZE];
    proxy_begin(&proxy, url);
    const struct mongo_store_options options = {
        .url = str_of(url), .connect_timeout_ms = 1000, .timeout_ms = 1000};
    CHECK(!fault_occurred(mongo_store_open(&options, &far)));
    return 0;
}

static int close_far(void **state) {
    (void)state;
    mongo_store_close(far);
    proxy_end(&proxy);
    return 0;
}

static void urls_are_read_when_opened(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "mysql://127.0.0.1/aizy",
                                      "mongodb://127.0.0.1",
                                      "mongodb://127.0.0.1/",
                                      "mongodb://127.0.0.1:99999/aizy",
                                      "mongodb:///aizy",
                                      "mongodb://127.0.0.1/ai\xff"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        const struct mongo_store_options options = {
            .url = str_of(bad[i]), .connect_timeout_ms = 100, .timeout_ms = 100};
        struct mongo_store *opened = NULL;
        assert_fault(mongo_store_open(&options, &opened), FAULT_INVALID);
        assert_null(opened);
    }
    const struct mongo_store_options absent = {.connect_timeout_ms = 1, .timeout_ms = 1};
    struct mongo_store *opened = NULL;
    assert_fault(mongo_store_open(&absent, &opened), FAULT_INVALID);
    mongo_store_close(NULL);
}

static void a_password_may_have_an_at_sign(void **state) {
    (void)state;
    const struct mongo_store_options options = {.url =
                                                    STR("mongodb://u:p%40s%2Fs@127.0.0.1:1/aizy"),
                                                .connect_timeout_ms = 100,
                                                .timeout_ms = 100};
    struct mongo_store *opened = NULL;
    assert_done(mongo_store_open(&options, &opened));
    assert_string_equal(mongoc_uri_get_password(opened->uri), "p@s/s");
    mongo_store_close(opened);
}

static void a_good_server_has_nothing_to_mend(void **state) {
    (void)state;
    assert_done(mongo_store_probe(store));
    assert_true(str_is_absent(mongo_store_diagnose(store, &arena)));
}

static void a_server_that_is_not_there_is_named_without_the_password(void **state) {
    (void)state;
    const struct mongo_store_options options = {
        .url = STR("mongodb://shop:s3cret-word@127.0.0.1:1/aizy"),
        .connect_timeout_ms = 1000,
        .timeout_ms = 1000};
    struct mongo_store *opened = NULL;
    assert_done(mongo_store_open(&options, &opened));
    int64_t begun_us = clock_monotonic_us();
    assert_fault(mongo_store_probe(opened), FAULT_STORE_DOWN);
    assert_true(clock_monotonic_us() - begun_us < 1000000);
    struct str sentence = mongo_store_diagnose(opened, &arena);
    assert_non_null(strstr(sentence.data, "127.0.0.1:1"));
    assert_null(strstr(sentence.data, "s3cret-word"));
    mongo_store_close(opened);
}

/* The faults of every call while there is no server. */
static void assert_all_down(void) {
    struct product_query query = {.limit = 1, .min_price = INT64_ABSENT, .max_price = INT64_ABSENT};
    struct product_edit edit = edit_of("Shirt", 1);
    struct product_page page;
    struct product product;
    int64_t count = 0;
    assert_fault(mongo_store_probe(far), FAULT_STORE_DOWN);
    assert_fault(product_store_count(far, &count), FAULT_STORE_DOWN);
    assert_fault(product_store_find(far, &arena, STR("shirt"), PRODUCT_VIEW_PUBLIC, &product),
                 FAULT_STORE_DOWN);
    assert_fault(product_store_list(far, &arena, &query, &page), FAULT_STORE_DOWN);
    assert_fault(product_store_create(far, &arena, &edit, &author, &violations, &product),
                 FAULT_STORE_DOWN);
}

static void wait_until_up(void) {
    int64_t deadline_us = clock_monotonic_us() + RECOVERY_MS * INT64_C(1000);
    while (fault_occurred(mongo_store_probe(far))) {
        assert_true(clock_monotonic_us() < deadline_us);
        (void)usleep(20000);
    }
}

static void a_server_that_comes_back_is_used_again(void **state) {
    (void)state;
    struct product_edit edit = edit_of("Shirt", 1);
    struct product product;
    assert_done(product_store_create(far, &arena, &edit, &author, &violations, &product));
    proxy_set(&proxy, PROXY_CUT);
    assert_all_down();
    proxy_set(&proxy, PROXY_OPEN);
    wait_until_up();
    assert_done(product_store_find(far, &arena, STR("shirt"), PRODUCT_VIEW_PUBLIC, &product));
    assert_done(product_store_create(far, &arena, &edit, &author, &violations, &product));
    assert_text(product.slug, "shirt-2");
}

/* A restart that no call noticed: the connections are dead, the server is there. */
static void reads_and_writes_survive_a_restart_in_between(void **state) {
    (void)state;
    struct product_edit edit = edit_of("Shirt", 1);
    struct product product;
    assert_done(product_store_create(far, &arena, &edit, &author, &violations, &product));
    proxy_set(&proxy, PROXY_CUT);
    proxy_set(&proxy, PROXY_OPEN);
    assert_done(product_store_find(far, &arena, STR("shirt"), PRODUCT_VIEW_PUBLIC, &product));
    proxy_set(&proxy, PROXY_CUT);
    proxy_set(&proxy, PROXY_OPEN);
    assert_done(product_store_create(far, &arena, &edit, &author, &violations, &product));
    assert_text(product.slug, "shirt-2");
}

static void a_server_that_hangs_is_down_in_time(void **state) {
    (void)state;
    assert_done(mongo_store_probe(far));
    proxy_set(&proxy, PROXY_HOLD);
    int64_t begun_us = clock_monotonic_us();
    assert_fault(mongo_store_probe(far), FAULT_STORE_DOWN);
    /* The call's time-out with the socket's grace, once more to connect, and a slow machine. */
    assert_true(clock_monotonic_us() - begun_us < 8000000);
    proxy_set(&proxy, PROXY_OPEN);
    wait_until_up();
}

static void a_commit_whose_answer_is_lost_has_an_unknown_outcome(void **state) {
    (void)state;
    struct product_edit edit = edit_of("Shirt", 1);
    struct product product;
    assert_done(mongo_store_probe(far));
    proxy_set(&proxy, PROXY_CUT_COMMIT);
    assert_fault(product_store_create(far, &arena, &edit, &author, &violations, &product),
                 FAULT_OUTCOME_UNKNOWN);
    /* It was done, and done once. */
    assert_int_equal(fixture_count("products", "name", STR("Shirt")), 1);
    proxy_set(&proxy, PROXY_OPEN);
    wait_until_up();
    assert_done(product_store_create(far, &arena, &edit, &author, &violations, &product));
    assert_text(product.slug, "shirt-2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_read_when_opened),
        cmocka_unit_test(a_password_may_have_an_at_sign),
        cmocka_unit_test(a_good_server_has_nothing_to_mend),
        cmocka_unit_test(a_server_that_is_not_there_is_named_without_the_password),
        cmocka_unit_test_setup_teardown(a_server_that_comes_back_is_used_again, open_far,
                                        close_far),
        cmocka_unit_test_setup_teardown(reads_and_writes_survive_a_restart_in_between, open_far,
                                        close_far),
        cmocka_unit_test_setup_teardown(a_server_that_hangs_is_down_in_time, open_far, close_far),
        cmocka_unit_test_setup_teardown(a_commit_whose_answer_is_lost_has_an_unknown_outcome,
                                        open_far, close_far),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
