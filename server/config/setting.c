#include "server/config/setting.h"

#include "server/config/config.h"

const struct setting settings[] = {
#define SETTING_GROUP(title) {.name = (title), .kind = SETTING_KIND_GROUP},
#define SETTING_STR(field, setting_name, default_value, is_required, is_secret, help_text) \
    {.name = (setting_name),                                                               \
     .help = (help_text),                                                                  \
     .default_text = (default_value),                                                      \
     .offset = offsetof(struct config, field),                                             \
     .kind = SETTING_KIND_STR,                                                             \
     .required = (is_required),                                                            \
     .secret = (is_secret)},
#define SETTING_INT(field, setting_name, default_value, min_value, max_value, help_text) \
    {.name = (setting_name),                                                             \
     .help = (help_text),                                                                \
     .default_number = (default_value),                                                  \
     .min = (min_value),                                                                 \
     .max = (max_value),                                                                 \
     .offset = offsetof(struct config, field),                                           \
     .kind = SETTING_KIND_INT},
#include "server/config/settings.def"
#undef SETTING_GROUP
#undef SETTING_STR
#undef SETTING_INT
};

const size_t setting_count = COUNT_OF(settings);

const struct setting *setting_find(struct str name) {
    for (size_t i = 0; i < setting_count; i++) {
        if (settings[i].kind != SETTING_KIND_GROUP && str_equals(str_of(settings[i].name), name)) {
            return &settings[i];
        }
    }
    return NULL;
}
