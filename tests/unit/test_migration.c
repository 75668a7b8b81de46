#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "stores/migration_plan.h"

static const struct migration_file files[] = {
    {"0001_create_a.sql", (const unsigned char *)"abc", 3},
    {"0002_create_b.sql", (const unsigned char *)"", 0},
};

/* FIPS 180-4's examples. */
#define SHA256_OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define SHA256_OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct arena arena;

static int set_up(void **state) {
    (void)state;
    arena_init(&arena, 65536);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_release(&arena);
    return 0;
}

static struct migration_status_list compare(const struct migration_record *records, size_t count) {
    struct migration_status_list list;
    migration_plan_compare(&arena, files, COUNT_OF(files), records, count, &list);
    return list;
}

static void checksum_is_sha256_in_hexadecimal(void **state) {
    (void)state;
    char text[MIGRATION_CHECKSUM_SIZE];
    migration_checksum(&files[0], text);
    assert_string_equal(text, SHA256_OF_ABC);
    migration_checksum(&files[1], text);
    assert_string_equal(text, SHA256_OF_NOTHING);
}

static void name_has_no_ending(void **state) {
    (void)state;
    assert_true(str_equals(migration_name(&files[0]), STR("0001_create_a")));
}

static void empty_store_has_everything_pending(void **state) {
    (void)state;
    struct migration_status_list list = compare(NULL, 0);
    assert_int_equal(list.count, 2);
    for (size_t i = 0; i < list.count; i++) {
        assert_int_equal(list.items[i].state, MIGRATION_PENDING);
        assert_true(list.items[i].applied_at_ms == INT64_ABSENT);
        assert_true(migration_plan_is_due(&list.items[i]));
    }
    assert_false(migration_is_current(&list));
    assert_false(fault_occurred(migration_plan_check(&list, "test")));
}

static void same_bytes_are_current(void **state) {
    (void)state;
    const struct migration_record records[] = {
        {STR("0002_create_b"), STR(SHA256_OF_NOTHING), true, 2000},
        {STR("0001_create_a"), STR(SHA256_OF_ABC), true, 1000},
    };
    struct migration_status_list list = compare(records, COUNT_OF(records));
    assert_true(migration_is_current(&list));
    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[0].applied_at_ms, 1000);
    assert_false(migration_plan_is_due(&list.items[0]));
}

static void states_follow_from_the_record(void **state) {
    (void)state;
    static const struct {
        struct migration_record record;
        enum migration_state expected;
        bool is_refused;
    } rows[] = {
        {{STR_INIT("0001_create_a"), STR_INIT(SHA256_OF_ABC), true, 1}, MIGRATION_APPLIED, false},
        {{STR_INIT("0001_create_a"), STR_INIT(SHA256_OF_ABC), false, 1}, MIGRATION_BEGUN, false},
        {{STR_INIT("0001_create_a"), STR_INIT(SHA256_OF_NOTHING), false, 1},
         MIGRATION_BEGUN,
         false},
        {{STR_INIT("0001_create_a"), STR_INIT(SHA256_OF_NOTHING), true, 1},
         MIGRATION_CHANGED,
         true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct migration_status_list list = compare(&rows[i].record, 1);
        assert_int_equal(list.items[0].state, rows[i].expected);
        assert_false(migration_is_current(&list));
        struct fault fault = migration_plan_check(&list, "test");
        assert_int_equal(fault.name, rows[i].is_refused ? FAULT_CONFLICT : FAULT_NONE);
    }
}

static void record_without_a_file_is_unknown(void **state) {
    (void)state;
    const struct migration_record records[] = {
        {STR("0001_create_a"), STR(SHA256_OF_ABC), true, 1},
        {STR("0002_create_b"), STR(SHA256_OF_NOTHING), true, 2},
        {STR("0003_create_c"), STR(SHA256_OF_ABC), true, 3},
    };
    struct migration_status_list list = compare(records, COUNT_OF(records));
    assert_int_equal(list.count, 3);
    assert_int_equal(list.items[2].state, MIGRATION_UNKNOWN);
    assert_true(str_equals(list.items[2].name, STR("0003_create_c")));
    assert_false(migration_is_current(&list));
    assert_true(fault_is(migration_plan_check(&list, "test"), FAULT_CONFLICT));
}

static void states_have_names(void **state) {
    (void)state;
    static const char *const names[] = {"pending", "applied", "begun", "changed", "unknown"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_string_equal(migration_state_name((enum migration_state)i), names[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksum_is_sha256_in_hexadecimal),
        cmocka_unit_test(name_has_no_ending),
        cmocka_unit_test(empty_store_has_everything_pending),
        cmocka_unit_test(same_bytes_are_current),
        cmocka_unit_test(states_follow_from_the_record),
        cmocka_unit_test(record_without_a_file_is_unknown),
        cmocka_unit_test(states_have_names),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
