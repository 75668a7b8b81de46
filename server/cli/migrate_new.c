#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/cli/command.h"
#include "server/cli/context.h"

#define NAME_MAX_BYTES 80
#define NUMBER_DIGITS 4
#define NUMBER_MAX 9999

struct migration_kind {
    const char *store;
    const char *ending;
    const char *content;
};

static const struct migration_kind kinds[] = {
    {"mysql", "sql", "-- One DDL statement, because each commits by itself.\n"},
    {"mongo", "json", "{\n    \"commands\": [\n    ]\n}\n"},
};

static const char *const store_choices[] = {"mysql", "mongo", NULL};

static bool name_is_valid(const char *name) {
    size_t size = strlen(name);
    return size > 0 && size <= NAME_MAX_BYTES &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == size;
}

/* The number that a file's name begins with; 0 when it is no migration. */
static int number_of(const char *file_name) {
    for (size_t i = 0; i < NUMBER_DIGITS; i++) {
        if (isdigit((unsigned char)file_name[i]) == 0) {
            return 0;
        }
    }
    return file_name[NUMBER_DIGITS] == '_' ? (int)strtol(file_name, NULL, 10) : 0;
}

/* -1 when the folder cannot be read. */
static int highest_number(const char *folder) {
    DIR *directory = opendir(folder);
    if (directory == NULL) {
        return -1;
    }
    int highest = 0;
    const struct dirent *entry = NULL;
    while ((entry = readdir(directory)) != NULL) {
        int number = number_of(entry->d_name);
        highest = number > highest ? number : highest;
    }
    (void)closedir(directory);
    return highest;
}

static bool write_new_file(const char *path, const char *content) {
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (descriptor < 0) {
        return false;
    }
    size_t size = strlen(content);
    bool is_written = write(descriptor, content, size) == (ssize_t)size;
    return close(descriptor) == 0 && is_written;
}

static enum command_result run_new(const struct options *options) {
    const char *name = options->arguments[0];
    const char *store = options_text(options, "store");
    const struct migration_kind *kind =
        store != NULL && strcmp(store, kinds[1].store) == 0 ? &kinds[1] : &kinds[0];
    if (!name_is_valid(name)) {
        context_problem("A migration's name has a-z, 0-9 and _ only, at most %d of them: "
                        "add_users_locale.",
                        NAME_MAX_BYTES);
        return COMMAND_MISUSED;
    }
    char folder[32];
    (void)snprintf(folder, sizeof(folder), "migrations/%s", kind->store);
    int highest = highest_number(folder);
    if (highest < 0) {
        context_problem("There is no folder %s here; run this at the root of the project.", folder);
        return COMMAND_FAILED;
    }
    if (highest == NUMBER_MAX) {
        context_problem("The numbers of %s are used up.", folder);
        return COMMAND_FAILED;
    }
    char path[sizeof(folder) + NUMBER_DIGITS + NAME_MAX_BYTES + 16];
    (void)snprintf(path, sizeof(path), "%s/%04d_%s.%s", folder, highest + 1, name, kind->ending);
    if (!write_new_file(path, kind->content)) {
        context_problem("%s cannot be written: %s.", path, strerror(errno));
        return COMMAND_FAILED;
    }
    (void)printf("%s\n", path);
    return COMMAND_DONE;
}

static const struct option_row new_options[] = {
    {.name = "store",
     .kind = OPTION_TEXT,
     .placeholder = "STORE",
     .choices = store_choices,
     .help = "mysql (the default) or mongo"},
};

const struct command migrate_new_command = {
    .name = "migrate",
    .subname = "new",
    .arguments = "NAME",
    .argument_count = 1,
    .summary = "write the file of a new migration",
    .help = "Writes migrations/STORE/NNNN_NAME with the next number and prints its path. The file\n"
            "becomes part of the program when that is built.\n",
    .options = new_options,
    .option_count = COUNT_OF(new_options),
    .run = run_new,
};
