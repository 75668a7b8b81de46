/*
 * setting: settings.def as a table, for what walks over all settings.
 */
#ifndef AIZY_SERVER_CONFIG_SETTING_H
#define AIZY_SERVER_CONFIG_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum setting_kind { SETTING_KIND_GROUP, SETTING_KIND_STR, SETTING_KIND_INT };

struct setting {
    const char *name; /* of a group: its title */
    const char *help;
    const char *default_text; /* of a SETTING_KIND_STR; NULL when it has none */
    int64_t default_number;
    int64_t min;
    int64_t max;
    size_t offset; /* of its member in struct config */
    enum setting_kind kind;
    bool required;
    bool secret;
};

extern const struct setting settings[];
extern const size_t setting_count;

/* NULL when there is none. */
const struct setting *setting_find(struct str name);

#endif
