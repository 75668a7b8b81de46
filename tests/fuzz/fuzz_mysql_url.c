/* database_url_parse: what it read, written as a URL again, reads the same. */
#include "stores/mysql/database_url.h"
#include "tests/fuzz/fuzz.h"

static const char *const mode_names[] = {
    [TLS_DISABLED] = "DISABLED",
    [TLS_REQUIRED] = "REQUIRED",
    [TLS_VERIFY_CA] = "VERIFY_CA",
    [TLS_VERIFY_IDENTITY] = "VERIFY_IDENTITY",
};

static struct str encoded(struct arena *arena, const char *part) {
    return fuzz_percent_encode(arena, str_of(part));
}

static struct str url_of(const struct database_url *parsed, struct arena *arena) {
    struct str port = STR("");
    if (parsed->port != 0) {
        port = arena_printf(arena, ":%u", parsed->port);
    }
    return arena_printf(
        arena, "mysql://%.*s:%.*s@%.*s%.*s/%.*s?ssl-mode=%s&socket=%.*s&ssl-ca=%.*s",
        STR_ARG(encoded(arena, parsed->user)), STR_ARG(encoded(arena, parsed->password)),
        STR_ARG(encoded(arena, parsed->host)), STR_ARG(port),
        STR_ARG(encoded(arena, parsed->database)), mode_names[parsed->tls_mode],
        STR_ARG(encoded(arena, parsed->socket)), STR_ARG(encoded(arena, parsed->ssl_ca)));
}

static size_t count_parameter(struct str url, const char *name) {
    struct str rest = url;
    struct str piece;
    /* Before the last '@' there may be more question marks. */
    while (str_next(&rest, '@', &piece)) {
        url = piece;
    }
    struct str query = str_slice(url, str_find_byte(url, '?') + 1, SIZE_MAX);
    struct str parameter;
    size_t count = 0;
    while (str_next(&query, '&', &parameter)) {
        count += str_equals(str_slice(parameter, 0, str_find_byte(parameter, '=')), str_of(name));
    }
    return count;
}

void fuzz_one(struct str input, struct arena *arena) {
    struct database_url parsed;
    struct database_url again;
    const char *problem = NULL;
    struct fault fault = database_url_parse(input, &parsed, &problem);
    CHECK(fault_occurred(fault) == (problem != NULL));
    if (fault_occurred(fault)) {
        return;
    }
    CHECK(parsed.tls_mode > TLS_BY_HOST && parsed.tls_mode <= TLS_VERIFY_IDENTITY);
    CHECK(parsed.user[0] != '\0' && parsed.database[0] != '\0');
    CHECK((parsed.port == 0) == (parsed.socket[0] != '\0') && parsed.port <= 65535);
    /* Which of two would count is not for the reader of a configuration to know. */
    CHECK(count_parameter(input, "ssl-mode") <= 1);

    CHECK(!fault_occurred(database_url_parse(url_of(&parsed, arena), &again, &problem)));
    CHECK(strcmp(again.host, parsed.host) == 0 && strcmp(again.user, parsed.user) == 0);
    CHECK(strcmp(again.password, parsed.password) == 0 && again.port == parsed.port);
    CHECK(strcmp(again.database, parsed.database) == 0 && again.tls_mode == parsed.tls_mode);
    CHECK(strcmp(again.socket, parsed.socket) == 0 && strcmp(again.ssl_ca, parsed.ssl_ca) == 0);
}
