#include "server/cli/schema_check.h"

static const struct migration_status *find_state(const struct migration_status_list *list,
                                                 enum migration_state state) {
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].state == state) {
            return &list->items[i];
        }
    }
    return NULL;
}

static int count_due(const struct migration_status_list *list) {
    int count = 0;
    for (size_t i = 0; i < list->count; i++) {
        bool is_due =
            list->items[i].state == MIGRATION_PENDING || list->items[i].state == MIGRATION_BEGUN;
        count += is_due ? 1 : 0;
    }
    return count;
}

struct str schema_check_sentence(struct arena *arena, const char *store_name,
                                 const struct migration_status_list *list) {
    const struct migration_status *unknown = find_state(list, MIGRATION_UNKNOWN);
    const struct migration_status *changed = find_state(list, MIGRATION_CHANGED);
    int due = count_due(list);
    if (unknown != NULL) {
        return arena_printf(arena,
                            "%s's schema is newer than this program, which does not have its "
                            "migration %.*s; run the newer aizy, or restore a backup.",
                            store_name, STR_ARG(unknown->name));
    }
    if (changed != NULL) {
        return arena_printf(arena,
                            "%s's migration %.*s was applied with other contents than this program "
                            "has; a migration is never edited once it is applied, so put the file "
                            "back and add a new one.",
                            store_name, STR_ARG(changed->name));
    }
    if (due > 0) {
        return arena_printf(arena,
                            "%s's schema is older than this program: %d migration%s not applied; "
                            "run `aizy migrate up`.",
                            store_name, due, due == 1 ? " is" : "s are");
    }
    return (struct str){0};
}
