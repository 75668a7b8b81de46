#include "tests/stores/mongo_fixture.h"

static int drop_all(void **state) {
    (void)state;
    CHECK(!fault_occurred(mongo_migration_reset(store, &arena)));
    return 0;
}

static struct migration_status_list status(void) {
    struct migration_status_list list;
    assert_done(mongo_migration_status(store, &arena, &list));
    return list;
}

static void count_progress(void *context, struct str name) {
    assert_false(str_is_empty(name));
    (*(size_t *)context)++;
}

static void an_empty_database_comes_all_the_way(void **state) {
    (void)state;
    size_t applied = 0;
    struct migration_status_list list = status();
    assert_int_equal(list.count, migrations_mongo_count);
    assert_int_equal(list.items[0].state, MIGRATION_PENDING);
    assert_false(migration_is_current(&list));
    assert_done(mongo_migration_up(store, &arena, 0, count_progress, &applied));
    assert_int_equal(applied, migrations_mongo_count);
    list = status();
    assert_true(migration_is_current(&list));
    assert_int_not_equal(list.items[0].applied_at_ms, INT64_ABSENT);
    applied = 0;
    assert_done(mongo_migration_up(store, &arena, 0, count_progress, &applied));
    assert_int_equal(applied, 0);
    assert_int_equal(fixture_count("leases", "_id", STR("migration")), 0);
}

static void one_that_was_begun_runs_again(void **state) {
    (void)state;
    struct migration_status_list list;
    assert_done(mongo_migration_up(store, &arena, 0, NULL, NULL));
    fixture_run("{\"update\": \"schema_migrations\", \"updates\": [{\"q\": {\"_id\": "
                "\"0001_create_products\"}, \"u\": {\"$unset\": {\"applied_at\": 1}}}]}");
    list = status();
    assert_int_equal(list.items[0].state, MIGRATION_BEGUN);
    assert_done(mongo_migration_up(store, &arena, 0, NULL, NULL));
    list = status();
    assert_true(migration_is_current(&list));
}

static void changed_and_unknown_ones_stop_everything(void **state) {
    (void)state;
    struct migration_status_list list;
    assert_done(mongo_migration_up(store, &arena, 0, NULL, NULL));
    fixture_run(
        "{\"insert\": \"schema_migrations\", \"documents\": [{\"_id\": \"9999_from_ahead\", "
        "\"checksum\": \"00\", \"applied_at\": {\"$date\": 1}}]}");
    list = status();
    assert_int_equal(list.items[migrations_mongo_count].state, MIGRATION_UNKNOWN);
    assert_fault(mongo_migration_up(store, &arena, 0, NULL, NULL), FAULT_CONFLICT);
    fixture_run("{\"delete\": \"schema_migrations\", \"deletes\": [{\"q\": {\"_id\": "
                "\"9999_from_ahead\"}, \"limit\": 1}]}");
    fixture_run("{\"update\": \"schema_migrations\", \"updates\": [{\"q\": {\"_id\": "
                "\"0001_create_products\"}, \"u\": {\"$set\": {\"checksum\": \"00\"}}}]}");
    list = status();
    assert_int_equal(list.items[0].state, MIGRATION_CHANGED);
    assert_fault(mongo_migration_up(store, &arena, 0, NULL, NULL), FAULT_CONFLICT);
    /* Refusing gives the lease back too. */
    assert_int_equal(fixture_count("leases", "_id", STR("migration")), 0);
}

static void the_lease_of_another_is_waited_for(void **state) {
    (void)state;
    fixture_run(
        "{\"insert\": \"leases\", \"documents\": [{\"_id\": \"migration\", \"holder\": "
        "\"somebody\", \"expires_at\": {\"$date\": {\"$numberLong\": \"4102444800000\"}}}]}");
    assert_fault(mongo_migration_up(store, &arena, 300, NULL, NULL), FAULT_BUSY);
    /* Whoever had it was killed long ago. */
    fixture_run("{\"update\": \"leases\", \"updates\": [{\"q\": {\"_id\": \"migration\"}, \"u\": "
                "{\"$set\": {\"expires_at\": {\"$date\": 1000}}}}]}");
    assert_done(mongo_migration_up(store, &arena, 0, NULL, NULL));
}

static void validators_refuse_what_is_edited_by_hand(void **state) {
    (void)state;
    MONGO_BSON(reply);
    assert_done(mongo_migration_up(store, &arena, 0, NULL, NULL));
    struct product_edit edit = edit_of("Shirt", 1);
    (void)created(&edit);
    bson_t *command = bson_new_from_json(
        (const uint8_t *)"{\"update\": \"products\", \"updates\": [{\"q\": {\"slug\": \"shirt\"}, "
                         "\"u\": {\"$set\": {\"price\": \"free\"}}}]}",
        -1, NULL);
    assert_non_null(command);
    assert_fault(mongo_connection_write(store, "test", command, &reply), FAULT_INTERNAL);
    bson_destroy(command);
    assert_int_equal(found(STR("shirt")).price, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_empty_database_comes_all_the_way, drop_all),
        cmocka_unit_test_setup(one_that_was_begun_runs_again, drop_all),
        cmocka_unit_test_setup(changed_and_unknown_ones_stop_everything, drop_all),
        cmocka_unit_test_setup(the_lease_of_another_is_waited_for, drop_all),
        cmocka_unit_test_setup(validators_refuse_what_is_edited_by_hand, drop_all),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
