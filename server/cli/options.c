#include "server/cli/options.h"

#include <string.h>

static const struct option_row *find_row(const struct option_row *rows, size_t count,
                                         const char *name, size_t name_size) {
    for (size_t i = 0; i < count; i++) {
        if (strlen(rows[i].name) == name_size && memcmp(rows[i].name, name, name_size) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

static bool is_choice(const struct option_row *row, const char *value) {
    if (row->choices == NULL) {
        return value[0] != '\0';
    }
    for (const char *const *choice = row->choices; *choice != NULL; choice++) {
        if (strcmp(*choice, value) == 0) {
            return true;
        }
    }
    return false;
}

static void describe_bad_value(const struct option_row *row,
                               char problem[static OPTIONS_PROBLEM_SIZE]) {
    if (row->choices == NULL) {
        (void)snprintf(problem, OPTIONS_PROBLEM_SIZE, "--%s needs a value.", row->name);
        return;
    }
    int used = snprintf(problem, OPTIONS_PROBLEM_SIZE, "--%s is one of:", row->name);
    for (const char *const *choice = row->choices; *choice != NULL; choice++) {
        CHECK(used > 0 && used < OPTIONS_PROBLEM_SIZE);
        used += snprintf(problem + used, OPTIONS_PROBLEM_SIZE - (size_t)used, "%s %s",
                         choice == row->choices ? "" : ",", *choice);
    }
}

/* `option` begins after the dashes; `next` is the argument that follows, or NULL. */
static bool parse_option(struct options *options, const char *option, const char *next,
                         bool *next_is_taken, char problem[static OPTIONS_PROBLEM_SIZE]) {
    const char *equals = strchr(option, '=');
    size_t name_size = equals != NULL ? (size_t)(equals - option) : strlen(option);
    const struct option_row *row = find_row(options->rows, options->row_count, option, name_size);
    if (row == NULL) {
        (void)snprintf(problem, OPTIONS_PROBLEM_SIZE, "There is no option --%.*s here.",
                       (int)(name_size < 100 ? name_size : 100), option);
        return false;
    }
    const char **value = &options->values[row - options->rows];
    if (*value != NULL) {
        (void)snprintf(problem, OPTIONS_PROBLEM_SIZE, "--%s is given twice.", row->name);
        return false;
    }
    if (row->kind == OPTION_FLAG) {
        (void)snprintf(problem, OPTIONS_PROBLEM_SIZE, "--%s takes no value.", row->name);
        *value = "";
        return equals == NULL;
    }
    if (equals != NULL) {
        *value = equals + 1;
    } else if (next != NULL && strncmp(next, "--", 2) != 0) {
        *value = next;
        *next_is_taken = true;
    }
    if (*value == NULL || !is_choice(row, *value)) {
        describe_bad_value(row, problem);
        return false;
    }
    return true;
}

static bool add_argument(struct options *options, const char *argument,
                         char problem[static OPTIONS_PROBLEM_SIZE]) {
    if (options->argument_count == OPTIONS_ARGUMENTS_MAX) {
        (void)snprintf(problem, OPTIONS_PROBLEM_SIZE, "These are too many arguments: %.100s.",
                       argument);
        return false;
    }
    options->arguments[options->argument_count++] = argument;
    return true;
}

bool options_parse(struct options *options, const struct option_row *rows, size_t row_count,
                   int argc, const char *const *argv, char problem[static OPTIONS_PROBLEM_SIZE]) {
    CHECK(row_count <= OPTIONS_MAX);
    *options = (struct options){.rows = rows, .row_count = row_count};
    problem[0] = '\0';
    bool options_ended = false;
    for (int i = 0; i < argc; i++) {
        const char *argument = argv[i];
        bool next_is_taken = false;
        if (options_ended || argument[0] != '-' || argument[1] == '\0') {
            if (!add_argument(options, argument, problem)) {
                return false;
            }
        } else if (strcmp(argument, "--") == 0) {
            options_ended = true;
        } else if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0) {
            options->help_wanted = true;
        } else if (argument[1] != '-') {
            (void)snprintf(problem, OPTIONS_PROBLEM_SIZE, "There is no option %.100s here.",
                           argument);
            return false;
        } else if (!parse_option(options, argument + 2, i + 1 < argc ? argv[i + 1] : NULL,
                                 &next_is_taken, problem)) {
            return false;
        }
        i += next_is_taken ? 1 : 0;
    }
    return true;
}

static const char *value_of(const struct options *options, const char *name,
                            enum option_kind kind) {
    const struct option_row *row = find_row(options->rows, options->row_count, name, strlen(name));
    CHECK(row != NULL && row->kind == kind);
    return options->values[row - options->rows];
}

bool options_flag(const struct options *options, const char *name) {
    return value_of(options, name, OPTION_FLAG) != NULL;
}

const char *options_text(const struct options *options, const char *name) {
    return value_of(options, name, OPTION_TEXT);
}

void options_print_help(const struct option_row *rows, size_t row_count, FILE *out) {
    for (size_t i = 0; i < row_count; i++) {
        char left[64];
        bool has_value = rows[i].kind == OPTION_TEXT;
        (void)snprintf(left, sizeof(left), "--%s%s%s", rows[i].name, has_value ? " " : "",
                       has_value ? rows[i].placeholder : "");
        (void)fprintf(out, "  %-22s %s\n", left, rows[i].help);
    }
    (void)fprintf(out, "  %-22s %s\n", "--help", "show this");
}
