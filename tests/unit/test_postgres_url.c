#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sinks/admin_database.h"
#include "sinks/postgres_url.h"

static struct arena arena;
static struct postgres_keywords keywords;
static const char *problem;

static bool parse(const char *url) {
    return !fault_occurred(postgres_url_parse(str_of(url), &arena, &keywords, &problem));
}

static void assert_keyword(const char *name, const char *expected) {
    const char *value = postgres_keywords_find(&keywords, name);
    if (expected == NULL) {
        assert_null(value);
        return;
    }
    assert_non_null(value);
    assert_string_equal(value, expected);
}

static void ends_the_credentials_at_the_last_at_sign(void **state) {
    (void)state;
    assert_true(parse("postgresql://aizy:p@ss:w/rd@db.example:5433/admin"));
    assert_keyword("user", "aizy");
    assert_keyword("password", "p@ss:w/rd");
    assert_keyword("host", "db.example");
    assert_keyword("port", "5433");
    assert_keyword("dbname", "admin");
}

static void decodes_every_part(void **state) {
    (void)state;
    assert_true(parse("postgres://a%40b:%2f%3f%25@%2Frun%2Fpg/my%20db?application_name=x%26y"));
    assert_keyword("user", "a@b");
    assert_keyword("password", "/?%");
    assert_keyword("host", "/run/pg");
    assert_keyword("port", NULL);
    assert_keyword("dbname", "my db");
    assert_keyword("application_name", "x&y");
    assert_keyword("sslmode", NULL);
    assert_true(parse("postgresql://u@[::1]:5432/d"));
    assert_keyword("password", NULL);
    assert_keyword("host", "::1");
    assert_keyword("port", "5432");
}

static void verifies_other_machines(void **state) {
    (void)state;
    assert_true(parse("postgresql://u:p@localhost/d"));
    assert_keyword("sslmode", NULL);
    assert_true(parse("postgresql://u:p@db.example/d"));
    assert_keyword("sslmode", "verify-full");
    assert_non_null(postgres_keywords_find(&keywords, "sslrootcert"));
    assert_true(parse("postgresql://u:p@db.example/d?sslmode=verify-ca&sslrootcert=/etc/x.pem"));
    assert_keyword("sslmode", "verify-ca");
    assert_keyword("sslrootcert", "/etc/x.pem");
    assert_true(parse("postgresql://u:p@db.example/d?sslmode=require"));
    assert_keyword("sslrootcert", NULL);
}

static void refuses_what_cannot_be_read(void **state) {
    (void)state;
    static const char *const urls[] = {
        "mysql://u:p@h/d",
        "postgresql://u:p@h",
        "postgresql://u:p@h/",
        "postgresql://u:p@h:0/d",
        "postgresql://u:p@h:65536/d",
        "postgresql://u:p@h:x/d",
        "postgresql://u:p@[::1]x/d",
        "postgresql://u:p%00x@h/d",
        "postgresql://u:p@h/d?host=elsewhere",
        "postgresql://u:p@h/d?service=x",
        "postgresql://u:p@h/d?=x",
        "postgresql://u:p@h/d?application%5fname=x",
        "postgresql://u:p@h/d?sslmode=verify-full&sslmode=disable",
        "",
    };
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        assert_false(parse(urls[i]));
        assert_non_null(problem);
    }
}

static void bounds_the_parameters(void **state) {
    (void)state;
    struct str url = STR("postgresql://u:p@h/d?");
    for (int i = 0; i < 100; i++) {
        url = arena_printf(&arena, "%.*sa%d=b&", STR_ARG(url), i);
    }
    assert_false(parse(url.data));
}

static void says_what_is_wrong_without_the_password(void **state) {
    (void)state;
    static const char *const urls[] = {
        "postgresql://aizy:hidden-word@127.0.0.1:1/admin",
        "postgresql://aizy:hidden-word@127.0.0.1:1/admin?nonsense=1",
        "postgresql://aizy:hidden-word@127.0.0.1:1",
    };
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct str sentence = admin_database_diagnose(str_of(urls[i]), 2000, &arena);
        assert_false(str_is_absent(sentence));
        assert_null(strstr(arena_c_string(&arena, sentence), "hidden-word"));
    }
    struct str sentence = admin_database_diagnose(str_of(urls[0]), 2000, &arena);
    assert_non_null(strstr(arena_c_string(&arena, sentence), "start PostgreSQL"));
}

int main(void) {
    arena_init(&arena, 1UL * 1024 * 1024);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_the_credentials_at_the_last_at_sign),
        cmocka_unit_test(decodes_every_part),
        cmocka_unit_test(verifies_other_machines),
        cmocka_unit_test(refuses_what_cannot_be_read),
        cmocka_unit_test(bounds_the_parameters),
        cmocka_unit_test(says_what_is_wrong_without_the_password),
    };
    int failed = cmocka_run_group_tests_name("postgres_url", tests, NULL, NULL);
    arena_release(&arena);
    return failed;
}
