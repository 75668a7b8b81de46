#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "stores/session_store.h"
#include "tests/stores/mysql_fixture.h"

static const struct actor somebody = {
    .address = STR_INIT("2001:db8::7"),
    .user_agent = STR_INIT("test/1.0"),
    .request_id = STR_INIT("request-1"),
};

static int64_t count(struct mysql_fixture *fixture, const char *what) {
    char sql[512];
    (void)snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM %s", what);
    return fixture_number(fixture->store, sql);
}

static int64_t add_named(struct mysql_fixture *fixture, const char *email, const char *role) {
    const struct user_registration registration = {
        .login_email = str_of(email), .name = STR("A"), .role = role};
    struct user user;
    struct fault fault = user_store_register(fixture->store, &fixture->arena, &registration, NULL,
                                             &somebody, &user, NULL);
    assert_false(fault_occurred(fault));
    return user.id;
}

static int64_t add_person(struct mysql_fixture *fixture) {
    return add_named(fixture, "a@example.com", "support");
}

static struct fault begin(struct mysql_fixture *fixture, int64_t user_id, unsigned char seed,
                          int64_t lifetime_ms, int64_t *session_id) {
    struct session_start session = {.method = SESSION_BY_PASSWORD, .lifetime_ms = lifetime_ms};
    memset(session.refresh_digest, seed, sizeof(session.refresh_digest));
    struct user user;
    return session_store_begin(fixture->store, &fixture->arena, user_id, &session, &somebody, &user,
                               session_id);
}

static struct fault find(struct mysql_fixture *fixture, int64_t session_id, int64_t user_id,
                         struct user *user) {
    return session_store_find_caller(fixture->store, &fixture->arena, session_id, user_id, user);
}

static void login_writes_session_last_login_outbox_and_audit(void **state) {
    struct mysql_fixture *fixture = *state;
    int64_t user_id = add_person(fixture);
    int64_t session_id = 0;
    struct user user;
    assert_false(fault_occurred(begin(fixture, user_id, 0xff, 3600000, &session_id)));
    assert_false(fault_occurred(find(fixture, session_id, user_id, &user)));
    assert_int_equal(user.id, user_id);
    assert_int_equal(user.permissions.count, 3);
    int64_t age_ms = clock_now_ms() - user.last_login_ms;
    assert_true(age_ms > -5000 && age_ms < 60000);
    /* A login is no change of the profile. */
    assert_int_equal(user.updated_at_ms, user.created_at_ms);
    assert_int_equal(count(fixture, "sessions WHERE refresh_digest = REPEAT(x'ff', 32) AND method "
                                    "= 'password' AND address = '2001:db8::7' AND "
                                    "TIMESTAMPDIFF(SECOND, created_at, expires_at) = 3600"),
                     1);
    assert_int_equal(count(fixture, "outbox WHERE kind = 'login.succeeded' AND version = 2 AND "
                                    "JSON_VALUE(payload, '$.login.method') = 'password'"),
                     1);
    assert_int_equal(count(fixture, "audit WHERE kind = 'login.succeeded' AND "
                                    "JSON_VALUE(detail, '$.session_id') > 0"),
                     1);
}

static void session_belongs_to_its_user_only(void **state) {
    struct mysql_fixture *fixture = *state;
    int64_t user_id = add_person(fixture);
    int64_t session_id = 0;
    struct user user;
    assert_false(fault_occurred(begin(fixture, user_id, 1, 3600000, &session_id)));
    assert_true(fault_is(find(fixture, session_id, user_id + 1, &user), FAULT_UNAUTHENTICATED));
    assert_true(fault_is(find(fixture, session_id + 1, user_id, &user), FAULT_UNAUTHENTICATED));
    assert_true(fault_is(find(fixture, INT64_MAX, INT64_MAX, &user), FAULT_UNAUTHENTICATED));
    assert_true(fault_is(find(fixture, -1, -1, &user), FAULT_UNAUTHENTICATED));
}

static void edits_by_hand_act_at_once(void **state) {
    static const struct {
        const char *sql;
        enum fault_name expected;
    } edits[] = {
        {"UPDATE sessions SET expires_at = UTC_TIMESTAMP(3)", FAULT_UNAUTHENTICATED},
        {"UPDATE sessions SET expires_at = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR", FAULT_NONE},
        {"UPDATE users SET is_active = FALSE", FAULT_ACCOUNT_INACTIVE},
        {"UPDATE users SET is_active = TRUE", FAULT_NONE},
        {"UPDATE sessions SET ended_at = UTC_TIMESTAMP(3)", FAULT_UNAUTHENTICATED},
        {"UPDATE sessions SET ended_at = NULL", FAULT_NONE},
        {"DELETE FROM users", FAULT_UNAUTHENTICATED},
    };
    struct mysql_fixture *fixture = *state;
    int64_t user_id = add_person(fixture);
    int64_t session_id = 0;
    assert_false(fault_occurred(begin(fixture, user_id, 1, 3600000, &session_id)));
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        struct user user;
        fixture_run(fixture->store, edits[i].sql);
        assert_int_equal(find(fixture, session_id, user_id, &user).name, edits[i].expected);
    }
    assert_int_equal(count(fixture, "sessions"), 0);
    assert_true(count(fixture, "audit") > 0);
}

static void session_expires(void **state) {
    struct mysql_fixture *fixture = *state;
    int64_t user_id = add_person(fixture);
    int64_t session_id = 0;
    struct user user;
    assert_false(fault_occurred(begin(fixture, user_id, 1, 50, &session_id)));
    int64_t deadline_us = clock_monotonic_us() + 10000000;
    struct fault fault = find(fixture, session_id, user_id, &user);
    while (!fault_occurred(fault) && clock_monotonic_us() < deadline_us) {
        fault = find(fixture, session_id, user_id, &user);
    }
    assert_true(fault_is(fault, FAULT_UNAUTHENTICATED));
}

static void deactivated_person_is_refused_on_record(void **state) {
    struct mysql_fixture *fixture = *state;
    int64_t user_id = add_person(fixture);
    int64_t session_id = 0;
    fixture_run(fixture->store, "UPDATE users SET is_active = FALSE");
    assert_true(fault_is(begin(fixture, user_id, 1, 3600000, &session_id), FAULT_ACCOUNT_INACTIVE));
    assert_int_equal(count(fixture, "sessions"), 0);
    assert_int_equal(count(fixture, "outbox WHERE kind = 'login.succeeded'"), 0);
    assert_int_equal(count(fixture, "users WHERE version = 1 AND last_login IS NULL"), 1);
    assert_int_equal(count(fixture, "audit WHERE kind = 'login.refused' AND user_id IS NOT NULL "
                                    "AND JSON_VALUE(detail, '$.reason') = 'inactive'"),
                     1);
    assert_true(
        fault_is(begin(fixture, user_id + 1, 1, 3600000, &session_id), FAULT_ACCOUNT_INACTIVE));
}

static void refusal_is_noted_whatever_the_client_sends(void **state) {
    struct mysql_fixture *fixture = *state;
    char agent[300];
    memset(agent, 'x', sizeof(agent));
    memcpy(agent + 254, "\xc3\xa9", 2); /* é, cut in the middle by the limit */
    const struct actor odd = {.address = STR("192.0.2.7"),
                              .user_agent = {agent, sizeof(agent)},
                              .request_id = STR("\xff\xfe")};
    struct fault fault =
        session_store_note_refusal(fixture->store, &fixture->arena, 0, "bad_password", &odd);
    assert_false(fault_occurred(fault));
    assert_int_equal(count(fixture, "audit WHERE kind = 'login.refused' AND user_id IS NULL AND "
                                    "CHAR_LENGTH(user_agent) = 255 AND user_agent LIKE '%x?' AND "
                                    "LENGTH(request_id) = 2 AND "
                                    "JSON_VALUE(detail, '$.reason') = 'bad_password'"),
                     1);
}

static void caller_is_found_again_after_a_restart(void **state) {
    struct mysql_fixture *fixture = *state;
    int64_t user_id = add_person(fixture);
    int64_t session_id = 0;
    struct user user;
    assert_false(fault_occurred(begin(fixture, user_id, 1, 3600000, &session_id)));
    assert_false(fault_occurred(find(fixture, session_id, user_id, &user)));
    fixture_kill(fixture, fixture->store);
    assert_false(fault_occurred(find(fixture, session_id, user_id, &user)));
    fixture_kill(fixture, fixture->store);
    assert_false(fault_occurred(begin(fixture, user_id, 2, 3600000, &session_id)));
    assert_int_equal(count(fixture, "sessions"), 2);
}

static void caller_is_one_statement(void **state) {
    struct mysql_fixture *fixture = *state;
    int64_t user_id = add_person(fixture);
    int64_t session_id = 0;
    struct user user;
    static const char questions[] = "SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS "
                                    "WHERE VARIABLE_NAME = 'COM_STMT_EXECUTE'";
    assert_false(fault_occurred(begin(fixture, user_id, 1, 3600000, &session_id)));
    assert_false(fault_occurred(find(fixture, session_id, user_id, &user)));
    int64_t before = fixture_number(fixture->store, questions);
    assert_false(fault_occurred(find(fixture, session_id, user_id, &user)));
    assert_int_equal(fixture_number(fixture->store, questions), before + 1);
}

static int64_t begun(struct mysql_fixture *fixture, int64_t user_id, unsigned char seed) {
    int64_t session_id = 0;
    assert_false(fault_occurred(begin(fixture, user_id, seed, 3600000, &session_id)));
    return session_id;
}

static void several_callers_are_told_apart_by_one_statement(void **state) {
    struct mysql_fixture *fixture = *state;
    int64_t first = add_named(fixture, "a@example.com", "support");
    int64_t second = add_named(fixture, "b@example.com", "admin");
    int64_t inactive = add_named(fixture, "c@example.com", "customer");
    int64_t firsts = begun(fixture, first, 1);
    int64_t seconds = begun(fixture, second, 2);
    int64_t inactives = begun(fixture, inactive, 3);
    int64_t ended = begun(fixture, first, 4);
    char sql[128];
    (void)snprintf(sql, sizeof(sql), "UPDATE sessions SET ended_at = created_at WHERE id = %lld",
                   (long long)ended);
    fixture_run(fixture->store, sql);
    fixture_run(fixture->store, "UPDATE users SET is_active = FALSE WHERE login_email LIKE 'c%'");
    const struct {
        int64_t session_id;
        int64_t user_id;
        enum fault_name fault;
    } rows[SESSION_CALLERS_MAX] = {
        {seconds, second, FAULT_NONE},
        {firsts, second, FAULT_UNAUTHENTICATED},
        {firsts, first, FAULT_NONE},
        {inactives, inactive, FAULT_ACCOUNT_INACTIVE},
        {ended, first, FAULT_UNAUTHENTICATED},
        {seconds, second, FAULT_NONE},
        {INT64_MAX, second, FAULT_UNAUTHENTICATED},
        {-1, first, FAULT_UNAUTHENTICATED},
    };
    for (size_t count = 1; count <= COUNT_OF(rows); count++) {
        struct session_caller callers[SESSION_CALLERS_MAX] = {0};
        struct arena arenas[SESSION_CALLERS_MAX];
        for (size_t i = 0; i < count; i++) {
            arena_init(&arenas[i], 65536);
            callers[i].session_id = rows[i].session_id;
            callers[i].user_id = rows[i].user_id;
            callers[i].arena = &arenas[i];
        }
        session_store_find_callers(fixture->store, callers, count);
        /* What one got is its own: another's memory may be gone. */
        for (size_t i = 0; i < count; i++) {
            const struct user *user = &callers[i].user;
            assert_int_equal(callers[i].fault.name, rows[i].fault);
            if (rows[i].fault == FAULT_NONE) {
                bool is_admin = rows[i].user_id == second;
                assert_int_equal(user->id, rows[i].user_id);
                assert_true(str_equals(user->role, is_admin ? STR("admin") : STR("support")));
                assert_true(str_equals(user->login_email,
                                       is_admin ? STR("b@example.com") : STR("a@example.com")));
                assert_true(user->permissions.count >= 3);
                assert_true(str_is_absent(user->mobile));
            }
            arena_release(&arenas[i]);
        }
    }
}

static void several_callers_are_refused_by_a_store_that_is_gone(void **state) {
    struct mysql_fixture *fixture = *state;
    int64_t user_id = add_person(fixture);
    int64_t session_id = begun(fixture, user_id, 1);
    struct session_caller callers[2] = {{session_id, user_id, &fixture->arena, {0}, fault_none()},
                                        {session_id, user_id, &fixture->arena, {0}, fault_none()}};
    fixture_kill(fixture, fixture->store);
    session_store_find_callers(fixture->store, callers, 2);
    assert_false(fault_occurred(callers[0].fault) || fault_occurred(callers[1].fault));
    fixture_run(fixture->store, "RENAME TABLE sessions TO gone");
    session_store_find_callers(fixture->store, callers, 2);
    fixture_run(fixture->store, "RENAME TABLE gone TO sessions");
    assert_true(fault_occurred(callers[0].fault) && fault_occurred(callers[1].fault));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(login_writes_session_last_login_outbox_and_audit,
                               fixture_remove_people),
        cmocka_unit_test_setup(session_belongs_to_its_user_only, fixture_remove_people),
        cmocka_unit_test_setup(edits_by_hand_act_at_once, fixture_remove_people),
        cmocka_unit_test_setup(session_expires, fixture_remove_people),
        cmocka_unit_test_setup(deactivated_person_is_refused_on_record, fixture_remove_people),
        cmocka_unit_test_setup(refusal_is_noted_whatever_the_client_sends, fixture_remove_people),
        cmocka_unit_test_setup(caller_is_found_again_after_a_restart, fixture_remove_people),
        cmocka_unit_test_setup(caller_is_one_statement, fixture_remove_people),
        cmocka_unit_test_setup(several_callers_are_told_apart_by_one_statement,
                               fixture_remove_people),
        cmocka_unit_test_setup(several_callers_are_refused_by_a_store_that_is_gone,
                               fixture_remove_people),
    };
    return cmocka_run_group_tests(tests, fixture_begin_migrated, fixture_tear_down);
}
