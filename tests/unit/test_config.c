#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "server/config/config.h"
#include "server/config/setting.h"

#define GOOD_SECRET "nIpHLZYVVmUvv7OBdSvYeHxSxNS3pJrF0ffJ3wVFBLc="

static const char *const valid[][2] = {
    {"DATABASE_URL", "mysql://shop:p@ss/w:rd@127.0.0.1:3306/shop"},
    {"MONGODB_URI", "mongodb://127.0.0.1:27017/shop?replicaSet=rs0"},
    {"JWT_SECRET", GOOD_SECRET},
};

static struct arena arena;
static struct config config;
static struct config_problems problems;

/* An environment of nothing but valid settings that are required. */
static int set_up(void **state) {
    (void)state;
    arena_init(&arena, 1 << 24);
    for (size_t i = 0; i < setting_count; i++) {
        (void)unsetenv(settings[i].name);
    }
    for (size_t i = 0; i < COUNT_OF(valid); i++) {
        assert_int_equal(setenv(valid[i][0], valid[i][1], 1), 0);
    }
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_release(&arena);
    return 0;
}

static bool load(const char *env_path) {
    return config_load(&config, &arena, env_path, &problems);
}

static bool is_said(const struct str *sentences, size_t count, const char *sentence) {
    for (size_t i = 0; i < count; i++) {
        if (str_equals(sentences[i], str_of(sentence))) {
            return true;
        }
    }
    return false;
}

static void print_sentences(void) {
    for (size_t i = 0; i < problems.count; i++) {
        print_message("problem: %.*s\n", STR_ARG(problems.sentences[i]));
    }
    for (size_t i = 0; i < problems.warning_count; i++) {
        print_message("warning: %.*s\n", STR_ARG(problems.warnings[i]));
    }
}

/* Writes a file of its own, loads it and takes it away again. */
static bool load_file(struct str contents, const char **path) {
    char name[] = "/tmp/aizy_test_config_XXXXXX";
    int descriptor = mkstemp(name);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, contents.data, contents.size), contents.size);
    assert_int_equal(close(descriptor), 0);
    *path = arena_c_string(&arena, str_of(name));
    bool loaded = load(name);
    assert_int_equal(unlink(name), 0);
    return loaded;
}

static void fills_in_defaults(void **state) {
    (void)state;
    assert_true(load(NULL));
    assert_true(str_equals(config.database_url, str_of(valid[0][1])));
    assert_true(str_equals(config.environment, STR("production")));
    assert_true(config_is_production(&config));
    assert_true(config.port == 5000);
    assert_true(str_is_absent(config.jwt_secret_previous));
    assert_true(str_is_absent(config.admin_email));
    assert_int_equal(problems.count, 0);
    assert_int_equal(problems.warning_count, 0);
}

static void prefers_the_environment_to_the_file(void **state) {
    (void)state;
    const char *path = NULL;
    setenv("PORT", "6001", 1);
    setenv("HOST", "", 1);
    unsetenv("JWT_SECRET");
    assert_true(load_file(STR("PORT=6000\nHOST=0.0.0.0\nAIZY_ENV=development\nADMIN_EMAIL=\n"
                              "JWT_SECRET='" GOOD_SECRET "'\nPROT=80\n"),
                          &path));
    assert_true(config.port == 6001);
    assert_true(str_equals(config.host, STR("0.0.0.0")));
    assert_true(str_equals(config.jwt_secret, STR(GOOD_SECRET)));
    assert_true(str_is_absent(config.admin_email));
    assert_false(config_is_production(&config));
    assert_int_equal(problems.warning_count, 1);
    assert_true(is_said(problems.warnings, problems.warning_count,
                        arena_printf(&arena, "%s: Line 6: PROT is no setting.", path).data));
}

static void refuses_files_it_cannot_use(void **state) {
    (void)state;
    const char *path = NULL;
    assert_true(load("/nonexistent/.env"));
    assert_false(load("/"));
    assert_true(
        is_said(problems.sentences, problems.count, "/: It cannot be read: Is a directory."));
    assert_false(load_file(STR("PORT=1\0"), &path));
    assert_true(is_said(problems.sentences, problems.count,
                        arena_printf(&arena, "%s: It contains a NUL byte.", path).data));
    assert_false(load_file(STR("PORT=1\nnonsense"), &path));
    assert_true(is_said(
        problems.sentences, problems.count,
        arena_printf(&arena, "%s: Line 2 is not NAME=value with a name of A-Z, 0-9 and _.", path)
            .data));
    struct str large = {arena_alloc(&arena, 300000), 300000};
    assert_false(load_file(large, &path));
    assert_true(is_said(problems.sentences, problems.count,
                        arena_printf(&arena, "%s: It is larger than 262144 bytes.", path).data));
}

#define URL_SHAPE "; it must look like mysql://user:password@host:port/database."
#define MONGO_SHAPE "; it must look like mongodb://host:port/database?replicaSet=name."
#define ADMIN_SHAPE                                                                            \
    "; it must look like postgresql://user:password@host:port/database, https://host/path or " \
    "log:."
#define SECRET_SHAPE                                                                              \
    "; it needs 32 to 4096 bytes that nobody can guess, for instance from: openssl rand -base64 " \
    "48"
#define ORIGIN_SHAPE "; one looks like https://shop.example or http://localhost:3000."

static void refuses_each_value_with_its_sentence(void **state) {
    (void)state;
    static const struct {
        const char *name;
        const char *value;
        const char *sentence;
    } cases[] = {
        {"PORT", "http", "PORT must be a whole number from 0 to 65535."},
        {"PORT", "65536", "PORT must be a whole number from 0 to 65535."},
        {"PORT", "-1", "PORT must be a whole number from 0 to 65535."},
        {"PORT", "5000 ", "PORT must be a whole number from 0 to 65535."},
        {"STORE_QUEUE", "0", "STORE_QUEUE must be a whole number from 1 to 1000000."},
        {"STORE_QUEUE", "99999999999999999999",
         "STORE_QUEUE must be a whole number from 1 to 1000000."},
        {"AIZY_ENV", "prod", "AIZY_ENV must be production, development or test."},
        {"LOG_LEVEL", "INFO", "LOG_LEVEL must be debug, info, warn or error."},
        {"DATABASE_URL", "postgresql://h/d", "DATABASE_URL begins with another scheme" URL_SHAPE},
        {"DATABASE_URL", "mysql://u:p@/d", "DATABASE_URL names no host" URL_SHAPE},
        {"DATABASE_URL", "mysql://u:p@h:x/d",
         "DATABASE_URL has a host or port that cannot be read" URL_SHAPE},
        {"DATABASE_URL", "mysql://u:p@h:70000/d",
         "DATABASE_URL has a host or port that cannot be read" URL_SHAPE},
        {"DATABASE_URL", "mysql://u:p@h", "DATABASE_URL names no database" URL_SHAPE},
        {"DATABASE_URL", "mysql://u:p p@h/d",
         "DATABASE_URL contains a blank or a control character (percent-encode it)" URL_SHAPE},
        {"MONGODB_URI", "mongodb://h", "MONGODB_URI names no database" MONGO_SHAPE},
        {"MONGODB_URI", "http://h/d", "MONGODB_URI begins with another scheme" MONGO_SHAPE},
        {"ADMIN_DATABASE_URL", "mysql://h/d",
         "ADMIN_DATABASE_URL begins with another scheme" ADMIN_SHAPE},
        {"JWT_SECRET", "nIpHLZYVVmUvv7OBdSvYeHxSxNS3pJr", "JWT_SECRET is too short" SECRET_SHAPE},
        {"JWT_SECRET", "changemechangemechangemechangeme",
         "JWT_SECRET is a known default" SECRET_SHAPE},
        {"JWT_SECRET_PREVIOUS", "secret", "JWT_SECRET_PREVIOUS is too short" SECRET_SHAPE},
        {"JWT_SECRET_PREVIOUS", GOOD_SECRET,
         "JWT_SECRET_PREVIOUS is the same as JWT_SECRET; leave it out, or put the secret before "
         "this one there."},
        {"CORS_ORIGINS", "http://localhost:3000,*",
         "CORS_ORIGINS: origin 2 begins with neither http:// nor https://" ORIGIN_SHAPE},
        {"CORS_ORIGINS", "https://shop.example/",
         "CORS_ORIGINS: origin 1 goes on after the host and port" ORIGIN_SHAPE},
        {"FAULT_INJECT_FILE", "/tmp/fault",
         "FAULT_INJECT_FILE is for tests: leave it out in production, and in builds without "
         "AIZY_DEBUG."},
        {"CURRENCY", "usd", "CURRENCY must be a code of ISO 4217 in capitals, for instance EUR."},
        {"CURRENCY", "XXZ", "CURRENCY must be a code of ISO 4217 in capitals, for instance EUR."},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        (void)tear_down(NULL);
        (void)set_up(NULL);
        setenv(cases[i].name, cases[i].value, 1);
        bool loaded = load(NULL);
        if (loaded || problems.count != 1 ||
            !is_said(problems.sentences, problems.count, cases[i].sentence)) {
            print_sentences();
            fail_msg("%s=%s", cases[i].name, cases[i].value);
        }
    }
}

static void names_everything_that_is_missing_or_wrong_at_once(void **state) {
    (void)state;
    unsetenv("DATABASE_URL");
    setenv("MONGODB_URI", "", 1);
    setenv("JWT_SECRET", "hunter2", 1);
    setenv("PORT", "many", 1);
    assert_false(load(NULL));
    assert_int_equal(problems.count, 4);
    assert_true(str_starts_with(problems.sentences[0],
                                STR("DATABASE_URL is required but not set (mysql://")));
    assert_true(str_starts_with(problems.sentences[1],
                                STR("MONGODB_URI is required but not set (mongodb://")));
    for (size_t i = 0; i < problems.count; i++) {
        assert_null(strstr(problems.sentences[i].data, "hunter2"));
    }
}

static struct str print_example(void) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    config_print_example(out);
    assert_int_equal(fclose(out), 0);
    struct str example = arena_copy(&arena, (struct str){text, size});
    free(text);
    return example;
}

/* Runs in the root of the repository. AIZY_WRITE_EXAMPLE=1 writes the file anew. */
static void keeps_the_example_as_it_would_be_printed(void **state) {
    (void)state;
    struct str example = print_example();
    if (getenv("AIZY_WRITE_EXAMPLE") != NULL) {
        FILE *out = fopen(".env.example", "we");
        assert_non_null(out);
        assert_int_equal(fwrite(example.data, 1, example.size, out), example.size);
        assert_int_equal(fclose(out), 0);
    }
    FILE *file = fopen(".env.example", "re");
    assert_non_null(file);
    char *kept = arena_alloc(&arena, example.size + 1);
    size_t size = fread(kept, 1, example.size + 1, file);
    assert_int_equal(fclose(file), 0);
    if (!str_equals(example, (struct str){kept, size})) {
        fail_msg(".env.example is not what settings.def says; write it anew with "
                 "AIZY_WRITE_EXAMPLE=1");
    }
}

/* Copied as it is, it must ask for what is required; filled in and uncommented, it must load. */
static void gives_an_example_that_loads(void **state) {
    (void)state;
    const char *path = NULL;
    struct str example = print_example();
    assert_true(load_file(example, &path));
    struct buf uncommented;
    buf_init(&uncommented, 1 << 20);
    struct str line;
    while (str_next(&example, '\n', &line)) {
        bool is_setting = str_starts_with(line, STR("#")) && !str_starts_with(line, STR("# ")) &&
                          !str_starts_with(line, STR("##"));
        buf_append_str(&uncommented, is_setting ? str_slice(line, 1, SIZE_MAX) : line);
        buf_append_byte(&uncommented, '\n');
    }
    assert_true(load_file(buf_str(&uncommented), &path));
    assert_int_equal(problems.warning_count, 0);
    for (size_t i = 0; i < COUNT_OF(valid); i++) {
        unsetenv(valid[i][0]);
    }
    assert_false(load_file(buf_str(&uncommented), &path));
    assert_int_equal(problems.count, COUNT_OF(valid));
    buf_release(&uncommented);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fills_in_defaults, set_up, tear_down),
        cmocka_unit_test_setup_teardown(prefers_the_environment_to_the_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_files_it_cannot_use, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_each_value_with_its_sentence, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_everything_that_is_missing_or_wrong_at_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(keeps_the_example_as_it_would_be_printed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(gives_an_example_that_loads, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
