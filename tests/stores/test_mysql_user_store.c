#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stores/session_store.h"
#include "tests/stores/mysql_fixture.h"

#define HASH "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g"

static const struct actor somebody = {
    .address = STR_INIT("192.0.2.7"),
    .user_agent = STR_INIT("test/1.0"),
    .request_id = STR_INIT("request-1"),
};

static struct session_start make_session(unsigned char seed) {
    struct session_start session = {.method = SESSION_BY_PASSWORD, .lifetime_ms = 3600000};
    memset(session.refresh_digest, seed, sizeof(session.refresh_digest));
    return session;
}

static struct fault add(struct mysql_fixture *fixture, const char *email,
                        const struct session_start *session, struct user *user,
                        int64_t *session_id) {
    const struct user_registration registration = {.login_email = str_of(email),
                                                   .email = str_of(email),
                                                   .name = STR("Íñigo 😀"),
                                                   .password_hash = STR(HASH),
                                                   .role = "manager"};
    return user_store_register(fixture->store, &fixture->arena, &registration, session, &somebody,
                               user, session_id);
}

static int64_t count(struct mysql_fixture *fixture, const char *what) {
    char sql[512];
    (void)snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM %s", what);
    return fixture_number(fixture->store, sql);
}

static void registers_with_session_outbox_and_audit(void **state) {
    struct mysql_fixture *fixture = *state;
    struct session_start session = make_session(1);
    struct user user;
    int64_t session_id = 0;
    assert_false(fault_occurred(add(fixture, "a@example.com", &session, &user, &session_id)));
    assert_true(user.id > 0 && session_id > 0);
    assert_true(str_equals(user.login_email, STR("a@example.com")));
    assert_true(str_equals(user.name, STR("Íñigo 😀")));
    assert_true(str_equals(user.role, STR("manager")));
    assert_int_equal(user.permissions.count, 4);
    assert_true(str_equals(user.permissions.items[0], STR("products:write")));
    assert_true(user.is_active && user.profile_complete && !user.email_verified);
    assert_true(str_is_absent(user.mobile));
    assert_true(user.last_login_ms != INT64_ABSENT);
    int64_t drift_ms =
        fixture_number(fixture->store, "SELECT UNIX_TIMESTAMP()") * 1000 - user.created_at_ms;
    assert_true(drift_ms > -2000 && drift_ms < 60000);
    assert_int_equal(count(fixture, "outbox WHERE kind = 'user.registered' AND version = 1 AND "
                                    "delivered_at IS NULL AND CHAR_LENGTH(event_id) = 36 AND "
                                    "JSON_VALUE(payload, '$.user.login_email') = 'a@example.com' "
                                    "AND JSON_VALUE(payload, '$.login.address') = '192.0.2.7'"),
                     1);
    assert_int_equal(count(fixture, "outbox WHERE payload LIKE '%argon2%'"), 0);
    assert_int_equal(count(fixture, "audit WHERE kind = 'user.registered' AND actor_id IS NULL "
                                    "AND request_id = 'request-1' AND user_agent = 'test/1.0'"),
                     1);
}

static void nothing_is_left_of_a_duplicate(void **state) {
    struct mysql_fixture *fixture = *state;
    struct session_start session = make_session(1);
    struct user user;
    int64_t session_id = 0;
    assert_false(fault_occurred(add(fixture, "a@example.com", NULL, &user, NULL)));
    struct fault fault = add(fixture, "a@example.com", &session, &user, &session_id);
    assert_true(fault_is(fault, FAULT_EMAIL_TAKEN));
    assert_int_equal(count(fixture, "users"), 1);
    assert_int_equal(count(fixture, "sessions"), 0);
    assert_int_equal(count(fixture, "outbox"), 1);
    assert_int_equal(count(fixture, "audit"), 1);
}

/* The user's row is there when the session fails on its unique digest. */
static void nothing_is_left_when_the_session_cannot_begin(void **state) {
    struct mysql_fixture *fixture = *state;
    struct session_start session = make_session(1);
    struct user user;
    int64_t session_id = 0;
    assert_false(fault_occurred(add(fixture, "a@example.com", &session, &user, &session_id)));
    assert_true(fault_occurred(add(fixture, "b@example.com", &session, &user, &session_id)));
    assert_int_equal(count(fixture, "users"), 1);
    assert_int_equal(count(fixture, "outbox"), 1);
    assert_int_equal(count(fixture, "audit"), 1);
}

static void mailboxes_that_look_alike_are_two(void **state) {
    struct mysql_fixture *fixture = *state;
    struct user user;
    assert_false(fault_occurred(add(fixture, "mail@example.com", NULL, &user, NULL)));
    assert_false(fault_occurred(add(fixture, "maíl@example.com", NULL, &user, NULL)));
    assert_false(fault_occurred(add(fixture, "Mail@example.com", NULL, &user, NULL)));
}

static void mobile_that_is_taken_is_a_conflict(void **state) {
    struct mysql_fixture *fixture = *state;
    const struct user_registration registration = {.mobile = STR("4915112345678"),
                                                   .role = "customer"};
    struct user user;
    struct fault first = user_store_register(fixture->store, &fixture->arena, &registration, NULL,
                                             &somebody, &user, NULL);
    assert_false(fault_occurred(first));
    assert_false(user.profile_complete);
    assert_int_equal(user.permissions.count, 0);
    assert_true(user.last_login_ms == INT64_ABSENT);
    struct fault second = user_store_register(fixture->store, &fixture->arena, &registration, NULL,
                                              &somebody, &user, NULL);
    assert_true(fault_is(second, FAULT_CONFLICT));
}

static void role_that_is_not_there_is_not_found(void **state) {
    struct mysql_fixture *fixture = *state;
    const struct user_registration registration = {.login_email = STR("a@example.com"),
                                                   .role = "emperor"};
    struct user user;
    struct fault fault = user_store_register(fixture->store, &fixture->arena, &registration, NULL,
                                             &somebody, &user, NULL);
    assert_true(fault_is(fault, FAULT_NOT_FOUND));
    assert_int_equal(count(fixture, "users"), 0);
}

static void finds_credentials_and_people(void **state) {
    struct mysql_fixture *fixture = *state;
    struct user user;
    struct user found;
    struct user_credentials credentials;
    assert_false(fault_occurred(add(fixture, "a@example.com", NULL, &user, NULL)));
    struct fault fault = user_store_find_credentials(fixture->store, &fixture->arena,
                                                     STR("a@example.com"), &credentials);
    assert_false(fault_occurred(fault));
    assert_int_equal(credentials.user_id, user.id);
    assert_true(credentials.is_active);
    assert_true(str_equals(credentials.password_hash, STR(HASH)));
    fault = user_store_find_credentials(fixture->store, &fixture->arena, STR("b@example.com"),
                                        &credentials);
    assert_true(fault_is(fault, FAULT_NOT_FOUND));
    assert_false(fault_occurred(user_store_find(fixture->store, &fixture->arena, user.id, &found)));
    assert_true(str_equals(found.email, STR("a@example.com")));
    assert_true(fault_is(user_store_find(fixture->store, &fixture->arena, user.id + 1, &found),
                         FAULT_NOT_FOUND));
    assert_false(fault_occurred(
        user_store_find_by_role(fixture->store, &fixture->arena, "manager", &found)));
    assert_int_equal(found.id, user.id);
    assert_true(fault_is(user_store_find_by_role(fixture->store, &fixture->arena, "admin", &found),
                         FAULT_NOT_FOUND));
    int64_t people = 0;
    assert_false(fault_occurred(user_store_count(fixture->store, &people)));
    assert_int_equal(people, 1);
}

static void new_password_ends_every_session(void **state) {
    struct mysql_fixture *fixture = *state;
    struct session_start session = make_session(1);
    struct user user;
    int64_t session_id = 0;
    assert_false(fault_occurred(add(fixture, "a@example.com", &session, &user, &session_id)));
    struct actor self = {.user_id = user.id};
    assert_false(fault_occurred(user_store_set_password(fixture->store, &fixture->arena, user.id,
                                                        STR("$argon2id$other"), &self)));
    assert_true(fault_is(
        session_store_find_caller(fixture->store, &fixture->arena, session_id, user.id, &user),
        FAULT_UNAUTHENTICATED));
    assert_int_equal(
        count(fixture, "users WHERE password_hash = '$argon2id$other' AND version = 2"), 1);
    assert_int_equal(count(fixture, "outbox WHERE kind = 'user.password_changed' AND version = 2 "
                                    "AND payload NOT LIKE '%argon2%'"),
                     1);
    assert_int_equal(count(fixture, "audit WHERE kind = 'user.password_changed' AND actor_id = "
                                    "user_id AND address IS NULL"),
                     1);
    struct fault fault = user_store_set_password(fixture->store, &fixture->arena, user.id + 1,
                                                 STR("$argon2id$other"), &self);
    assert_true(fault_is(fault, FAULT_NOT_FOUND));
}

static void new_role_acts_at_once(void **state) {
    struct mysql_fixture *fixture = *state;
    struct session_start session = make_session(1);
    struct user user;
    int64_t session_id = 0;
    assert_false(fault_occurred(add(fixture, "a@example.com", &session, &user, &session_id)));
    assert_false(fault_occurred(
        user_store_set_role(fixture->store, &fixture->arena, user.id, "admin", &somebody)));
    assert_false(fault_occurred(
        session_store_find_caller(fixture->store, &fixture->arena, session_id, user.id, &user)));
    assert_true(str_equals(user.role, STR("admin")));
    assert_int_equal(user.permissions.count, 10);
    assert_int_equal(count(fixture, "outbox WHERE kind = 'user.role_changed' AND version = 2 AND "
                                    "JSON_VALUE(payload, '$.user.role') = 'admin'"),
                     1);
    assert_true(fault_is(
        user_store_set_role(fixture->store, &fixture->arena, user.id, "emperor", &somebody),
        FAULT_NOT_FOUND));
    assert_true(fault_is(
        user_store_set_role(fixture->store, &fixture->arena, user.id + 1, "admin", &somebody),
        FAULT_NOT_FOUND));
}

/* A mistake made by hand gives nobody permissions. */
static void malformed_permissions_fail(void **state) {
    struct mysql_fixture *fixture = *state;
    struct user user;
    assert_false(fault_occurred(add(fixture, "a@example.com", NULL, &user, NULL)));
    fixture_run(fixture->store,
                "UPDATE roles SET permissions = '{\"all\": true}' WHERE name = 'manager'");
    struct fault fault = user_store_find(fixture->store, &fixture->arena, user.id, &user);
    assert_true(fault_is(fault, FAULT_INTERNAL));
    fixture_run(fixture->store,
                "UPDATE roles SET permissions = '[\"products:write\", \"inventory:read\", "
                "\"inventory:write\", \"analytics:read\"]' WHERE name = 'manager'");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(registers_with_session_outbox_and_audit, fixture_remove_people),
        cmocka_unit_test_setup(nothing_is_left_of_a_duplicate, fixture_remove_people),
        cmocka_unit_test_setup(nothing_is_left_when_the_session_cannot_begin,
                               fixture_remove_people),
        cmocka_unit_test_setup(mailboxes_that_look_alike_are_two, fixture_remove_people),
        cmocka_unit_test_setup(mobile_that_is_taken_is_a_conflict, fixture_remove_people),
        cmocka_unit_test_setup(role_that_is_not_there_is_not_found, fixture_remove_people),
        cmocka_unit_test_setup(finds_credentials_and_people, fixture_remove_people),
        cmocka_unit_test_setup(new_password_ends_every_session, fixture_remove_people),
        cmocka_unit_test_setup(new_role_acts_at_once, fixture_remove_people),
        cmocka_unit_test_setup(malformed_permissions_fail, fixture_remove_people),
    };
    return cmocka_run_group_tests(tests, fixture_begin_migrated, fixture_tear_down);
}
