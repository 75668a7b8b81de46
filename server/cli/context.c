#include "server/cli/context.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/log.h"

/* Two files of fixtures and what is made of them. */
#define CONTEXT_ARENA_BYTES (256UL * 1024 * 1024)

/* An import's errors are the most there is to say, and they are bounded. */
#define CONTEXT_JSON_MAX_BYTES (64UL * 1024 * 1024)

void context_problem(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("aizy: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
}

void context_fault(const char *subject, struct fault fault) {
    const char *advice = fault_is(fault, FAULT_STORE_DOWN) ? " `aizy check` says what is wrong."
                         : fault_is(fault, FAULT_INTERNAL) ? " The log line above has the cause."
                                                           : "";
    context_problem("%s: %s%s", subject, fault_row(fault.name)->sentence, advice);
}

struct config_problems *context_read_settings(struct context *context) {
    *context = (struct context){0};
    arena_init(&context->arena, CONTEXT_ARENA_BYTES);
    log_set_level(LOG_WARN);
    struct config_problems *problems = ARENA_NEW(&context->arena, struct config_problems);
    bool is_right = config_load(&context->config, &context->arena, ".env", problems);
    CHECK(is_right == (problems->count == 0));
    return problems;
}

bool context_open(struct context *context) {
    const struct config_problems *problems = context_read_settings(context);
    for (size_t i = 0; i < problems->count; i++) {
        context_problem("%.*s", STR_ARG(problems->sentences[i]));
    }
    for (size_t i = 0; i < problems->warning_count; i++) {
        context_problem("warning: %.*s", STR_ARG(problems->warnings[i]));
    }
    return problems->count == 0;
}

void context_close(struct context *context) {
    if (context->mysql != NULL) {
        mysql_store_close(context->mysql);
    }
    if (context->mongo != NULL) {
        mongo_store_close(context->mongo);
    }
    if (context->mysql_library_is_open) {
        mysql_store_library_release();
    }
    if (context->mongo_library_is_open) {
        mongo_store_library_release();
    }
    arena_release(&context->arena);
}

bool context_open_mysql(struct context *context, int64_t timeout_ms) {
    if (fault_occurred(mysql_store_library_init())) {
        context_problem("The MySQL client library cannot be used.");
        return false;
    }
    context->mysql_library_is_open = true;
    struct mysql_store_options options = {
        .url = context->config.database_url,
        .connect_timeout_ms = context->config.store_connect_timeout_ms,
        .timeout_ms = timeout_ms != 0 ? timeout_ms : context->config.store_timeout_ms,
        .slow_ms = context->config.slow_store_ms,
    };
    if (fault_occurred(mysql_store_open(&options, &context->mysql))) {
        context_problem("DATABASE_URL cannot be read; it looks like "
                        "mysql://user:password@host:port/database.");
        return false;
    }
    return true;
}

bool context_open_mongo(struct context *context, int64_t timeout_ms) {
    mongo_store_library_init();
    context->mongo_library_is_open = true;
    struct mongo_store_options options = {
        .url = context->config.mongodb_uri,
        .connect_timeout_ms = context->config.store_connect_timeout_ms,
        .timeout_ms = timeout_ms != 0 ? timeout_ms : context->config.store_timeout_ms,
        .slow_ms = context->config.slow_store_ms,
    };
    if (fault_occurred(mongo_store_open(&options, &context->mongo))) {
        context_problem("MONGODB_URI cannot be read or names no database; it looks like "
                        "mongodb://host:port/database?replicaSet=name.");
        return false;
    }
    return true;
}

void context_print_json(const struct schema *schema, const void *object) {
    struct buf json;
    buf_init(&json, CONTEXT_JSON_MAX_BYTES);
    schema_encode(schema, object, &json);
    buf_append_byte(&json, '\n');
    CHECK(!buf_is_overflowed(&json));
    (void)fwrite(json.data, 1, json.size, stdout);
    buf_release(&json);
}

static struct str read_stream(struct arena *arena, FILE *file, const char *path) {
    /* One more than may be there, to tell a file that is too large. */
    char *bytes = arena_alloc(arena, CONTEXT_FILE_MAX_BYTES + 1);
    size_t size = fread(bytes, 1, CONTEXT_FILE_MAX_BYTES + 1, file);
    if (ferror(file) != 0) {
        context_problem("%s cannot be read: %s.", path, strerror(errno));
        return (struct str){0};
    }
    if (size > CONTEXT_FILE_MAX_BYTES) {
        context_problem("%s is too large: at most %ld bytes are read.", path,
                        CONTEXT_FILE_MAX_BYTES);
        return (struct str){0};
    }
    return (struct str){bytes, size};
}

struct str context_read_file(struct context *context, const char *path) {
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        context_problem("%s cannot be opened: %s.", path, strerror(errno));
        return (struct str){0};
    }
    struct str content = read_stream(&context->arena, file, path);
    (void)fclose(file);
    return content;
}
