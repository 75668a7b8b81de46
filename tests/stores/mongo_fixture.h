/*
 * mongo_fixture: a migrated database of its own for each test program.
 *
 * The server is that of AIZY_TEST_MONGODB_URI. Without it the tests fail: they do not pass by not
 * running.
 */
#ifndef AIZY_TESTS_MONGO_FIXTURE_H
#define AIZY_TESTS_MONGO_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "stores/category_store.h"
#include "stores/migration.h"
#include "stores/mongo/mongo_connection.h"
#include "stores/product_store.h"

#define FIXTURE_URL_SIZE 2048

static struct mongo_store *store;
static struct arena arena;
static struct violations violations;
static char fixture_url[FIXTURE_URL_SIZE];
static const struct product_author author = {
    .user_id = 7,
    .address = STR_INIT("192.0.2.1"),
    .request_id = STR_INIT("request-1"),
    .default_currency = STR_INIT("USD"),
};

#define assert_done(call) assert_int_equal((call).name, FAULT_NONE)
#define assert_fault(call, fault) assert_int_equal((call).name, fault)
#define assert_text(actual, expected)                                                    \
    do {                                                                                 \
        struct str text_ = (actual);                                                     \
        assert_int_equal(text_.size, strlen(expected));                                  \
        assert_memory_equal(text_.data == NULL ? "" : text_.data, expected, text_.size); \
    } while (0)

static inline struct mongo_store *fixture_open(const char *url) {
    const struct mongo_store_options options = {
        .url = str_of(url), .connect_timeout_ms = 2000, .timeout_ms = 20000};
    struct mongo_store *opened = NULL;
    CHECK(!fault_occurred(mongo_store_open(&options, &opened)));
    return opened;
}

/* The given address with another host and port (NULL: its own) and a database of this process. */
static inline void fixture_url_of(const char *host_and_port, char *url) {
    const char *given = getenv("AIZY_TEST_MONGODB_URI");
    if (given == NULL) {
        (void)fprintf(stderr, "AIZY_TEST_MONGODB_URI must name a MongoDB server\n");
        abort();
    }
    const char *hosts = strstr(given, "://") + 3;
    const char *after_at = strrchr(hosts, '@');
    hosts = after_at == NULL ? hosts : after_at + 1;
    size_t host_size = strcspn(hosts, "/?");
    const char *parameters = strchr(hosts, '?');
    const char *host = host_and_port == NULL ? hosts : host_and_port;
    (void)snprintf(url, FIXTURE_URL_SIZE, "%.*s%.*s/aizy_test_%d%s", (int)(hosts - given), given,
                   host_and_port == NULL ? (int)host_size : (int)strlen(host_and_port), host,
                   (int)getpid(), parameters == NULL ? "" : parameters);
}

static inline int fixture_begin(void **state) {
    (void)state;
    mongo_store_library_init();
    arena_init(&arena, (size_t)512 << 20);
    violations_init(&violations, &arena);
    fixture_url_of(NULL, fixture_url);
    store = fixture_open(fixture_url);
    return 0;
}

static inline int fixture_end(void **state) {
    (void)state;
    CHECK(!fault_occurred(mongo_migration_reset(store, &arena)));
    mongo_store_close(store);
    mongo_store_library_release();
    arena_release(&arena);
    return 0;
}

/* An empty catalogue for each test. */
static inline int fixture_reset(void **state) {
    (void)state;
    CHECK(!fault_occurred(mongo_migration_reset(store, &arena)));
    CHECK(!fault_occurred(mongo_migration_up(store, &arena, 60000, NULL, NULL)));
    violations_init(&violations, &arena);
    return 0;
}

static inline int64_t fixture_count(const char *collection, const char *key, struct str value) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    bson_t query;
    mongo_put_str(&command, "count", str_of(collection));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&command, "query", &query));
    mongo_put_str(&query, key, value);
    CHECK(bson_append_document_end(&command, &query));
    CHECK(!fault_occurred(mongo_connection_read(store, "test", &command, &reply)));
    return mongo_get_int64(&reply, "n");
}

/* Runs a command of the test's own, past everything that the store checks. */
static inline void fixture_run(const char *json) {
    MONGO_BSON(reply);
    bson_t *command = bson_new_from_json((const uint8_t *)json, -1, NULL);
    CHECK(command != NULL);
    CHECK(!fault_occurred(mongo_connection_write(store, "test", command, &reply)));
    bson_destroy(command);
}

static inline struct product_edit edit_of(const char *name, int64_t price) {
    return (struct product_edit){
        .name = str_of(name), .name_given = true, .price = price, .price_given = true};
}

static inline struct product created(const struct product_edit *edit) {
    struct product product;
    assert_done(product_store_create(store, &arena, edit, &author, &violations, &product));
    return product;
}

static inline struct product found(struct str id_or_slug) {
    struct product product;
    assert_done(product_store_find(store, &arena, id_or_slug, PRODUCT_VIEW_MANAGING, &product));
    return product;
}

#endif
