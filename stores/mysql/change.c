#include "stores/mysql/change.h"

#include <openssl/rand.h>

#include "base/buf.h"
#include "base/clock.h"
#include "stores/mysql/user_read.h"

#define PAYLOAD_MAX_BYTES 65536
#define ADDRESS_MAX_BYTES 45
#define USER_AGENT_MAX_BYTES 255
#define REQUEST_ID_MAX_BYTES 64

static const char *const method_names[] = {
    [SESSION_BY_PASSWORD] = "password",
    [SESSION_BY_REGISTRATION] = "registration",
};

/* RFC 9562, version 4. */

static struct str make_event_id(struct arena *arena) {
    unsigned char b[16];
    CHECK(RAND_bytes(b, sizeof(b)) == 1);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    return arena_printf(
        arena, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
        b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

/*
 * What a client says of itself must neither fail the statement nor be lost: bytes that are not
 * UTF-8 (a text cut in the middle of a character, too) become '?'.
 */
static struct str clean(struct arena *arena, struct str text, size_t max_bytes) {
    struct str cut = str_slice(text, 0, max_bytes);
    if (str_is_absent(text) || str_is_utf8(cut)) {
        return str_is_absent(text) ? text : cut;
    }
    char *ascii = arena_alloc(arena, cut.size);
    for (size_t i = 0; i < cut.size; i++) {
        ascii[i] = (unsigned char)cut.data[i] < 0x80 ? cut.data[i] : '?';
    }
    return (struct str){ascii, cut.size};
}

static void append_str(struct buf *buf, const char *name, struct str value) {
    buf_printf(buf, ",\"%s\":", name);
    buf_append_json_string(buf, value);
}

static void append_bool(struct buf *buf, const char *name, bool value) {
    buf_printf(buf, ",\"%s\":%s", name, value ? "true" : "false");
}

static void append_time(struct buf *buf, const char *name, int64_t time_ms) {
    if (time_ms == INT64_ABSENT) {
        append_str(buf, name, (struct str){NULL, 0});
        return;
    }
    char text[CLOCK_TEXT_MS_SIZE];
    clock_format_with_ms(time_ms, text);
    append_str(buf, name, str_of(text));
}

static void append_user(struct buf *buf, const struct user *user, int64_t version) {
    buf_printf(buf, "{\"user\":{\"id\":%lld,\"version\":%lld", (long long)user->id,
               (long long)version);
    append_str(buf, "email", user->email);
    append_str(buf, "login_email", user->login_email);
    append_str(buf, "mobile", user->mobile);
    append_str(buf, "name", user->name);
    append_str(buf, "avatar_url", user->avatar_url);
    append_str(buf, "role", user->role);
    append_bool(buf, "is_active", user->is_active);
    append_bool(buf, "email_verified", user->email_verified);
    append_bool(buf, "mobile_verified", user->mobile_verified);
    append_bool(buf, "profile_complete", user->profile_complete);
    append_time(buf, "last_login", user->last_login_ms);
    append_time(buf, "created_at", user->created_at_ms);
    append_time(buf, "updated_at", user->updated_at_ms);
    buf_append_byte(buf, '}');
}

static void append_login(struct buf *buf, const struct mysql_change *change) {
    if (change->session == NULL) {
        return;
    }
    buf_printf(buf, ",\"login\":{\"session_id\":%lld", (long long)change->session_id);
    append_str(buf, "method", str_of(method_names[change->session->method]));
    append_str(buf, "address", str_slice(change->actor->address, 0, ADDRESS_MAX_BYTES));
    append_str(buf, "user_agent", str_slice(change->actor->user_agent, 0, USER_AGENT_MAX_BYTES));
    buf_append_byte(buf, '}');
}

static struct str encode_payload(struct arena *arena, const struct mysql_change *change,
                                 const struct user *user, int64_t version) {
    struct buf buf;
    buf_init(&buf, PAYLOAD_MAX_BYTES);
    append_user(&buf, user, version);
    append_login(&buf, change);
    buf_append_byte(&buf, '}');
    /* The columns it is made of are bounded well below, even with every character escaped. */
    CHECK(!buf_is_overflowed(&buf));
    struct str payload = arena_copy(arena, buf_str(&buf));
    buf_release(&buf);
    return payload;
}

static struct fault note_outbox(struct mysql_store *store, struct arena *arena,
                                const struct mysql_change *change, const struct user *user,
                                int64_t version) {
    const struct mysql_parameter parameters[] = {
        PARAM_STR(make_event_id(arena)),
        PARAM_STR(str_of(change->kind)),
        PARAM_INT(user->id),
        PARAM_INT(version),
        PARAM_STR(encode_payload(arena, change, user, version)),
    };
    const struct mysql_use use = {.statement = STATEMENT_OUTBOX_INSERT,
                                  .parameters = parameters,
                                  .parameter_count = COUNT_OF(parameters)};
    return mysql_write(store, &use, NULL);
}

static struct str describe(struct arena *arena, const struct mysql_change *change,
                           const struct user *user) {
    if (change->session != NULL) {
        return arena_printf(arena, "{\"session_id\":%lld,\"method\":\"%s\"}",
                            (long long)change->session_id, method_names[change->session->method]);
    }
    struct buf buf;
    buf_init(&buf, PAYLOAD_MAX_BYTES);
    buf_printf(&buf, "{\"role\":");
    buf_append_json_string(&buf, user->role);
    buf_append_byte(&buf, '}');
    struct str detail = arena_copy(arena, buf_str(&buf));
    buf_release(&buf);
    return detail;
}

struct fault mysql_change_note(struct mysql_store *store, struct arena *arena,
                               const struct mysql_change *change, struct user *user) {
    const struct mysql_parameter parameters[] = {PARAM_INT(change->user_id)};
    int64_t version = 0;
    TRY(mysql_user_read(store, arena, STATEMENT_USER_FIND, parameters, COUNT_OF(parameters), user,
                        &version));
    TRY(note_outbox(store, arena, change, user, version));
    return mysql_audit_note(store, arena, change->kind, change->user_id, change->actor,
                            describe(arena, change, user));
}

struct fault mysql_audit_note(struct mysql_store *store, struct arena *arena, const char *kind,
                              int64_t user_id, const struct actor *actor, struct str detail) {
    const struct mysql_parameter parameters[] = {
        PARAM_STR(str_of(kind)),
        PARAM_INT(user_id == 0 ? INT64_ABSENT : user_id),
        PARAM_INT(actor->user_id == 0 ? INT64_ABSENT : actor->user_id),
        PARAM_STR(clean(arena, actor->address, ADDRESS_MAX_BYTES)),
        PARAM_STR(clean(arena, actor->user_agent, USER_AGENT_MAX_BYTES)),
        PARAM_STR(clean(arena, actor->request_id, REQUEST_ID_MAX_BYTES)),
        PARAM_STR(detail),
    };
    const struct mysql_use use = {.statement = STATEMENT_AUDIT_INSERT,
                                  .parameters = parameters,
                                  .parameter_count = COUNT_OF(parameters)};
    return mysql_write(store, &use, NULL);
}

struct fault mysql_session_insert(struct mysql_store *store, struct arena *arena, int64_t user_id,
                                  const struct session_start *session, const struct actor *actor,
                                  int64_t *session_id) {
    struct str digest = {(const char *)session->refresh_digest, SESSION_DIGEST_BYTES};
    const struct mysql_parameter parameters[] = {
        PARAM_INT(user_id),
        PARAM_BYTES(digest),
        PARAM_STR(str_of(method_names[session->method])),
        PARAM_STR(clean(arena, actor->address, ADDRESS_MAX_BYTES)),
        PARAM_STR(clean(arena, actor->user_agent, USER_AGENT_MAX_BYTES)),
        PARAM_INT(session->lifetime_ms * 1000),
    };
    const struct mysql_use use = {.statement = STATEMENT_SESSION_INSERT,
                                  .parameters = parameters,
                                  .parameter_count = COUNT_OF(parameters)};
    struct mysql_written written;
    TRY(mysql_write(store, &use, &written));
    *session_id = written.id;
    return fault_none();
}
