/*
 * config_check: what the rows of settings.def cannot say about a value.
 */
#ifndef AIZY_SERVER_CONFIG_CONFIG_CHECK_H
#define AIZY_SERVER_CONFIG_CONFIG_CHECK_H

#include "server/config/config.h"

/* Appends a sentence; beyond CONFIG_PROBLEMS_MAX nothing. It lives in the arena. */
void config_problems_add(struct config_problems *problems, struct str sentence);
void config_problems_warn(struct config_problems *problems, struct str sentence);

/* Appends a sentence for each value that is set and cannot be used. */
void config_check(const struct config *config, struct arena *arena,
                  struct config_problems *problems);

#endif
