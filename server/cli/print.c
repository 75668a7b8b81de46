#include "server/api/openapi.h"

#include "server/cli/command.h"
#include "server/config/config.h"

/* The document is some hundred kilobytes. */
#define OPENAPI_ARENA_BYTES (64UL * 1024 * 1024)

static enum command_result run_openapi(const struct options *options) {
    (void)options;
    struct arena arena;
    arena_init(&arena, OPENAPI_ARENA_BYTES);
    struct str document = openapi_render(&arena);
    (void)fwrite(document.data, 1, document.size, stdout);
    (void)fputc('\n', stdout);
    arena_release(&arena);
    return COMMAND_DONE;
}

const struct command openapi_command = {
    .name = "openapi",
    .summary = "print the API's description (OpenAPI, JSON)",
    .run = run_openapi,
};

static enum command_result run_config(const struct options *options) {
    (void)options;
    config_print_example(stdout);
    return COMMAND_DONE;
}

const struct command config_command = {
    .name = "config",
    .summary = "print every setting with its default, as .env.example",
    .run = run_config,
};

static enum command_result run_version(const struct options *options) {
    (void)options;
    (void)printf("aizy %s\n", AIZY_VERSION);
    return COMMAND_DONE;
}

const struct command version_command = {
    .name = "version",
    .summary = "print the version",
    .run = run_version,
};
