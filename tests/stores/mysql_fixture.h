/*
 * mysql_fixture: a database of its own for each test program.
 *
 * The server is that of AIZY_TEST_DATABASE_URL, whose user may create databases. Without it the
 * tests fail: they do not pass by not running.
 */
#ifndef AIZY_TESTS_MYSQL_FIXTURE_H
#define AIZY_TESTS_MYSQL_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "stores/migration.h"
#include "stores/mysql/connection.h"

#define FIXTURE_URL_SIZE 2048
#define FIXTURE_ARENA_BYTES ((size_t)16 * 1024 * 1024)

struct mysql_fixture {
    struct mysql_store *server; /* of AIZY_TEST_DATABASE_URL itself */
    struct mysql_store *store;  /* of the test's own database */
    struct arena arena;
    char url[FIXTURE_URL_SIZE];
    char database[64];
};

static inline struct mysql_store_options fixture_options(const char *url) {
    return (struct mysql_store_options){
        .url = str_of(url), .connect_timeout_ms = 2000, .timeout_ms = 5000};
}

static inline struct mysql_store *fixture_open(const char *url) {
    struct mysql_store_options options = fixture_options(url);
    struct mysql_store *store = NULL;
    CHECK(!fault_occurred(mysql_store_open(&options, &store)));
    return store;
}

static inline void fixture_run(struct mysql_store *store, const char *sql) {
    CHECK(!fault_occurred(mysql_run_text(store, "test", str_of(sql))));
}

/* The first column of the first row, as a number. */
static inline int64_t fixture_number(struct mysql_store *store, const char *sql) {
    CHECK(!fault_occurred(mysql_store_probe(store)));
    CHECK(mysql_query(store->session, sql) == 0);
    MYSQL_RES *rows = mysql_store_result(store->session);
    CHECK(rows != NULL);
    MYSQL_ROW row = mysql_fetch_row(rows);
    CHECK(row != NULL && row[0] != NULL);
    int64_t number = strtoll(row[0], NULL, 10);
    mysql_free_result(rows);
    return number;
}

/* The given url with another database. */
static inline void fixture_url(const char *given, const char *database, char *url) {
    const char *after_at = strrchr(given, '@');
    CHECK(after_at != NULL);
    const char *slash = strchr(after_at, '/');
    CHECK(slash != NULL);
    const char *parameters = strchr(slash, '?');
    (void)snprintf(url, FIXTURE_URL_SIZE, "%.*s/%s%s", (int)(slash - given), given, database,
                   parameters == NULL ? "" : parameters);
}

static inline struct mysql_fixture *fixture_begin(const char *name) {
    const char *given = getenv("AIZY_TEST_DATABASE_URL");
    if (given == NULL) {
        (void)fprintf(stderr, "AIZY_TEST_DATABASE_URL must name a MySQL server\n");
        abort();
    }
    CHECK(!fault_occurred(mysql_store_library_init()));
    struct mysql_fixture *fixture = calloc(1, sizeof(*fixture));
    CHECK(fixture != NULL);
    (void)snprintf(fixture->database, sizeof(fixture->database), "aizy_%s_%d", name, (int)getpid());
    fixture_url(given, fixture->database, fixture->url);
    arena_init(&fixture->arena, FIXTURE_ARENA_BYTES);
    fixture->server = fixture_open(given);
    char sql[256];
    (void)snprintf(sql, sizeof(sql), "CREATE DATABASE `%s` CHARACTER SET utf8mb4",
                   fixture->database);
    fixture_run(fixture->server, sql);
    fixture->store = fixture_open(fixture->url);
    return fixture;
}

static inline void fixture_end(struct mysql_fixture *fixture) {
    char sql[256];
    (void)snprintf(sql, sizeof(sql), "DROP DATABASE `%s`", fixture->database);
    mysql_store_close(fixture->store);
    fixture_run(fixture->server, sql);
    mysql_store_close(fixture->server);
    arena_release(&fixture->arena);
    free(fixture);
    mysql_store_library_release();
}

/* For a group of tests whose state is a fixture, its database with all tables. */
static inline int fixture_begin_migrated(void **state) {
    struct mysql_fixture *fixture = fixture_begin("migrated");
    CHECK(!fault_occurred(mysql_migration_up(fixture->store, &fixture->arena, 1000, NULL, NULL)));
    *state = fixture;
    return 0;
}

static inline int fixture_tear_down(void **state) {
    fixture_end(*state);
    return 0;
}

/* Each test begins with nobody there. */
static inline int fixture_remove_people(void **state) {
    struct mysql_fixture *fixture = *state;
    static const char *const tables[] = {"sessions", "users", "audit", "outbox"};
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        char sql[64];
        (void)snprintf(sql, sizeof(sql), "DELETE FROM %s", tables[i]);
        fixture_run(fixture->store, sql);
    }
    return 0;
}

/* Ends the session of a store from outside, as an administrator or a restart does. */
static inline void fixture_kill(struct mysql_fixture *fixture, struct mysql_store *store) {
    char sql[128];
    unsigned long id = mysql_thread_id(store->session);
    (void)snprintf(sql, sizeof(sql), "KILL %lu", id);
    fixture_run(fixture->server, sql);
    (void)snprintf(sql, sizeof(sql),
                   "SELECT COUNT(*) FROM information_schema.processlist WHERE id = %lu", id);
    /* The server ends it when it gets round to it; the test's own time limit is the deadline. */
    while (fixture_number(fixture->server, sql) > 0) {
        (void)usleep(1000);
    }
}

#endif
