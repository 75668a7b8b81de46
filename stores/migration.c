#include "stores/migration.h"

#include <openssl/evp.h>

#include "base/log.h"
#include "stores/migration_plan.h"

static const char *const state_names[] = {
    [MIGRATION_PENDING] = "pending", [MIGRATION_APPLIED] = "applied", [MIGRATION_BEGUN] = "begun",
    [MIGRATION_CHANGED] = "changed", [MIGRATION_UNKNOWN] = "unknown",
};

const char *migration_state_name(enum migration_state state) {
    CHECK((size_t)state < COUNT_OF(state_names));
    return state_names[state];
}

bool migration_is_current(const struct migration_status_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].state != MIGRATION_APPLIED) {
            return false;
        }
    }
    return true;
}

void migration_checksum(const struct migration_file *file,
                        char text[static MIGRATION_CHECKSUM_SIZE]) {
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    CHECK(EVP_Digest(file->content, file->size, digest, &size, EVP_sha256(), NULL) == 1);
    CHECK(size * 2 + 1 == MIGRATION_CHECKSUM_SIZE);
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    text[2 * (size_t)size] = '\0';
}

struct str migration_name(const struct migration_file *file) {
    struct str name = str_of(file->file_name);
    return str_slice(name, 0, str_find_byte(name, '.'));
}

static const struct migration_record *find_record(const struct migration_record *records,
                                                  size_t count, struct str name) {
    for (size_t i = 0; i < count; i++) {
        if (str_equals(records[i].name, name)) {
            return &records[i];
        }
    }
    return NULL;
}

static bool has_file(const struct migration_file *files, size_t count, struct str name) {
    for (size_t i = 0; i < count; i++) {
        if (str_equals(migration_name(&files[i]), name)) {
            return true;
        }
    }
    return false;
}

static struct migration_status status_of_file(const struct migration_file *file,
                                              const struct migration_record *record) {
    struct migration_status status = {
        .name = migration_name(file), .state = MIGRATION_PENDING, .applied_at_ms = INT64_ABSENT};
    if (record == NULL) {
        return status;
    }
    if (!record->is_applied) {
        status.state = MIGRATION_BEGUN;
        return status;
    }
    char checksum[MIGRATION_CHECKSUM_SIZE];
    migration_checksum(file, checksum);
    bool is_same = str_equals(str_of(checksum), record->checksum);
    status.state = is_same ? MIGRATION_APPLIED : MIGRATION_CHANGED;
    status.applied_at_ms = record->applied_at_ms;
    return status;
}

void migration_plan_compare(struct arena *arena, const struct migration_file *files,
                            size_t file_count, const struct migration_record *records,
                            size_t record_count, struct migration_status_list *list) {
    struct migration_status *items =
        arena_alloc_array(arena, file_count + record_count, sizeof(*items));
    size_t count = 0;
    for (size_t i = 0; i < file_count; i++) {
        struct str name = migration_name(&files[i]);
        items[count++] = status_of_file(&files[i], find_record(records, record_count, name));
    }
    for (size_t i = 0; i < record_count; i++) {
        if (!has_file(files, file_count, records[i].name)) {
            items[count++] = (struct migration_status){.name = records[i].name,
                                                       .state = MIGRATION_UNKNOWN,
                                                       .applied_at_ms = records[i].applied_at_ms};
        }
    }
    *list = (struct migration_status_list){items, count};
}

struct fault migration_plan_check(const struct migration_status_list *list,
                                  const char *store_name) {
    struct fault fault = fault_none();
    for (size_t i = 0; i < list->count; i++) {
        const struct migration_status *status = &list->items[i];
        if (status->state == MIGRATION_CHANGED || status->state == MIGRATION_UNKNOWN) {
            log_error("migration.refused", LOG_TEXT("store", store_name),
                      LOG_STR("migration", status->name),
                      LOG_TEXT("state", migration_state_name(status->state)));
            fault = fault_of(FAULT_CONFLICT);
        }
    }
    return fault;
}

bool migration_plan_is_due(const struct migration_status *status) {
    return status->state == MIGRATION_PENDING || status->state == MIGRATION_BEGUN;
}
