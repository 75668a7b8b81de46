#include "stores/mysql/user_read.h"

#include <jansson.h>

#include "base/log.h"

#define PERMISSIONS_MAX 256

/* USER_COLUMNS, and the session where that is asked for. */
static const struct mysql_column user_columns[] = {
    {COLUMN_INT64, offsetof(struct mysql_user_row, user.id)},
    {COLUMN_STR, offsetof(struct mysql_user_row, user.email)},
    {COLUMN_STR, offsetof(struct mysql_user_row, user.login_email)},
    {COLUMN_STR, offsetof(struct mysql_user_row, user.mobile)},
    {COLUMN_STR, offsetof(struct mysql_user_row, user.name)},
    {COLUMN_STR, offsetof(struct mysql_user_row, user.avatar_url)},
    {COLUMN_STR, offsetof(struct mysql_user_row, user.role)},
    {COLUMN_STR, offsetof(struct mysql_user_row, permissions)},
    {COLUMN_BOOL, offsetof(struct mysql_user_row, user.is_active)},
    {COLUMN_BOOL, offsetof(struct mysql_user_row, user.email_verified)},
    {COLUMN_BOOL, offsetof(struct mysql_user_row, user.mobile_verified)},
    {COLUMN_BOOL, offsetof(struct mysql_user_row, user.profile_complete)},
    {COLUMN_TIME, offsetof(struct mysql_user_row, user.last_login_ms)},
    {COLUMN_TIME, offsetof(struct mysql_user_row, user.created_at_ms)},
    {COLUMN_TIME, offsetof(struct mysql_user_row, user.updated_at_ms)},
    {COLUMN_INT64, offsetof(struct mysql_user_row, version)},
    {COLUMN_INT64, offsetof(struct mysql_user_row, session_id)},
};

#define USER_COLUMN_COUNT (COUNT_OF(user_columns) - 1)

static struct fault copy_permissions(struct arena *arena, const json_t *array,
                                     struct str_list *permissions) {
    ENSURE(json_is_array(array) && json_array_size(array) <= PERMISSIONS_MAX, FAULT_INTERNAL);
    size_t count = json_array_size(array);
    struct str *items = arena_alloc_array(arena, count, sizeof(*items));
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(array, i);
        ENSURE(json_is_string(item), FAULT_INTERNAL);
        struct str text = {json_string_value(item), json_string_length(item)};
        items[i] = arena_copy(arena, text);
    }
    *permissions = (struct str_list){items, count};
    return fault_none();
}

static struct fault read_permissions(struct arena *arena, struct str text,
                                     struct str_list *permissions) {
    json_t *array = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    struct fault fault = copy_permissions(arena, array, permissions);
    json_decref(array);
    return fault;
}

static struct fault read_role(struct arena *arena, struct mysql_user_row *row) {
    struct fault fault = read_permissions(arena, row->permissions, &row->user.permissions);
    if (fault_occurred(fault)) {
        log_error("mysql.permissions_malformed", LOG_STR("role", row->user.role));
    }
    return fault;
}

struct fault mysql_user_read(struct mysql_store *store, struct arena *arena,
                             enum mysql_statement statement,
                             const struct mysql_parameter *parameters, size_t parameter_count,
                             struct user *user, int64_t *version) {
    const struct mysql_use use = {.statement = statement,
                                  .parameters = parameters,
                                  .parameter_count = parameter_count,
                                  .columns = user_columns,
                                  .column_count = USER_COLUMN_COUNT};
    struct mysql_user_row row = {.version = 0};
    TRY(mysql_read_one(store, arena, &use, &row));
    TRY(read_role(arena, &row));
    *user = row.user;
    if (version != NULL) {
        *version = row.version;
    }
    return fault_none();
}

struct fault mysql_user_read_all(struct mysql_store *store, struct arena *arena,
                                 enum mysql_statement statement,
                                 const struct mysql_parameter *parameters, size_t parameter_count,
                                 size_t max, struct mysql_user_row **rows, size_t *count) {
    const struct mysql_use use = {.statement = statement,
                                  .parameters = parameters,
                                  .parameter_count = parameter_count,
                                  .columns = user_columns,
                                  .column_count = COUNT_OF(user_columns)};
    void *read = NULL;
    TRY(mysql_read_all(store, arena, &use, sizeof **rows, max, &read, count));
    *rows = read;
    return fault_none();
}

struct fault mysql_user_copy(const struct mysql_user_row *row, struct arena *arena,
                             struct user *user) {
    struct mysql_user_row copy = *row;
    for (size_t i = 0; i < COUNT_OF(user_columns); i++) {
        if (user_columns[i].kind == COLUMN_STR) {
            struct str *text = (struct str *)(void *)((char *)&copy + user_columns[i].offset);
            *text = arena_copy(arena, *text);
        }
    }
    TRY(read_role(arena, &copy));
    *user = copy.user;
    return fault_none();
}
