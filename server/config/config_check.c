#include "server/config/config_check.h"

#include "base/money.h"
#include "server/config/listen.h"
#include "server/config/secret_check.h"
#include "server/config/url_check.h"
#include "server/security/token.h"

#define ALLOWED_VALUES_MAX 4

static const struct {
    size_t offset;
    const char *name;
    const char *values[ALLOWED_VALUES_MAX];
    const char *listed;
} choices[] = {
    {offsetof(struct config, environment),
     "AIZY_ENV",
     {"production", "development", "test"},
     "production, development or test"},
    {offsetof(struct config, log_level),
     "LOG_LEVEL",
     {"debug", "info", "warn", "error"},
     "debug, info, warn or error"},
};

static const struct {
    size_t offset;
    const char *name;
    struct url_scheme schemes[URL_SCHEMES_MAX + 1];
    const char *listed;
} addresses[] = {
    {offsetof(struct config, database_url),
     "DATABASE_URL",
     {{"mysql://", "socket", true, true, true}},
     "mysql://user:password@host:port/database"},
    {offsetof(struct config, mongodb_uri),
     "MONGODB_URI",
     {{"mongodb://", NULL, true, true, false}, {"mongodb+srv://", NULL, true, true, false}},
     "mongodb://host:port/database?replicaSet=name"},
    {offsetof(struct config, admin_database_url),
     "ADMIN_DATABASE_URL",
     {{"postgresql://", "host", true, true, false},
      {"postgres://", "host", true, true, false},
      {"https://", NULL, true, false, false},
      {"log:", NULL, false, false, false}},
     "postgresql://user:password@host:port/database, https://host/path or log:"},
};

static const struct {
    size_t offset;
    const char *name;
} secrets[] = {
    {offsetof(struct config, jwt_secret), "JWT_SECRET"},
    {offsetof(struct config, jwt_secret_previous), "JWT_SECRET_PREVIOUS"},
    {offsetof(struct config, metrics_token), "METRICS_TOKEN"},
};

void config_problems_add(struct config_problems *problems, struct str sentence) {
    if (problems->count < CONFIG_PROBLEMS_MAX) {
        problems->sentences[problems->count++] = sentence;
    }
}

void config_problems_warn(struct config_problems *problems, struct str sentence) {
    if (problems->warning_count < CONFIG_PROBLEMS_MAX) {
        problems->warnings[problems->warning_count++] = sentence;
    }
}

static struct str text_at(const struct config *config, size_t offset) {
    return *(const struct str *)(const void *)((const char *)config + offset);
}

static bool is_one_of(struct str value, const char *const values[static ALLOWED_VALUES_MAX]) {
    for (size_t i = 0; i < ALLOWED_VALUES_MAX && values[i] != NULL; i++) {
        if (str_equals(value, str_of(values[i]))) {
            return true;
        }
    }
    return false;
}

static void check_choices(const struct config *config, struct arena *arena,
                          struct config_problems *problems) {
    for (size_t i = 0; i < COUNT_OF(choices); i++) {
        if (!is_one_of(text_at(config, choices[i].offset), choices[i].values)) {
            config_problems_add(problems, arena_printf(arena, "%s must be %s.", choices[i].name,
                                                       choices[i].listed));
        }
    }
}

static void check_addresses(const struct config *config, struct arena *arena,
                            struct config_problems *problems) {
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        struct str url = text_at(config, addresses[i].offset);
        if (str_is_absent(url)) {
            continue;
        }
        const char *wrong = url_problem(arena, url, addresses[i].schemes);
        if (wrong != NULL) {
            config_problems_add(problems,
                                arena_printf(arena, "%s %s; it must look like %s.",
                                             addresses[i].name, wrong, addresses[i].listed));
        }
    }
}

static void check_secrets(const struct config *config, struct arena *arena,
                          struct config_problems *problems) {
    for (size_t i = 0; i < COUNT_OF(secrets); i++) {
        struct str secret = text_at(config, secrets[i].offset);
        const char *wrong =
            str_is_absent(secret) ? NULL : secret_problem(secret, TOKEN_SECRET_MIN_BYTES);
        if (wrong != NULL) {
            config_problems_add(
                problems,
                arena_printf(arena,
                             "%s %s; it needs %d to %d bytes that nobody can guess, for "
                             "instance from: openssl rand -base64 48",
                             secrets[i].name, wrong, TOKEN_SECRET_MIN_BYTES, SECRET_MAX_BYTES));
        }
    }
    if (!str_is_absent(config->jwt_secret) &&
        str_equals(config->jwt_secret, config->jwt_secret_previous)) {
        config_problems_add(problems, STR("JWT_SECRET_PREVIOUS is the same as JWT_SECRET; leave it "
                                          "out, or put the secret before this one there."));
    }
}

static void check_origins(const struct config *config, struct arena *arena,
                          struct config_problems *problems) {
    struct str rest = config->cors_origins;
    struct str origin;
    for (size_t number = 1; str_next(&rest, ',', &origin); number++) {
        const char *wrong = origin_problem(arena, str_trim(origin));
        if (wrong != NULL) {
            config_problems_add(
                problems,
                arena_printf(arena,
                             "CORS_ORIGINS: origin %zu %s; one looks like https://shop.example or "
                             "http://localhost:3000.",
                             number, wrong));
        }
    }
}

#ifdef AIZY_DEBUG
#define CAN_INJECT true
#else
#define CAN_INJECT false
#endif

static void check_injection(const struct config *config, struct config_problems *problems) {
    bool may_inject = CAN_INJECT && !config_is_production(config);
    if (!str_is_absent(config->fault_inject_file) && !may_inject) {
        config_problems_add(problems,
                            STR("FAULT_INJECT_FILE is for tests: leave it out in production, and "
                                "in builds without AIZY_DEBUG."));
    }
}

static void check_listeners(const struct config *config, struct arena *arena,
                            struct config_problems *problems) {
    if (str_is_absent(config->tls_cert) != str_is_absent(config->tls_key)) {
        config_problems_add(problems, STR("TLS_CERT and TLS_KEY go together; one is missing."));
        return;
    }
    struct listen_addresses listened;
    const char *wrong = listen_parse(config, &listened);
    if (wrong != NULL) {
        config_problems_add(problems,
                            arena_printf(arena,
                                         "LISTEN %s; it must look like 127.0.0.1:5000,[::1]:5000,"
                                         "tls:0.0.0.0:5443.",
                                         wrong));
    }
}

void config_check(const struct config *config, struct arena *arena,
                  struct config_problems *problems) {
    check_choices(config, arena, problems);
    check_addresses(config, arena, problems);
    check_secrets(config, arena, problems);
    check_origins(config, arena, problems);
    check_injection(config, problems);
    check_listeners(config, arena, problems);
    if (currency_exponent(config->currency) < 0) {
        config_problems_add(
            problems, STR("CURRENCY must be a code of ISO 4217 in capitals, for instance EUR."));
    }
}
