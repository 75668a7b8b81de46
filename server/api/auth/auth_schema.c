#include "server/api/auth/auth.h"
#include "server/security/password.h"

#define EMAIL_FIELD(body_type)                                                    \
    {                                                                             \
        .name = "email", .type = FIELD_STR, .offset = offsetof(body_type, email), \
        .is_required = true, .min = 1, .max = 254, .format = FORMAT_EMAIL,        \
        .doc = "The address to log in with."                                      \
    }

static const struct field register_fields[] = {
    EMAIL_FIELD(struct register_body),
    {.name = "password",
     .type = FIELD_STR,
     .offset = offsetof(struct register_body, password),
     .is_required = true,
     .keeps_text = true,
     .min = PASSWORD_MIN_CHARACTERS,
     .max = PASSWORD_MAX_BYTES,
     .format = FORMAT_PASSWORD,
     .doc = "Any characters, at least 8, at most 1,024 bytes; taken exactly as it is."},
    {.name = "name",
     .type = FIELD_STR,
     .offset = offsetof(struct register_body, name),
     .is_required = true,
     .min = 1,
     .max = 200,
     .doc = "How the person is called."},
};

static const struct field login_fields[] = {
    EMAIL_FIELD(struct login_body),
    {.name = "password",
     .type = FIELD_STR,
     .offset = offsetof(struct login_body, password),
     .is_required = true,
     .keeps_text = true,
     .min = 1,
     .max = PASSWORD_MAX_BYTES,
     .format = FORMAT_PASSWORD,
     .doc = "The password, exactly."},
};

const struct schema register_body_schema = {.name = "Registration",
                                            .size = sizeof(struct register_body),
                                            .fields = register_fields,
                                            .field_count = COUNT_OF(register_fields),
                                            .ignores_unknown = true};

const struct schema login_body_schema = {.name = "Login",
                                         .size = sizeof(struct login_body),
                                         .fields = login_fields,
                                         .field_count = COUNT_OF(login_fields),
                                         .ignores_unknown = true};

#define USER_FIELD(member, field_type, text)                                            \
    {                                                                                   \
        .name = #member, .type = (field_type), .offset = offsetof(struct user, member), \
        .doc = (text)                                                                   \
    }
#define USER_NULLABLE(member, text)                                                  \
    {                                                                                \
        .name = #member, .type = FIELD_STR, .offset = offsetof(struct user, member), \
        .is_nullable = true, .doc = (text)                                           \
    }
#define USER_TIME(member, is_nullable_too, text)                                           \
    {                                                                                      \
        .name = #member, .type = FIELD_TIME, .offset = offsetof(struct user, member##_ms), \
        .is_nullable = (is_nullable_too), .doc = (text)                                    \
    }

static const struct field user_fields[] = {
    USER_FIELD(id, FIELD_INT, "Never changes."),
    USER_NULLABLE(email, "For contact; proves nothing."),
    USER_NULLABLE(login_email, "Unique; what e-mail and password log in with."),
    USER_NULLABLE(mobile, "E.164 digits without the plus."),
    USER_NULLABLE(name, "How the person is called."),
    USER_NULLABLE(avatar_url, "A picture."),
    USER_FIELD(role, FIELD_STR, "The name of a role."),
    USER_FIELD(permissions, FIELD_STRS, "What the role allows."),
    USER_FIELD(is_active, FIELD_BOOL, "A deactivated person is refused everywhere."),
    USER_FIELD(email_verified, FIELD_BOOL, "A code sent to login_email came back."),
    USER_FIELD(mobile_verified, FIELD_BOOL, "A code sent to mobile came back."),
    USER_FIELD(profile_complete, FIELD_BOOL, "The name is known."),
    USER_TIME(last_login, true, "Null before the first login."),
    USER_TIME(created_at, false, "When the account was made."),
    USER_TIME(updated_at, false, "When it changed last."),
};

const struct schema user_schema = SCHEMA("User", struct user, user_fields);

static const struct field session_fields[] = {
    {.name = "user",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct session_reply, user),
     .object = &user_schema,
     .doc = "Who logged in."},
    {.name = "access_token",
     .type = FIELD_STR,
     .offset = offsetof(struct session_reply, access_token),
     .doc = "For the Authorization header, as a Bearer token."},
    {.name = "refresh_token",
     .type = FIELD_STR,
     .offset = offsetof(struct session_reply, refresh_token),
     .doc = "Buys the next access token; keep it secret."},
    {.name = "token_type",
     .type = FIELD_STR,
     .offset = offsetof(struct session_reply, token_type),
     .doc = "Always \"Bearer\"."},
    {.name = "expires_in",
     .type = FIELD_INT,
     .offset = offsetof(struct session_reply, expires_in),
     .doc = "Seconds for which the access token is valid."},
};

const struct schema session_schema = SCHEMA("Session", struct session_reply, session_fields);
