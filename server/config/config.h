/*
 * config: what the program is told by its environment and by .env.
 *
 * The rows are in settings.def; each makes one member of `struct config`. A variable of the
 * environment wins over .env, and one that is set but empty counts as not set. .env has lines
 * NAME=value: '#' begins a comment at the start of a line or after a space, single quotes keep
 * everything as it is, double quotes know \n \r \t \" and \\, may span lines, and nothing is
 * expanded. A name in .env that is no setting is reported as a warning, so that a typo shows.
 */
#ifndef AIZY_SERVER_CONFIG_CONFIG_H
#define AIZY_SERVER_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/fault.h"

struct config {
#define SETTING_GROUP(title)
#define SETTING_STR(field, name, default_value, required, secret, help) struct str field;
#define SETTING_INT(field, name, default_value, min, max, help) int64_t field;
#include "server/config/settings.def"
#undef SETTING_GROUP
#undef SETTING_STR
#undef SETTING_INT
};

#define CONFIG_PROBLEMS_MAX 64

/* Sentences for people, each naming its variable, none containing a secret; in the arena. */
struct config_problems {
    struct str sentences[CONFIG_PROBLEMS_MAX];
    size_t count;
    struct str warnings[CONFIG_PROBLEMS_MAX];
    size_t warning_count;
};

/*
 * Fills *config from the environment and from the file at `env_path` (NULL or a file that is not
 * there: the environment alone). What it points to lives in the arena. Returns false when
 * problems->count > 0: then every violation is listed, not only the first. Checked beyond the rows:
 * JWT_SECRET of 32 bytes or more and not one of the known defaults ("changeme", "secret", ... and
 * what .env.example shows, repeated or padded), AIZY_ENV and LOG_LEVEL among their values, the URLs
 * parse, origins are scheme://host[:port], currency is a known code.
 */
MUST_USE bool config_load(struct config *config, struct arena *arena, const char *env_path,
                          struct config_problems *problems);

/* The contents of .env.example. */
void config_print_example(FILE *out);

/* Development and test relax what only hurts there; production is the default. */
bool config_is_production(const struct config *config);

#endif
