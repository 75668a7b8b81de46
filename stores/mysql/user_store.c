#include "stores/user_store.h"

#include "stores/mysql/change.h"
#include "stores/mysql/transaction.h"
#include "stores/mysql/user_read.h"

static const struct mysql_column number_column[] = {{COLUMN_INT64, 0}};

static struct fault read_number(struct mysql_store *store, struct arena *arena,
                                enum mysql_statement statement, struct mysql_parameter parameter,
                                int64_t *number) {
    const struct mysql_use use = {.statement = statement,
                                  .parameters = &parameter,
                                  .parameter_count = 1,
                                  .columns = number_column,
                                  .column_count = COUNT_OF(number_column)};
    return mysql_read_one(store, arena, &use, number);
}

static struct fault find_role(struct mysql_store *store, struct arena *arena, const char *role,
                              int64_t *role_id) {
    struct mysql_parameter parameter = PARAM_STR(str_of(role));
    return read_number(store, arena, STATEMENT_ROLE_FIND, parameter, role_id);
}

struct registering {
    struct arena *arena;
    const struct user_registration *registration;
    const struct session_start *session;
    const struct actor *actor;
    struct user *user;
    int64_t *session_id;
};

/* Which of the unique keys it was is asked, not read from the server's message. */
static struct fault explain_duplicate(struct mysql_store *store,
                                      const struct registering *registering) {
    int64_t count = 0;
    struct mysql_parameter parameter = PARAM_STR(registering->registration->login_email);
    TRY(read_number(store, registering->arena, STATEMENT_USER_COUNT_LOGIN_EMAIL, parameter,
                    &count));
    return fault_of(count > 0 ? FAULT_EMAIL_TAKEN : FAULT_CONFLICT);
}

static struct fault insert_user(struct mysql_store *store, const struct registering *registering,
                                int64_t *user_id) {
    const struct user_registration *registration = registering->registration;
    int64_t role_id = 0;
    TRY(find_role(store, registering->arena, registration->role, &role_id));
    bool is_complete =
        !str_is_absent(registration->name) &&
        (!str_is_absent(registration->login_email) || !str_is_absent(registration->mobile));
    const struct mysql_parameter parameters[] = {
        PARAM_STR(registration->email),
        PARAM_STR(registration->login_email),
        PARAM_STR(registration->mobile),
        PARAM_STR(registration->name),
        PARAM_STR(registration->password_hash),
        PARAM_INT(role_id),
        PARAM_INT(is_complete),
        PARAM_INT(registering->session != NULL),
    };
    const struct mysql_use use = {.statement = STATEMENT_USER_INSERT,
                                  .parameters = parameters,
                                  .parameter_count = COUNT_OF(parameters)};
    struct mysql_written written;
    struct fault fault = mysql_write(store, &use, &written);
    if (fault_is(fault, FAULT_CONFLICT)) {
        return explain_duplicate(store, registering);
    }
    TRY(fault);
    *user_id = written.id;
    return fault_none();
}

static struct fault register_user(struct mysql_store *store, void *context) {
    const struct registering *registering = context;
    struct mysql_change change = {
        .kind = "user.registered", .session = registering->session, .actor = registering->actor};
    TRY(insert_user(store, registering, &change.user_id));
    if (registering->session != NULL) {
        TRY(mysql_session_insert(store, registering->arena, change.user_id, registering->session,
                                 registering->actor, &change.session_id));
        *registering->session_id = change.session_id;
    }
    return mysql_change_note(store, registering->arena, &change, registering->user);
}

struct fault user_store_register(struct mysql_store *store, struct arena *arena,
                                 const struct user_registration *registration,
                                 const struct session_start *session, const struct actor *actor,
                                 struct user *user, int64_t *session_id) {
    struct registering registering = {arena, registration, session, actor, user, session_id};
    return mysql_transaction_run(store, register_user, &registering);
}

struct fault user_store_find_credentials(struct mysql_store *store, struct arena *arena,
                                         struct str login_email,
                                         struct user_credentials *credentials) {
    static const struct mysql_column columns[] = {
        {COLUMN_INT64, offsetof(struct user_credentials, user_id)},
        {COLUMN_STR, offsetof(struct user_credentials, password_hash)},
        {COLUMN_BOOL, offsetof(struct user_credentials, is_active)},
    };
    const struct mysql_parameter parameters[] = {PARAM_STR(login_email)};
    const struct mysql_use use = {.statement = STATEMENT_USER_FIND_CREDENTIALS,
                                  .parameters = parameters,
                                  .parameter_count = COUNT_OF(parameters),
                                  .columns = columns,
                                  .column_count = COUNT_OF(columns)};
    return mysql_read_one(store, arena, &use, credentials);
}

struct fault user_store_find(struct mysql_store *store, struct arena *arena, int64_t user_id,
                             struct user *user) {
    const struct mysql_parameter parameters[] = {PARAM_INT(user_id)};
    return mysql_user_read(store, arena, STATEMENT_USER_FIND, parameters, COUNT_OF(parameters),
                           user, NULL);
}

struct fault user_store_find_by_role(struct mysql_store *store, struct arena *arena,
                                     const char *role, struct user *user) {
    const struct mysql_parameter parameters[] = {PARAM_STR(str_of(role))};
    return mysql_user_read(store, arena, STATEMENT_USER_FIND_BY_ROLE, parameters,
                           COUNT_OF(parameters), user, NULL);
}

struct fault user_store_count(struct mysql_store *store, int64_t *count) {
    const struct mysql_use use = {.statement = STATEMENT_USER_COUNT,
                                  .columns = number_column,
                                  .column_count = COUNT_OF(number_column)};
    return mysql_read_one(store, NULL, &use, count);
}

struct editing {
    struct arena *arena;
    int64_t user_id;
    struct str password_hash;
    const char *role;
    const struct actor *actor;
};

static struct fault note_edit(struct mysql_store *store, const struct editing *editing,
                              const char *kind) {
    const struct mysql_change change = {
        .kind = kind, .user_id = editing->user_id, .actor = editing->actor};
    struct user user;
    return mysql_change_note(store, editing->arena, &change, &user);
}

static struct fault set_password(struct mysql_store *store, void *context) {
    const struct editing *editing = context;
    const struct mysql_parameter parameters[] = {PARAM_STR(editing->password_hash),
                                                 PARAM_INT(editing->user_id)};
    const struct mysql_use edit = {.statement = STATEMENT_USER_SET_PASSWORD,
                                   .parameters = parameters,
                                   .parameter_count = COUNT_OF(parameters)};
    const struct mysql_use end_all = {
        .statement = STATEMENT_SESSION_END_ALL, .parameters = &parameters[1], .parameter_count = 1};
    struct mysql_written written;
    TRY(mysql_write(store, &edit, &written));
    ENSURE(written.rows > 0, FAULT_NOT_FOUND);
    TRY(mysql_write(store, &end_all, NULL));
    return note_edit(store, editing, "user.password_changed");
}

struct fault user_store_set_password(struct mysql_store *store, struct arena *arena,
                                     int64_t user_id, struct str password_hash,
                                     const struct actor *actor) {
    struct editing editing = {
        .arena = arena, .user_id = user_id, .password_hash = password_hash, .actor = actor};
    return mysql_transaction_run(store, set_password, &editing);
}

static struct fault set_role(struct mysql_store *store, void *context) {
    const struct editing *editing = context;
    int64_t role_id = 0;
    TRY(find_role(store, editing->arena, editing->role, &role_id));
    const struct mysql_parameter parameters[] = {PARAM_INT(role_id), PARAM_INT(editing->user_id)};
    const struct mysql_use edit = {.statement = STATEMENT_USER_SET_ROLE,
                                   .parameters = parameters,
                                   .parameter_count = COUNT_OF(parameters)};
    struct mysql_written written;
    TRY(mysql_write(store, &edit, &written));
    ENSURE(written.rows > 0, FAULT_NOT_FOUND);
    return note_edit(store, editing, "user.role_changed");
}

struct fault user_store_set_role(struct mysql_store *store, struct arena *arena, int64_t user_id,
                                 const char *role, const struct actor *actor) {
    struct editing editing = {.arena = arena, .user_id = user_id, .role = role, .actor = actor};
    return mysql_transaction_run(store, set_role, &editing);
}
