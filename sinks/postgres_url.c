#include "sinks/postgres_url.h"

#include <curl/curl.h>
#include <limits.h>
#include <string.h>

#define SYSTEM_AUTHORITIES "/etc/ssl/certs/ca-certificates.crt"
/* Kept free for what this module and its users add. */
#define KEYWORDS_RESERVED 6

static const char *const schemes[] = {"postgresql://", "postgres://"};
static const char *const refused_parameters[] = {"host",   "hostaddr", "port",    "user",
                                                 "dbname", "password", "service", "passfile"};
static const char *const own_hosts[] = {"localhost", "127.0.0.1", "::1"};

const char *postgres_keywords_find(const struct postgres_keywords *keywords, const char *name) {
    for (size_t i = 0; i < keywords->count; i++) {
        if (strcmp(keywords->names[i], name) == 0) {
            return keywords->values[i];
        }
    }
    return NULL;
}

void postgres_keywords_add(struct postgres_keywords *keywords, const char *name,
                           const char *value) {
    CHECK(keywords->count < POSTGRES_KEYWORDS_MAX);
    keywords->names[keywords->count] = name;
    keywords->values[keywords->count] = value;
    keywords->count++;
}

/* NULL when it is too long or has a NUL. */
static const char *decode(struct str text, struct arena *arena) {
    if (text.size > INT_MAX) {
        return NULL;
    }
    int size = 0;
    /* A length of 0 would mean "measure it". */
    char *decoded =
        text.size == 0 ? NULL : curl_easy_unescape(NULL, text.data, (int)text.size, &size);
    if (text.size > 0 && decoded == NULL) {
        return NULL;
    }
    const char *copy = arena_c_string(arena, (struct str){decoded, (size_t)size});
    curl_free(decoded);
    return strlen(copy) == (size_t)size ? copy : NULL;
}

static struct fault add_decoded(struct postgres_keywords *keywords, const char *name,
                                struct str value, struct arena *arena) {
    if (str_is_empty(value)) {
        return fault_none();
    }
    const char *decoded = decode(value, arena);
    ENSURE(decoded != NULL, FAULT_INVALID);
    postgres_keywords_add(keywords, name, decoded);
    return fault_none();
}

static size_t find_last_byte(struct str text, char byte) {
    for (size_t i = text.size; i > 0; i--) {
        if (text.data[i - 1] == byte) {
            return i - 1;
        }
    }
    return text.size;
}

static struct fault add_location(struct postgres_keywords *keywords, struct str location,
                                 struct arena *arena) {
    size_t slash = str_find_byte(location, '/');
    struct str host = str_slice(location, 0, slash);
    struct str port = {0};
    size_t bracket = str_find_byte(host, ']');
    if (str_starts_with(host, STR("[")) && bracket < host.size) {
        port = str_slice(host, bracket + 1, SIZE_MAX);
        host = str_slice(host, 1, bracket - 1);
    } else {
        port = str_slice(host, str_find_byte(host, ':'), SIZE_MAX);
        host = str_slice(host, 0, host.size - port.size);
    }
    TRY(add_decoded(keywords, "host", host, arena));
    if (!str_is_empty(port)) {
        int64_t number = 0;
        ENSURE(str_to_int64(str_slice(port, 1, SIZE_MAX), &number), FAULT_INVALID);
        ENSURE(port.data[0] == ':' && number > 0 && number <= 65535, FAULT_INVALID);
        TRY(add_decoded(keywords, "port", str_slice(port, 1, SIZE_MAX), arena));
    }
    return add_decoded(keywords, "dbname", str_slice(location, slash + 1, SIZE_MAX), arena);
}

static bool is_refused(struct str name) {
    for (size_t i = 0; i < COUNT_OF(refused_parameters); i++) {
        if (str_equals(name, str_of(refused_parameters[i]))) {
            return true;
        }
    }
    return false;
}

/* Also no NUL, at which what libpq sees of it would end. */
static bool is_keyword(struct str name) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
    for (size_t i = 0; i < name.size; i++) {
        if (memchr(letters, name.data[i], sizeof(letters) - 1) == NULL) {
            return false;
        }
    }
    return name.size > 0;
}

static struct fault add_parameters(struct postgres_keywords *keywords, struct str query,
                                   struct arena *arena, const char **problem) {
    struct str parameter;
    while (str_next(&query, '&', &parameter)) {
        size_t equals = str_find_byte(parameter, '=');
        struct str name = str_slice(parameter, 0, equals);
        *problem = "has a parameter that it may not have, has one twice, or too many of them";
        ENSURE(is_keyword(name) && !is_refused(name), FAULT_INVALID);
        const char *known = arena_c_string(arena, name);
        /* libpq takes the last of two, and what is looked at here is the first. */
        ENSURE(postgres_keywords_find(keywords, known) == NULL, FAULT_INVALID);
        ENSURE(keywords->count < POSTGRES_KEYWORDS_MAX - KEYWORDS_RESERVED, FAULT_INVALID);
        *problem = "has a parameter that cannot be read";
        TRY(add_decoded(keywords, known, str_slice(parameter, equals + 1, SIZE_MAX), arena));
    }
    return fault_none();
}

static bool is_own_host(const char *host) {
    for (size_t i = 0; i < COUNT_OF(own_hosts); i++) {
        if (strcmp(host, own_hosts[i]) == 0) {
            return true;
        }
    }
    return host[0] == '/'; /* the folder of a socket */
}

static void add_tls_defaults(struct postgres_keywords *keywords) {
    const char *host = postgres_keywords_find(keywords, "host");
    const char *mode = postgres_keywords_find(keywords, "sslmode");
    if (mode == NULL && host != NULL && !is_own_host(host)) {
        mode = "verify-full";
        postgres_keywords_add(keywords, "sslmode", mode);
    }
    bool is_verified = mode != NULL && str_starts_with(str_of(mode), STR("verify-"));
    if (is_verified && postgres_keywords_find(keywords, "sslrootcert") == NULL) {
        postgres_keywords_add(keywords, "sslrootcert", SYSTEM_AUTHORITIES);
    }
}

static struct str without_scheme(struct str url) {
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        if (str_starts_with(url, str_of(schemes[i]))) {
            return str_slice(url, strlen(schemes[i]), SIZE_MAX);
        }
    }
    return (struct str){0};
}

struct fault postgres_url_parse(struct str url, struct arena *arena,
                                struct postgres_keywords *keywords, const char **problem) {
    *keywords = (struct postgres_keywords){0};
    struct str rest = without_scheme(url);
    *problem = "does not begin with postgresql://";
    ENSURE(!str_is_absent(rest), FAULT_INVALID);

    struct str address = str_slice(rest, 0, str_find_byte(rest, '?'));
    struct str query = str_slice(rest, address.size + 1, SIZE_MAX);
    size_t at_sign = find_last_byte(address, '@');
    struct str credentials =
        at_sign < address.size ? str_slice(address, 0, at_sign) : (struct str){0};
    struct str location =
        at_sign < address.size ? str_slice(address, at_sign + 1, SIZE_MAX) : address;

    *problem = "has a user or password that cannot be read";
    size_t colon = str_find_byte(credentials, ':');
    TRY(add_decoded(keywords, "user", str_slice(credentials, 0, colon), arena));
    TRY(add_decoded(keywords, "password", str_slice(credentials, colon + 1, SIZE_MAX), arena));
    *problem = "has a host, port or database that cannot be read";
    TRY(add_location(keywords, location, arena));
    *problem = "names no database";
    ENSURE(postgres_keywords_find(keywords, "dbname") != NULL, FAULT_INVALID);
    TRY(add_parameters(keywords, query, arena, problem));
    add_tls_defaults(keywords);
    return fault_none();
}
