#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/wait.h>

#include "base/clock.h"
#include "stores/migration.h"
#include "stores/migration_plan.h"
#include "tests/stores/mysql_fixture.h"

static int set_up(void **state) {
    *state = fixture_begin("migration");
    return 0;
}

static int empty(void **state) {
    struct mysql_fixture *fixture = *state;
    assert_false(fault_occurred(mysql_migration_reset(fixture->store, &fixture->arena)));
    return 0;
}

static struct fault up(struct mysql_fixture *fixture) {
    return mysql_migration_up(fixture->store, &fixture->arena, 0, NULL, NULL);
}

static enum migration_state state_of(struct mysql_fixture *fixture, size_t index) {
    struct migration_status_list list;
    CHECK(!fault_occurred(mysql_migration_status(fixture->store, &fixture->arena, &list)));
    CHECK(index < list.count);
    return list.items[index].state;
}

static bool is_current(struct mysql_fixture *fixture) {
    struct migration_status_list list;
    CHECK(!fault_occurred(mysql_migration_status(fixture->store, &fixture->arena, &list)));
    return migration_is_current(&list);
}

static int64_t table_count(struct mysql_fixture *fixture) {
    return fixture_number(fixture->store, "SELECT COUNT(*) FROM information_schema.tables WHERE "
                                          "table_schema = DATABASE()");
}

static void count_call(void *context, struct str name) {
    size_t *calls = context;
    assert_true(str_equals(name, migration_name(&migrations_mysql[*calls])));
    (*calls)++;
}

static void empty_database_becomes_current(void **state) {
    struct mysql_fixture *fixture = *state;
    size_t calls = 0;
    for (size_t i = 0; i < migrations_mysql_count; i++) {
        assert_int_equal(state_of(fixture, i), MIGRATION_PENDING);
    }
    assert_int_equal(table_count(fixture), 0);
    assert_false(
        fault_occurred(mysql_migration_up(fixture->store, &fixture->arena, 0, count_call, &calls)));
    assert_int_equal(calls, migrations_mysql_count);
    assert_true(is_current(fixture));
    assert_int_equal(fixture_number(fixture->store, "SELECT COUNT(*) FROM roles"), 4);
    assert_int_equal(fixture_number(fixture->store, "SELECT COUNT(*) FROM schema_lease WHERE "
                                                    "holder <> ''"),
                     0);
    calls = 0;
    assert_false(
        fault_occurred(mysql_migration_up(fixture->store, &fixture->arena, 0, count_call, &calls)));
    assert_int_equal(calls, 0);
}

static void changed_migration_is_refused(void **state) {
    struct mysql_fixture *fixture = *state;
    assert_false(fault_occurred(up(fixture)));
    fixture_run(fixture->store, "UPDATE schema_migrations SET checksum = REPEAT('0', 64) WHERE "
                                "name = '0002_create_roles'");
    assert_int_equal(state_of(fixture, 1), MIGRATION_CHANGED);
    assert_false(is_current(fixture));
    assert_true(fault_is(up(fixture), FAULT_CONFLICT));
}

static void newer_database_is_refused(void **state) {
    struct mysql_fixture *fixture = *state;
    assert_false(fault_occurred(up(fixture)));
    fixture_run(fixture->store, "INSERT INTO schema_migrations VALUES ('9999_create_future', "
                                "REPEAT('0', 64), 'applied', UTC_TIMESTAMP(3))");
    assert_int_equal(state_of(fixture, migrations_mysql_count), MIGRATION_UNKNOWN);
    assert_false(is_current(fixture));
    assert_true(fault_is(up(fixture), FAULT_CONFLICT));
}

/* A process ended after the statement and before its note. */
static void begun_migration_finds_its_work_done(void **state) {
    struct mysql_fixture *fixture = *state;
    assert_false(fault_occurred(up(fixture)));
    fixture_run(fixture->store, "UPDATE schema_migrations SET state = 'begun', applied_at = NULL");
    assert_int_equal(state_of(fixture, 0), MIGRATION_BEGUN);
    assert_false(fault_occurred(up(fixture)));
    assert_true(is_current(fixture));
    assert_int_equal(fixture_number(fixture->store, "SELECT COUNT(*) FROM roles"), 4);
}

/* A table of the same name that no migration has made is not taken over, however often one tries.
 */
static void foreign_table_stops_the_first_run(void **state) {
    struct mysql_fixture *fixture = *state;
    fixture_run(fixture->store, "CREATE TABLE users (id INT)");
    assert_true(fault_is(up(fixture), FAULT_INTERNAL));
    assert_true(fault_is(up(fixture), FAULT_INTERNAL));
    assert_int_equal(state_of(fixture, 2), MIGRATION_APPLIED);
    assert_int_equal(state_of(fixture, 3), MIGRATION_PENDING);
    fixture_run(fixture->store, "DROP TABLE users");
    assert_false(fault_occurred(up(fixture)));
    assert_true(is_current(fixture));
}

static void role_edited_by_hand_survives_a_repeat(void **state) {
    struct mysql_fixture *fixture = *state;
    assert_false(fault_occurred(up(fixture)));
    fixture_run(fixture->store, "UPDATE roles SET permissions = '[]' WHERE name = 'support'");
    fixture_run(fixture->store, "UPDATE schema_migrations SET state = 'begun' WHERE name = "
                                "'0003_insert_initial_roles'");
    assert_false(fault_occurred(up(fixture)));
    assert_int_equal(fixture_number(fixture->store, "SELECT COUNT(*) FROM roles WHERE permissions "
                                                    "LIKE '%customers:read%'"),
                     1);
}

static void held_lease_makes_others_wait(void **state) {
    struct mysql_fixture *fixture = *state;
    assert_false(fault_occurred(up(fixture)));
    fixture_run(fixture->store, "UPDATE schema_migrations SET state = 'begun'");
    fixture_run(fixture->store, "UPDATE schema_lease SET holder = 'another', expires_at = "
                                "UTC_TIMESTAMP(3) + INTERVAL 1 HOUR");
    int64_t begun_us = clock_monotonic_us();
    struct fault fault = mysql_migration_up(fixture->store, &fixture->arena, 300, NULL, NULL);
    assert_true(fault_is(fault, FAULT_BUSY));
    assert_true(clock_monotonic_us() - begun_us >= 300000);
    /* Whoever held it was killed: once it has expired, the next one takes it. */
    fixture_run(fixture->store, "UPDATE schema_lease SET expires_at = UTC_TIMESTAMP(3) + INTERVAL "
                                "200000 MICROSECOND");
    fault = mysql_migration_up(fixture->store, &fixture->arena, 20000, NULL, NULL);
    assert_false(fault_occurred(fault));
    assert_true(is_current(fixture));
}

#define PROCESSES 4

/* In a process of its own, as `aizy migrate up` is; its exit status is the fault. */
static void migrate_and_exit(const char *url) {
    struct arena arena;
    arena_init(&arena, FIXTURE_ARENA_BYTES);
    struct mysql_store *store = fixture_open(url);
    struct fault fault = mysql_migration_up(store, &arena, 30000, NULL, NULL);
    mysql_store_close(store);
    arena_release(&arena);
    _exit((int)fault.name);
}

static void several_processes_at_once_all_end_well(void **state) {
    struct mysql_fixture *fixture = *state;
    pid_t processes[PROCESSES];
    for (size_t i = 0; i < PROCESSES; i++) {
        processes[i] = fork();
        if (processes[i] == 0) {
            migrate_and_exit(fixture->url);
        }
    }
    for (size_t i = 0; i < PROCESSES; i++) {
        int status = 0;
        assert_int_equal(waitpid(processes[i], &status, 0), processes[i]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), FAULT_NONE);
    }
    assert_true(is_current(fixture));
    assert_int_equal(fixture_number(fixture->store, "SELECT COUNT(*) FROM roles"), 4);
}

static void reset_drops_tables_and_views(void **state) {
    struct mysql_fixture *fixture = *state;
    assert_false(fault_occurred(up(fixture)));
    fixture_run(fixture->store, "CREATE VIEW people AS SELECT id FROM users");
    fixture_run(fixture->store, "CREATE TABLE `odd``name` (user_id BIGINT UNSIGNED, "
                                "FOREIGN KEY (user_id) REFERENCES users (id))");
    assert_false(fault_occurred(mysql_migration_reset(fixture->store, &fixture->arena)));
    assert_int_equal(table_count(fixture), 0);
    assert_int_equal(state_of(fixture, 0), MIGRATION_PENDING);
}

static void refused_when_the_store_is_down(void **state) {
    struct mysql_fixture *fixture = *state;
    struct mysql_store *store = fixture_open("mysql://aizy:x@127.0.0.1:1/shop");
    struct migration_status_list list;
    assert_true(fault_is(mysql_migration_status(store, &fixture->arena, &list), FAULT_STORE_DOWN));
    assert_true(
        fault_is(mysql_migration_up(store, &fixture->arena, 0, NULL, NULL), FAULT_STORE_DOWN));
    assert_true(fault_is(mysql_migration_reset(store, &fixture->arena), FAULT_STORE_DOWN));
    mysql_store_close(store);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(empty_database_becomes_current, empty),
        cmocka_unit_test_setup(changed_migration_is_refused, empty),
        cmocka_unit_test_setup(newer_database_is_refused, empty),
        cmocka_unit_test_setup(begun_migration_finds_its_work_done, empty),
        cmocka_unit_test_setup(foreign_table_stops_the_first_run, empty),
        cmocka_unit_test_setup(role_edited_by_hand_survives_a_repeat, empty),
        cmocka_unit_test_setup(held_lease_makes_others_wait, empty),
        cmocka_unit_test_setup(several_processes_at_once_all_end_well, empty),
        cmocka_unit_test_setup(reset_drops_tables_and_views, empty),
        cmocka_unit_test_setup(refused_when_the_store_is_down, empty),
    };
    return cmocka_run_group_tests(tests, set_up, fixture_tear_down);
}
