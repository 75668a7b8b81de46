/*
 * command: what `aizy NAME` does; main.c has the table of them all.
 *
 * A command prints its result to standard output and its problems, as sentences for people, to
 * standard error. It reads no password from its arguments, where every user of the machine sees
 * them.
 */
#ifndef AIZY_SERVER_CLI_COMMAND_H
#define AIZY_SERVER_CLI_COMMAND_H

#include "server/cli/options.h"

/* What a command returns: the process's exit status. */
enum command_result {
    COMMAND_DONE = 0,
    COMMAND_FAILED = 1,
    COMMAND_MISUSED = 2, /* wrong usage, or wrong or missing settings */
};

struct command {
    const char *name;
    const char *subname;   /* "up" of `aizy migrate up`; NULL when the command is one word */
    const char *arguments; /* for the help: "FILE"; NULL: it takes none */
    size_t argument_count; /* exactly as many */
    const char *summary;   /* one line */
    const char *help;      /* more lines, each ended; NULL */
    const struct option_row *options;
    size_t option_count;
    enum command_result (*run)(const struct options *options);
};

extern const struct command serve_command;
extern const struct command migrate_up_command;
extern const struct command migrate_status_command;
extern const struct command migrate_reset_command;
extern const struct command migrate_new_command;
extern const struct command seed_command;
extern const struct command check_command;
extern const struct command openapi_command;
extern const struct command config_command;
extern const struct command admin_create_command;
extern const struct command admin_reset_password_command;
extern const struct command import_command;
extern const struct command export_command;
extern const struct command inventory_verify_command;
extern const struct command version_command;

#endif
