#include "stores/session_store.h"

#include "base/buf.h"
#include "stores/mysql/change.h"
#include "stores/mysql/transaction.h"
#include "stores/mysql/user_read.h"

#define REASON_MAX_BYTES 1024

struct beginning {
    struct arena *arena;
    int64_t user_id;
    const struct session_start *session;
    const struct actor *actor;
    struct user *user;
    int64_t *session_id;
    bool is_refused;
};

/* Commits what it says even when it refuses: the audit row of the refusal must stay. */
static struct fault begin_session(struct mysql_store *store, void *context) {
    struct beginning *beginning = context;
    const struct mysql_parameter parameters[] = {PARAM_INT(beginning->user_id)};
    const struct mysql_use log_in = {.statement = STATEMENT_USER_SET_LAST_LOGIN,
                                     .parameters = parameters,
                                     .parameter_count = COUNT_OF(parameters)};
    struct mysql_written written;
    TRY(mysql_write(store, &log_in, &written));
    beginning->is_refused = written.rows == 0;
    if (beginning->is_refused) {
        return mysql_audit_note(store, beginning->arena, "login.refused", beginning->user_id,
                                beginning->actor, STR("{\"reason\":\"inactive\"}"));
    }
    struct mysql_change change = {.kind = "login.succeeded",
                                  .user_id = beginning->user_id,
                                  .session = beginning->session,
                                  .actor = beginning->actor};
    TRY(mysql_session_insert(store, beginning->arena, beginning->user_id, beginning->session,
                             beginning->actor, &change.session_id));
    *beginning->session_id = change.session_id;
    return mysql_change_note(store, beginning->arena, &change, beginning->user);
}

struct fault session_store_begin(struct mysql_store *store, struct arena *arena, int64_t user_id,
                                 const struct session_start *session, const struct actor *actor,
                                 struct user *user, int64_t *session_id) {
    struct beginning beginning = {arena, user_id, session, actor, user, session_id, false};
    TRY(mysql_transaction_run(store, begin_session, &beginning));
    ENSURE(!beginning.is_refused, FAULT_ACCOUNT_INACTIVE);
    return fault_none();
}

struct fault session_store_find_caller(struct mysql_store *store, struct arena *arena,
                                       int64_t session_id, int64_t user_id, struct user *user) {
    const struct mysql_parameter parameters[] = {PARAM_INT(session_id), PARAM_INT(user_id)};
    struct fault fault = mysql_user_read(store, arena, STATEMENT_SESSION_FIND_CALLER, parameters,
                                         COUNT_OF(parameters), user, NULL);
    ENSURE(!fault_is(fault, FAULT_NOT_FOUND), FAULT_UNAUTHENTICATED);
    TRY(fault);
    ENSURE(user->is_active, FAULT_ACCOUNT_INACTIVE);
    return fault_none();
}

static struct fault answer_caller(struct session_caller *caller, const struct mysql_user_row *rows,
                                  size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (rows[i].session_id == caller->session_id && rows[i].user.id == caller->user_id) {
            TRY(mysql_user_copy(&rows[i], caller->arena, &caller->user));
            ENSURE(caller->user.is_active, FAULT_ACCOUNT_INACTIVE);
            return fault_none();
        }
    }
    return fault_of(FAULT_UNAUTHENTICATED);
}

void session_store_find_callers(struct mysql_store *store, struct session_caller *callers,
                                size_t count) {
    CHECK(count >= 1 && count <= SESSION_CALLERS_MAX);
    struct mysql_parameter parameters[SESSION_CALLERS_MAX];
    for (size_t i = 0; i < SESSION_CALLERS_MAX; i++) {
        /* The places that are left name the first session again. */
        parameters[i] = (struct mysql_parameter)PARAM_INT(callers[i < count ? i : 0].session_id);
    }
    struct mysql_user_row *rows = NULL;
    size_t found = 0;
    struct fault fault =
        mysql_user_read_all(store, callers[0].arena, STATEMENT_SESSION_FIND_CALLERS, parameters,
                            SESSION_CALLERS_MAX, SESSION_CALLERS_MAX, &rows, &found);
    for (size_t i = 0; i < count; i++) {
        callers[i].fault = fault_occurred(fault) ? fault : answer_caller(&callers[i], rows, found);
    }
}

struct refusing {
    struct arena *arena;
    int64_t user_id;
    const struct actor *actor;
    struct str detail;
};

static struct fault note_refusal(struct mysql_store *store, void *context) {
    const struct refusing *refusing = context;
    return mysql_audit_note(store, refusing->arena, "login.refused", refusing->user_id,
                            refusing->actor, refusing->detail);
}

static struct str encode_reason(struct arena *arena, const char *reason) {
    struct buf buf;
    buf_init(&buf, REASON_MAX_BYTES);
    buf_printf(&buf, "{\"reason\":");
    buf_append_json_string(&buf, str_of(reason));
    buf_append_byte(&buf, '}');
    CHECK(!buf_is_overflowed(&buf));
    struct str detail = arena_copy(arena, buf_str(&buf));
    buf_release(&buf);
    return detail;
}

struct fault session_store_note_refusal(struct mysql_store *store, struct arena *arena,
                                        int64_t user_id, const char *reason,
                                        const struct actor *actor) {
    struct refusing refusing = {arena, user_id, actor, encode_reason(arena, reason)};
    return mysql_transaction_run(store, note_refusal, &refusing);
}
