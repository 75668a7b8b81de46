/*
 * What a search costs beyond its queries: the same commands are recorded, and sent again by the
 * driver alone, which reads each answer to its end and does nothing with it. Both wait for the same
 * server, so what differs is what this thread computes, and that is measured by its CPU time: how
 * long it waits depends on whatever else the machine does.
 */
#include <time.h>

#include "base/clock.h"
#include "mongo_fixture.h"

/* AIZY_SEARCH_PRODUCTS: how many products; the suite takes few, so that it is quick. */
#define PRODUCTS_DEFAULT 40
#define ROUNDS 15
#define COMMANDS_MAX 32

/* What is allowed: the driver's time, and what is computed beyond it, to the driver's time. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/* Sanitizers multiply what is computed here, and nothing of the driver's. */
#define RATIO_MAX 2.5
#else
#define RATIO_MAX 1.3
#endif

struct recorded {
    bson_t *commands[COMMANDS_MAX];
    size_t count;
    bool is_on;
};

static struct recorded recorded;

static const char *const queries[] = {"lantern", "lantren", "storm lan", "la", "camp mug steel"};

static void record(const mongoc_apm_command_started_t *event) {
    if (recorded.is_on) {
        bson_t *command = bson_new();
        CHECK(recorded.count < COMMANDS_MAX);
        bson_copy_to_excluding_noinit(mongoc_apm_command_started_get_command(event), command,
                                      "lsid", "$db", "$readPreference", "$clusterTime", NULL);
        recorded.commands[recorded.count++] = command;
    }
}

static size_t product_count(void) {
    const char *given = getenv("AIZY_SEARCH_PRODUCTS");
    return given == NULL ? PRODUCTS_DEFAULT : strtoul(given, NULL, 10);
}

/* Believable words, some in many products, some in few. */
static void make_products(size_t count) {
    static const char *const kinds[] = {"Lantern", "Lamp", "Mug", "Tent", "Stove", "Kettle"};
    static const char *const makes[] = {"Storm", "Camp", "Enamel", "Steel", "Paper", "Canvas"};
    for (size_t i = 0; i < count; i++) {
        struct arena own;
        struct product product;
        arena_init(&own, (size_t)8 << 20);
        struct product_edit edit = {
            .name = arena_printf(&own, "%s %s %zu", makes[i % 6], kinds[i / 6 % 6], i),
            .name_given = true,
            .price = (int64_t)(100 + i % 977),
            .price_given = true,
            .brand = arena_printf(&own, "Maker %zu", i % 17),
            .brand_given = true,
            .description = arena_printf(
                &own, "Made of steel number%zu for camp and garden, with a handle%zu.", i, i % 50),
            .description_given = true,
        };
        assert_done(product_store_create(store, &own, &edit, &author, &violations, &product));
        arena_release(&own);
    }
}

static size_t search(const char *q) {
    struct arena own;
    struct product_page page;
    const struct product_query query = {
        .view = PRODUCT_VIEW_PUBLIC,
        .min_price = INT64_ABSENT,
        .max_price = INT64_ABSENT,
        .q = str_of(q),
        .facets = (1U << PRODUCT_FACET_COUNT) - 1,
        .sort = PRODUCT_SORT_RELEVANCE,
        .limit = 20,
    };
    arena_init(&own, (size_t)64 << 20);
    assert_done(product_store_list(store, &own, &query, &page));
    size_t found = page.products.count;
    arena_release(&own);
    return found;
}

static size_t count_values(const bson_t *reply) {
    bson_iter_t start;
    bson_iter_t batch;
    bson_iter_t item;
    size_t count = 0;
    if (!bson_iter_init(&start, reply) ||
        !bson_iter_find_descendant(&start, "cursor.firstBatch", &batch) ||
        !bson_iter_recurse(&batch, &item)) {
        return 0;
    }
    while (bson_iter_next(&item)) {
        count++;
    }
    return count;
}

static size_t replay(mongoc_client_t *client, const char *database) {
    size_t count = 0;
    for (size_t i = 0; i < recorded.count; i++) {
        bson_t reply;
        bson_error_t error;
        CHECK(mongoc_client_command_simple(client, database, recorded.commands[i], NULL, &reply,
                                           &error));
        count += count_values(&reply);
        bson_destroy(&reply);
    }
    return count;
}

static int compare_times(const void *left, const void *right) {
    int64_t difference = *(const int64_t *)left - *(const int64_t *)right;
    return (difference > 0) - (difference < 0);
}

static int64_t median(int64_t *times) {
    qsort(times, ROUNDS, sizeof(*times), compare_times);
    return times[ROUNDS / 2];
}

static int64_t cpu_us(void) {
    struct timespec spent;
    CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent) == 0);
    return spent.tv_sec * 1000000 + spent.tv_nsec / 1000;
}

/* Turn by turn, so that whatever else the machine does happens to both. */
static double measure(const char *q, mongoc_client_t *client, const char *database) {
    int64_t beyond_us[ROUNDS];
    int64_t driver_us[ROUNDS];
    size_t found = 0;
    size_t read = 0;
    recorded.count = 0;
    recorded.is_on = true;
    (void)search(q);
    recorded.is_on = false;
    for (size_t i = 0; i < ROUNDS; i++) {
        int64_t cpu_before_us = cpu_us();
        found = search(q);
        int64_t cpu_between_us = cpu_us();
        int64_t begun_us = clock_monotonic_us();
        read = replay(client, database);
        driver_us[i] = clock_monotonic_us() - begun_us;
        beyond_us[i] = (cpu_between_us - cpu_before_us) - (cpu_us() - cpu_between_us);
    }
    assert_true(found > 0 && read >= found);
    int64_t beyond = median(beyond_us);
    double ratio = (double)(median(driver_us) + beyond) / (double)median(driver_us);
    print_message("search %-16s %2zu queries, %4zu documents read: driver alone %6.2f ms (least "
                  "%6.2f), beyond it %6.2f ms of CPU, ratio %.2f\n",
                  q, recorded.count, read, (double)median(driver_us) / 1000,
                  (double)driver_us[0] / 1000, (double)beyond / 1000, ratio);
    for (size_t i = 0; i < recorded.count; i++) {
        bson_destroy(recorded.commands[i]);
    }
    return ratio;
}

static void costs_little_more_than_its_queries(void **state) {
    (void)state;
    mongoc_apm_callbacks_t *callbacks = mongoc_apm_callbacks_new();
    mongoc_client_t *client = mongoc_client_new_from_uri(store->uri);
    const char *database = mongoc_uri_get_database(store->uri);
    double ratios[COUNT_OF(queries)];
    size_t over = 0;
    make_products(product_count());
    (void)search("lantern");
    mongoc_apm_set_command_started_cb(callbacks, record);
    CHECK(mongoc_client_set_apm_callbacks(store->client, callbacks, NULL));
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        ratios[i] = measure(queries[i], client, database);
        over += ratios[i] > RATIO_MAX ? 1 : 0;
    }
    mongoc_apm_callbacks_destroy(callbacks);
    mongoc_client_destroy(client);
    assert_int_equal(over, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(costs_little_more_than_its_queries, fixture_reset),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
