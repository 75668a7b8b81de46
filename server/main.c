#include <signal.h>
#include <string.h>

#include "server/cli/command.h"

static const struct command *const commands[] = {
    &serve_command,
    &migrate_up_command,
    &migrate_status_command,
    &migrate_reset_command,
    &migrate_new_command,
    &seed_command,
    &check_command,
    &openapi_command,
    &config_command,
    &admin_create_command,
    &admin_reset_password_command,
    &import_command,
    &export_command,
    &inventory_verify_command,
    &version_command,
};

static bool is_named(const char *argument, const char *name) {
    return argument != NULL && name != NULL && strcmp(argument, name) == 0;
}

/* Of all commands, or of those that share the first word `name`. */
static void print_usage(FILE *out, const char *name) {
    (void)fprintf(out, "usage: aizy COMMAND [options]; aizy COMMAND --help says more.\n\n");
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        const struct command *command = commands[i];
        if (name != NULL && !is_named(name, command->name)) {
            continue;
        }
        char words[64];
        (void)snprintf(
            words, sizeof(words), "%s%s%s%s%s", command->name, command->subname != NULL ? " " : "",
            command->subname != NULL ? command->subname : "", command->arguments != NULL ? " " : "",
            command->arguments != NULL ? command->arguments : "");
        (void)fprintf(out, "  %-22s %s\n", words, command->summary);
    }
}

static void print_help(const struct command *command) {
    (void)printf("usage: aizy %s%s%s%s%s [options]\n\n%s\n", command->name,
                 command->subname != NULL ? " " : "",
                 command->subname != NULL ? command->subname : "",
                 command->arguments != NULL ? " " : "",
                 command->arguments != NULL ? command->arguments : "", command->summary);
    if (command->help != NULL) {
        (void)printf("\n%s", command->help);
    }
    (void)printf("\n");
    options_print_help(command->options, command->option_count, stdout);
}

static const struct command *find_command(const char *name, const char *subname) {
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        if (is_named(name, commands[i]->name) &&
            (commands[i]->subname == NULL || is_named(subname, commands[i]->subname))) {
            return commands[i];
        }
    }
    return NULL;
}

static bool has_group(const char *name) {
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        if (is_named(name, commands[i]->name)) {
            return true;
        }
    }
    return false;
}

static enum command_result refuse(const struct command *command, const char *problem) {
    (void)fprintf(stderr, "aizy: %s See: aizy %s%s%s --help\n", problem, command->name,
                  command->subname != NULL ? " " : "",
                  command->subname != NULL ? command->subname : "");
    return COMMAND_MISUSED;
}

static enum command_result run_command(const struct command *command, int argc,
                                       const char *const *argv) {
    struct options options;
    char problem[OPTIONS_PROBLEM_SIZE];
    if (!options_parse(&options, command->options, command->option_count, argc, argv, problem)) {
        return refuse(command, problem);
    }
    if (options.help_wanted) {
        print_help(command);
        return COMMAND_DONE;
    }
    if (options.argument_count < command->argument_count) {
        (void)snprintf(problem, sizeof(problem), "%s is missing.", command->arguments);
        return refuse(command, problem);
    }
    if (options.argument_count > command->argument_count) {
        (void)snprintf(problem, sizeof(problem), "These are too many arguments: %.100s.",
                       options.arguments[command->argument_count]);
        return refuse(command, problem);
    }
    enum command_result result = command->run(&options);
    /* A result that nobody received is no success: a full disk, a pipe whose reader has left. */
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        (void)fprintf(stderr, "aizy: the result could not be written.\n");
        return COMMAND_FAILED;
    }
    return result;
}

int main(int argc, char **argv) {
    const char *const *words = (const char *const *)argv;
    const char *name = argc > 1 ? words[1] : NULL;
    const char *subname = argc > 2 ? words[2] : NULL;
    (void)signal(SIGPIPE, SIG_IGN);

    const struct command *command = find_command(name, subname);
    if (command != NULL) {
        int skipped = command->subname != NULL ? 3 : 2;
        return (int)run_command(command, argc - skipped, words + skipped);
    }
    bool help_wanted = is_named(name, "--help") || is_named(name, "-h") || is_named(name, "help") ||
                       is_named(subname, "--help") || is_named(subname, "-h");
    if (is_named(name, "--version")) {
        return (int)version_command.run(NULL);
    }
    if (name != NULL && !help_wanted && has_group(name) && subname == NULL) {
        (void)fprintf(stderr, "aizy: %s needs a second word.\n", name);
    } else if (name != NULL && !help_wanted) {
        (void)fprintf(stderr, "aizy: there is no command %s%s%s.\n", name,
                      has_group(name) ? " " : "", has_group(name) ? subname : "");
    }
    print_usage(help_wanted ? stdout : stderr, name != NULL && has_group(name) ? name : NULL);
    return help_wanted ? COMMAND_DONE : COMMAND_MISUSED;
}
