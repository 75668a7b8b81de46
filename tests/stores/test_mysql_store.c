#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stores/migration.h"
#include "stores/mysql/statement.h"
#include "stores/mysql/transaction.h"
#include "tests/stores/mysql_fixture.h"

static int set_up(void **state) {
    *state = fixture_begin("store");
    return 0;
}

static int64_t session_id_of(struct mysql_store *store) {
    return fixture_number(store, "SELECT CONNECTION_ID()");
}

static void session_is_strict_utc_and_read_committed(void **state) {
    struct mysql_fixture *fixture = *state;
    struct mysql_store *store = fixture->store;
    assert_int_equal(fixture_number(store, "SELECT @@session.time_zone = '+00:00'"), 1);
    assert_int_equal(fixture_number(store, "SELECT @@sql_mode LIKE '%STRICT_ALL_TABLES%'"), 1);
    assert_int_equal(fixture_number(store, "SELECT @@autocommit"), 1);
    assert_int_equal(fixture_number(store, "SELECT @@character_set_client = 'utf8mb4'"), 1);
    assert_int_equal(fixture_number(store, "SELECT @@innodb_lock_wait_timeout"), 3);
    assert_true(fixture_number(store, "SELECT COUNT(*) FROM information_schema.processlist WHERE "
                                      "id = CONNECTION_ID() AND host LIKE '%:%'") > 0);
}

static struct fault describe(struct mysql_store *store, struct arena *arena, struct str *version) {
    static const struct mysql_column columns[] = {{COLUMN_STR, 0},
                                                  {COLUMN_STR, sizeof(struct str)}};
    const struct mysql_use use = {.statement = STATEMENT_DATABASE_DESCRIBE,
                                  .columns = columns,
                                  .column_count = COUNT_OF(columns)};
    struct str texts[2] = {{NULL, 0}};
    struct fault fault = mysql_read_one(store, arena, &use, texts);
    *version = texts[0];
    return fault;
}

static void reads_mend_a_killed_session_and_prepare_anew(void **state) {
    struct mysql_fixture *fixture = *state;
    struct str before;
    struct str after;
    assert_false(fault_occurred(describe(fixture->store, &fixture->arena, &before)));
    int64_t session = session_id_of(fixture->store);
    fixture_kill(fixture, fixture->store);
    assert_false(fault_occurred(describe(fixture->store, &fixture->arena, &after)));
    assert_true(str_equals(before, after));
    assert_int_not_equal(session, session_id_of(fixture->store));
}

static void ping_mends_a_killed_session(void **state) {
    struct mysql_fixture *fixture = *state;
    assert_false(fault_occurred(mysql_store_probe(fixture->store)));
    fixture_kill(fixture, fixture->store);
    assert_false(fault_occurred(mysql_store_probe(fixture->store)));
}

struct interrupted {
    struct mysql_fixture *fixture;
    int runs;
    int kills;
    bool is_killed_last;
};

static struct fault insert_and_be_killed(struct mysql_store *store, void *context) {
    struct interrupted *interrupted = context;
    interrupted->runs++;
    TRY(mysql_run_text(store, "test", STR("INSERT INTO numbers VALUES (1)")));
    if (interrupted->kills > 0) {
        interrupted->kills--;
        fixture_kill(interrupted->fixture, store);
    }
    if (interrupted->is_killed_last) {
        return fault_none();
    }
    return mysql_run_text(store, "test", STR("INSERT INTO numbers VALUES (2)"));
}

static void make_numbers(struct mysql_store *store) {
    fixture_run(store, "DROP TABLE IF EXISTS numbers");
    fixture_run(store, "CREATE TABLE numbers (n INT) ENGINE=InnoDB");
}

static void lost_transaction_is_repeated_whole(void **state) {
    struct mysql_fixture *fixture = *state;
    struct interrupted interrupted = {.fixture = fixture, .kills = 2};
    make_numbers(fixture->store);
    struct fault fault = mysql_transaction_run(fixture->store, insert_and_be_killed, &interrupted);
    assert_false(fault_occurred(fault));
    assert_int_equal(interrupted.runs, 3);
    assert_int_equal(fixture_number(fixture->store, "SELECT COUNT(*) FROM numbers"), 2);
}

static void transaction_is_repeated_three_times_at_most(void **state) {
    struct mysql_fixture *fixture = *state;
    struct interrupted interrupted = {.fixture = fixture, .kills = 100};
    make_numbers(fixture->store);
    struct fault fault = mysql_transaction_run(fixture->store, insert_and_be_killed, &interrupted);
    assert_true(fault_is(fault, FAULT_STORE_DOWN));
    assert_int_equal(interrupted.runs, 4);
    assert_int_equal(fixture_number(fixture->store, "SELECT COUNT(*) FROM numbers"), 0);
}

static void lost_answer_to_commit_is_an_unknown_outcome(void **state) {
    struct mysql_fixture *fixture = *state;
    struct interrupted interrupted = {.fixture = fixture, .kills = 1, .is_killed_last = true};
    make_numbers(fixture->store);
    struct fault fault = mysql_transaction_run(fixture->store, insert_and_be_killed, &interrupted);
    assert_true(fault_is(fault, FAULT_OUTCOME_UNKNOWN));
    assert_int_equal(interrupted.runs, 1);
    assert_false(fault_occurred(mysql_store_probe(fixture->store)));
}

struct deadlocked {
    int runs;
    int deadlocks;
};

static struct fault insert_and_deadlock(struct mysql_store *store, void *context) {
    struct deadlocked *deadlocked = context;
    deadlocked->runs++;
    TRY(mysql_run_text(store, "test", STR("INSERT INTO numbers VALUES (1)")));
    if (deadlocked->deadlocks == 0) {
        return fault_none();
    }
    deadlocked->deadlocks--;
    return mysql_run_text(store, "test", STR("SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213"));
}

static void victim_of_a_deadlock_is_repeated(void **state) {
    struct mysql_fixture *fixture = *state;
    struct deadlocked deadlocked = {.deadlocks = 3};
    make_numbers(fixture->store);
    struct fault fault = mysql_transaction_run(fixture->store, insert_and_deadlock, &deadlocked);
    assert_false(fault_occurred(fault));
    assert_int_equal(deadlocked.runs, 4);
    assert_int_equal(fixture_number(fixture->store, "SELECT COUNT(*) FROM numbers"), 1);
    deadlocked.deadlocks = 4;
    fault = mysql_transaction_run(fixture->store, insert_and_deadlock, &deadlocked);
    assert_true(fault_is(fault, FAULT_BUSY));
    assert_int_equal(fixture_number(fixture->store, "SELECT COUNT(*) FROM numbers"), 1);
}

/* As Galera may do during a SELECT: the server has no transaction any more and does not say so. */
static struct fault insert_and_lose_transaction(struct mysql_store *store, void *context) {
    struct deadlocked *deadlocked = context;
    struct arena arena;
    struct str version;
    deadlocked->runs++;
    TRY(mysql_run_text(store, "test", STR("INSERT INTO numbers VALUES (1)")));
    if (deadlocked->deadlocks > 0) {
        deadlocked->deadlocks--;
        TRY(mysql_run_text(store, "test", STR("ROLLBACK")));
    }
    arena_init(&arena, FIXTURE_ARENA_BYTES);
    struct fault fault = describe(store, &arena, &version);
    arena_release(&arena);
    TRY(fault);
    return mysql_run_text(store, "test", STR("INSERT INTO numbers VALUES (2)"));
}

static void transaction_that_is_silently_gone_is_repeated(void **state) {
    struct mysql_fixture *fixture = *state;
    struct deadlocked deadlocked = {.deadlocks = 2};
    make_numbers(fixture->store);
    struct fault fault =
        mysql_transaction_run(fixture->store, insert_and_lose_transaction, &deadlocked);
    assert_false(fault_occurred(fault));
    assert_int_equal(deadlocked.runs, 3);
    assert_int_equal(fixture_number(fixture->store, "SELECT COUNT(*) FROM numbers"), 2);
}

/* What a primary answers that has become a replica. */
static void read_only_server_is_down_and_asked_anew(void **state) {
    struct mysql_fixture *fixture = *state;
    int64_t session = session_id_of(fixture->store);
    struct fault fault = mysql_run_text(fixture->store, "test",
                                        STR("SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1290"));
    assert_true(fault_is(fault, FAULT_STORE_DOWN));
    assert_false(fault_occurred(mysql_store_probe(fixture->store)));
    assert_int_not_equal(session, session_id_of(fixture->store));
}

static struct fault insert_and_refuse(struct mysql_store *store, void *context) {
    (void)context;
    TRY(mysql_run_text(store, "test", STR("INSERT INTO numbers VALUES (1)")));
    return fault_of(FAULT_FORBIDDEN);
}

static void refusal_of_the_body_undoes_everything(void **state) {
    struct mysql_fixture *fixture = *state;
    make_numbers(fixture->store);
    struct fault fault = mysql_transaction_run(fixture->store, insert_and_refuse, NULL);
    assert_true(fault_is(fault, FAULT_FORBIDDEN));
    assert_int_equal(fixture_number(fixture->store, "SELECT COUNT(*) FROM numbers"), 0);
}

static void slow_statement_times_out_without_being_repeated(void **state) {
    struct mysql_fixture *fixture = *state;
    struct mysql_store_options options = fixture_options(fixture->url);
    options.timeout_ms = 1000;
    struct mysql_store *store = NULL;
    assert_false(fault_occurred(mysql_store_open(&options, &store)));
    struct fault fault = mysql_run_text(store, "test", STR("SELECT SLEEP(30)"));
    assert_true(fault_is(fault, FAULT_STORE_DOWN));
    assert_int_equal(store->failure.class, MYSQL_CLASS_TIMED_OUT);
    mysql_store_close(store);
}

static void lock_wait_is_busy_and_keeps_the_session(void **state) {
    struct mysql_fixture *fixture = *state;
    struct mysql_store_options options = fixture_options(fixture->url);
    options.timeout_ms = 2000;
    struct mysql_store *store = NULL;
    assert_false(fault_occurred(mysql_store_open(&options, &store)));
    make_numbers(store);
    fixture_run(store, "INSERT INTO numbers VALUES (1)");
    fixture_run(fixture->store, "START TRANSACTION");
    fixture_run(fixture->store, "SELECT n FROM numbers FOR UPDATE");
    struct fault fault = mysql_run_text(store, "test", STR("UPDATE numbers SET n = 2"));
    assert_true(fault_is(fault, FAULT_BUSY));
    assert_non_null(store->session);
    fixture_run(fixture->store, "ROLLBACK");
    mysql_store_close(store);
}

/* What diagnose says of a url made from the fixture's. */
static void assert_diagnosis(struct mysql_fixture *fixture, const char *url, const char *expected) {
    struct mysql_store *store = fixture_open(url);
    struct str sentence = mysql_store_diagnose(store, &fixture->arena);
    const char *text = arena_c_string(&fixture->arena, sentence);
    if (strstr(text, expected) == NULL) {
        fail_msg("%s does not say: %s", text, expected);
    }
    mysql_store_close(store);
}

static void diagnosis_says_what_is_wrong(void **state) {
    struct mysql_fixture *fixture = *state;
    const struct database_url *url = &fixture->store->url;
    char text[FIXTURE_URL_SIZE];
    struct str fine = mysql_store_diagnose(fixture->store, &fixture->arena);
    assert_true(str_is_absent(fine));
    (void)snprintf(text, sizeof(text), "mysql://%s:not-it@%s:%u/%s", url->user, url->host,
                   url->port, url->database);
    assert_diagnosis(fixture, text, "refuses the user or the password");
    (void)snprintf(text, sizeof(text), "mysql://%s@no-such-host.invalid/%s?ssl-mode=DISABLED",
                   url->user, url->database);
    assert_diagnosis(fixture, text, "host name is not known");
    (void)snprintf(text, sizeof(text), "mysql://%s@127.0.0.1:1/%s", url->user, url->database);
    assert_diagnosis(fixture, text, "nothing answers there");
    (void)snprintf(text, sizeof(text), "mysql://%s@/%s?socket=/nowhere/socket", url->user,
                   url->database);
    assert_diagnosis(fixture, text, "socket /nowhere/socket");
    fixture_url(fixture->url, "aizy_not_there", text);
    assert_diagnosis(fixture, text, "no such database");
}

static void diagnosis_wants_utf8(void **state) {
    struct mysql_fixture *fixture = *state;
    char sql[256];
    (void)snprintf(sql, sizeof(sql), "ALTER DATABASE `%s` CHARACTER SET latin1", fixture->database);
    fixture_run(fixture->server, sql);
    assert_diagnosis(fixture, fixture->url, "character set is latin1; run ALTER DATABASE");
    (void)snprintf(sql, sizeof(sql), "ALTER DATABASE `%s` CHARACTER SET utf8mb4",
                   fixture->database);
    fixture_run(fixture->server, sql);
}

static void unreadable_url_is_invalid(void **state) {
    (void)state;
    struct mysql_store_options options = fixture_options("postgresql://somewhere/else");
    struct mysql_store *store = NULL;
    assert_true(fault_is(mysql_store_open(&options, &store), FAULT_INVALID));
    assert_null(store);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(session_is_strict_utc_and_read_committed),
        cmocka_unit_test(reads_mend_a_killed_session_and_prepare_anew),
        cmocka_unit_test(ping_mends_a_killed_session),
        cmocka_unit_test(lost_transaction_is_repeated_whole),
        cmocka_unit_test(transaction_is_repeated_three_times_at_most),
        cmocka_unit_test(lost_answer_to_commit_is_an_unknown_outcome),
        cmocka_unit_test(victim_of_a_deadlock_is_repeated),
        cmocka_unit_test(transaction_that_is_silently_gone_is_repeated),
        cmocka_unit_test(read_only_server_is_down_and_asked_anew),
        cmocka_unit_test(refusal_of_the_body_undoes_everything),
        cmocka_unit_test(slow_statement_times_out_without_being_repeated),
        cmocka_unit_test(lock_wait_is_busy_and_keeps_the_session),
        cmocka_unit_test(diagnosis_says_what_is_wrong),
        cmocka_unit_test(diagnosis_wants_utf8),
        cmocka_unit_test(unreadable_url_is_invalid),
    };
    return cmocka_run_group_tests(tests, set_up, fixture_tear_down);
}
