/*
 * options: the arguments of a command, by a table of rows.
 *
 * `--name value`, `--name=value`, flags as `--name`, `--help` for every command; what does not
 * begin with '-' is an argument, "-" alone too, and after `--` everything is. An option that has no
 * row, comes twice, lacks its value or has one that is not among its choices is refused with a
 * sentence.
 */
#ifndef AIZY_SERVER_CLI_OPTIONS_H
#define AIZY_SERVER_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/check.h"

enum option_kind { OPTION_FLAG, OPTION_TEXT };

struct option_row {
    const char *name; /* without the dashes */
    enum option_kind kind;
    const char *placeholder;    /* of OPTION_TEXT, for the help: "FILE" */
    const char *const *choices; /* of OPTION_TEXT: ends with NULL; NULL: any text but "" */
    const char *help;
};

#define OPTIONS_MAX 8
#define OPTIONS_ARGUMENTS_MAX 2
#define OPTIONS_PROBLEM_SIZE 256

/* Everything is borrowed from argv. */
struct options {
    const struct option_row *rows;
    size_t row_count;
    const char *values[OPTIONS_MAX]; /* by row; NULL: not given */
    const char *arguments[OPTIONS_ARGUMENTS_MAX];
    size_t argument_count;
    bool help_wanted;
};

/* `argv` holds what follows the command's name. False: `problem` has the sentence. */
MUST_USE bool options_parse(struct options *options, const struct option_row *rows,
                            size_t row_count, int argc, const char *const *argv,
                            char problem[static OPTIONS_PROBLEM_SIZE]);

/* Both CHECK that the name has a row of that kind. Text that was not given is NULL. */
bool options_flag(const struct options *options, const char *name);
const char *options_text(const struct options *options, const char *name);

/* One line per row, and one for --help. */
void options_print_help(const struct option_row *rows, size_t row_count, FILE *out);

#endif
