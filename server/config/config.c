#include "server/config/config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/buf.h"
#include "server/config/config_check.h"
#include "server/config/dotenv.h"
#include "server/config/setting.h"

/* False with errno when it cannot be read; a file that is not there is empty. */
static bool read_file(const char *path, struct buf *contents) {
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return errno == ENOENT || errno == ENOTDIR;
    }
    char piece[4096];
    size_t size = 0;
    while ((size = fread(piece, 1, sizeof piece, file)) > 0) {
        buf_append(contents, piece, size);
    }
    int error = ferror(file) ? errno : 0;
    (void)fclose(file);
    errno = error;
    return error == 0;
}

static void load_dotenv(struct dotenv *dotenv, struct arena *arena, const char *path,
                        struct config_problems *problems) {
    struct buf contents;
    struct str wrong = {0};
    buf_init(&contents, DOTENV_MAX_BYTES);
    if (!read_file(path, &contents)) {
        wrong = arena_printf(arena, "It cannot be read: %s.", strerror(errno));
    } else if (buf_is_overflowed(&contents)) {
        wrong = arena_printf(arena, "It is larger than %d bytes.", DOTENV_MAX_BYTES);
    } else if (str_find_byte(buf_str(&contents), '\0') < contents.size) {
        wrong = STR("It contains a NUL byte.");
    } else {
        dotenv_parse(dotenv, arena, buf_str(&contents), &wrong);
    }
    if (!str_is_absent(wrong)) {
        config_problems_add(problems, arena_printf(arena, "%s: %.*s", path, STR_ARG(wrong)));
    }
    buf_release(&contents);
}

static void warn_of_unknown_names(const struct dotenv *dotenv, struct arena *arena,
                                  const char *path, struct config_problems *problems) {
    for (size_t i = 0; i < dotenv->count; i++) {
        const struct dotenv_entry *entry = &dotenv->entries[i];
        if (setting_find(entry->name) == NULL) {
            config_problems_warn(problems, arena_printf(arena, "%s: Line %zu: %.*s is no setting.",
                                                        path, entry->line, STR_ARG(entry->name)));
        }
    }
}

/* What the environment says, else .env; absent when neither does or it is empty. */
static struct str find_value(const struct dotenv *dotenv, struct arena *arena, const char *name) {
    const char *variable = getenv(name);
    if (variable != NULL && variable[0] != '\0') {
        return arena_copy(arena, str_of(variable));
    }
    const struct dotenv_entry *entry = dotenv_find(dotenv, str_of(name));
    return entry == NULL || str_is_empty(entry->value) ? (struct str){0} : entry->value;
}

static void set_text(struct config *config, struct arena *arena, const struct setting *setting,
                     struct str value, struct config_problems *problems) {
    struct str *member = (void *)((char *)config + setting->offset);
    *member = str_is_absent(value) ? str_of(setting->default_text) : value;
    if (setting->required && str_is_absent(*member)) {
        config_problems_add(problems, arena_printf(arena, "%s is required but not set (%s).",
                                                   setting->name, setting->help));
    }
}

static void set_number(struct config *config, struct arena *arena, const struct setting *setting,
                       struct str value, struct config_problems *problems) {
    int64_t *member = (void *)((char *)config + setting->offset);
    *member = setting->default_number;
    if (str_is_absent(value)) {
        return;
    }
    int64_t number = 0;
    if (!str_to_int64(value, &number) || number < setting->min || number > setting->max) {
        config_problems_add(problems, arena_printf(arena,
                                                   "%s must be a whole number from %" PRId64
                                                   " to %" PRId64 ".",
                                                   setting->name, setting->min, setting->max));
        return;
    }
    *member = number;
}

bool config_load(struct config *config, struct arena *arena, const char *env_path,
                 struct config_problems *problems) {
    *config = (struct config){0};
    *problems = (struct config_problems){0};
    struct dotenv *dotenv = ARENA_NEW(arena, struct dotenv);
    if (env_path != NULL) {
        load_dotenv(dotenv, arena, env_path, problems);
        warn_of_unknown_names(dotenv, arena, env_path, problems);
    }
    for (size_t i = 0; i < setting_count; i++) {
        const struct setting *setting = &settings[i];
        if (setting->kind == SETTING_KIND_GROUP) {
            continue;
        }
        struct str value = find_value(dotenv, arena, setting->name);
        if (setting->kind == SETTING_KIND_INT) {
            set_number(config, arena, setting, value, problems);
        } else {
            set_text(config, arena, setting, value, problems);
        }
    }
    config_check(config, arena, problems);
    return problems->count == 0;
}

bool config_is_production(const struct config *config) {
    return str_equals(config->environment, STR("production"));
}
