#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/cli/random_password.h"
#include "server/cli/schema_check.h"

static struct arena arena;

static const char *sentence_of(enum migration_state second) {
    struct migration_status items[] = {
        {STR_INIT("0001_create_users"), MIGRATION_APPLIED, 1},
        {STR_INIT("0002_create_roles"), second, 2},
    };
    struct migration_status_list list = {items, COUNT_OF(items)};
    struct str sentence = schema_check_sentence(&arena, "MySQL", &list);
    return str_is_absent(sentence) ? NULL : arena_c_string(&arena, sentence);
}

static void says_how_a_schema_differs(void **state) {
    (void)state;
    assert_null(sentence_of(MIGRATION_APPLIED));
    assert_non_null(strstr(sentence_of(MIGRATION_PENDING), "1 migration is not applied"));
    assert_non_null(strstr(sentence_of(MIGRATION_BEGUN), "aizy migrate up"));
    assert_non_null(strstr(sentence_of(MIGRATION_UNKNOWN), "newer than this program"));
    assert_non_null(strstr(sentence_of(MIGRATION_UNKNOWN), "0002_create_roles"));
    assert_non_null(strstr(sentence_of(MIGRATION_CHANGED), "0002_create_roles"));
}

static void makes_passwords_that_differ(void **state) {
    (void)state;
    struct str first = random_password(&arena);
    struct str second = random_password(&arena);
    assert_int_equal(first.size, RANDOM_PASSWORD_BYTES);
    assert_false(str_equals(first, second));
    for (size_t i = 0; i < first.size; i++) {
        assert_null(memchr("0O1lI", first.data[i], 5));
    }
}

int main(void) {
    arena_init(&arena, 65536);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_how_a_schema_differs),
        cmocka_unit_test(makes_passwords_that_differ),
    };
    int failed = cmocka_run_group_tests_name("schema_check", tests, NULL, NULL);
    arena_release(&arena);
    return failed;
}
