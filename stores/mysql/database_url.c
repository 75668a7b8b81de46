#include "stores/mysql/database_url.h"

#include "base/check.h"

#define MYSQL_PORT 3306

/* What is left to read, and what was wrong. */
struct url_reader {
    struct database_url *parsed;
    const char *problem;
};

static const struct {
    const char *name;
    enum tls_mode mode;
} tls_mode_names[] = {
    {"DISABLED", TLS_DISABLED},
    {"REQUIRED", TLS_REQUIRED},
    {"VERIFY_CA", TLS_VERIFY_CA},
    {"VERIFY_IDENTITY", TLS_VERIFY_IDENTITY},
};

static const char *const own_hosts[] = {"localhost", "127.0.0.1", "::1"};

static struct fault refuse(struct url_reader *reader, const char *problem) {
    reader->problem = problem;
    return fault_of(FAULT_INVALID);
}

static int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* The byte at *at, decoded; moves *at behind it. -1 when it is a bad escape. */
static int decode_byte(struct str text, size_t *at) {
    char byte = text.data[(*at)++];
    if (byte != '%') {
        return (unsigned char)byte;
    }
    if (text.size - *at < 2) {
        return -1;
    }
    int high = hex_value(text.data[*at]);
    int low = hex_value(text.data[*at + 1]);
    *at += 2;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Percent-decodes into `into` and ends it with NUL. */
static struct fault decode(struct url_reader *reader, struct str text, char *into, size_t size) {
    size_t length = 0;
    for (size_t at = 0; at < text.size;) {
        int byte = decode_byte(text, &at);
        if (byte <= 0) {
            return refuse(reader, "a % in it is not followed by two hexadecimal digits, or is %00");
        }
        if (length + 1 >= size) {
            return refuse(reader, "a part of it is too long");
        }
        into[length++] = (char)byte;
    }
    into[length] = '\0';
    return fault_none();
}

static struct fault read_credentials(struct url_reader *reader, struct str text) {
    size_t colon = str_find_byte(text, ':');
    TRY(decode(reader, str_slice(text, 0, colon), reader->parsed->user,
               sizeof(reader->parsed->user)));
    return decode(reader, str_slice(text, colon + 1, text.size), reader->parsed->password,
                  sizeof(reader->parsed->password));
}

static struct fault read_port(struct url_reader *reader, struct str text) {
    int64_t port = 0;
    if (!str_to_int64(text, &port) || port < 1 || port > 65535) {
        return refuse(reader, "its port is not a number from 1 to 65535");
    }
    reader->parsed->port = (unsigned int)port;
    return fault_none();
}

static struct fault read_address(struct url_reader *reader, struct str text) {
    struct str host = str_slice(text, 0, str_find_byte(text, ':'));
    struct str after = str_slice(text, host.size, text.size);
    if (str_starts_with(text, STR("["))) {
        size_t end = str_find_byte(text, ']');
        if (end == text.size) {
            return refuse(reader, "the bracket before its IPv6 address is not closed");
        }
        host = str_slice(text, 1, end - 1);
        after = str_slice(text, end + 1, text.size);
    }
    TRY(decode(reader, host, reader->parsed->host, sizeof(reader->parsed->host)));
    if (str_is_empty(after)) {
        return fault_none();
    }
    if (!str_starts_with(after, STR(":"))) {
        return refuse(reader, "something other than a port follows its host");
    }
    return read_port(reader, str_slice(after, 1, after.size));
}

static struct fault read_tls_mode(struct url_reader *reader, struct str value) {
    for (size_t i = 0; i < COUNT_OF(tls_mode_names); i++) {
        if (str_equals_ignoring_case(value, str_of(tls_mode_names[i].name))) {
            reader->parsed->tls_mode = tls_mode_names[i].mode;
            return fault_none();
        }
    }
    return refuse(reader,
                  "its ssl-mode is not one of DISABLED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY");
}

/* Which of two should count is not for us to guess, least of all about TLS. */
static bool is_known_already(const struct database_url *parsed, struct str name) {
    return (str_equals(name, STR("socket")) && parsed->socket[0] != '\0') ||
           (str_equals(name, STR("ssl-ca")) && parsed->ssl_ca[0] != '\0') ||
           (str_equals(name, STR("ssl-mode")) && parsed->tls_mode != TLS_BY_HOST);
}

static struct fault read_parameter(struct url_reader *reader, struct str parameter) {
    size_t equals = str_find_byte(parameter, '=');
    struct str name = str_slice(parameter, 0, equals);
    struct str value = str_slice(parameter, equals + 1, parameter.size);
    if (is_known_already(reader->parsed, name)) {
        return refuse(reader, "it has a parameter twice");
    }
    if (str_equals(name, STR("socket"))) {
        return decode(reader, value, reader->parsed->socket, sizeof(reader->parsed->socket));
    }
    if (str_equals(name, STR("ssl-ca"))) {
        return decode(reader, value, reader->parsed->ssl_ca, sizeof(reader->parsed->ssl_ca));
    }
    if (str_equals(name, STR("ssl-mode"))) {
        return read_tls_mode(reader, value);
    }
    /* A misspelt ssl-mode must not pass for none. */
    return refuse(reader, "it has a parameter other than socket, ssl-mode and ssl-ca");
}

static struct fault read_parameters(struct url_reader *reader, struct str text) {
    struct str parameter;
    while (str_next(&text, '&', &parameter)) {
        TRY(read_parameter(reader, parameter));
    }
    return fault_none();
}

static bool is_own_host(const char *host) {
    for (size_t i = 0; i < COUNT_OF(own_hosts); i++) {
        if (str_equals_ignoring_case(str_of(host), str_of(own_hosts[i]))) {
            return true;
        }
    }
    return false;
}

/* What the whole must be, once its parts are read. */
static struct fault complete(struct url_reader *reader) {
    struct database_url *parsed = reader->parsed;
    bool has_socket = parsed->socket[0] != '\0';
    if (parsed->database[0] == '\0') {
        return refuse(reader, "it names no database after the host");
    }
    if (parsed->user[0] == '\0') {
        return refuse(reader, "it names no user before the host");
    }
    if (parsed->host[0] == '\0' && !has_socket) {
        return refuse(reader, "it names neither a host nor a socket");
    }
    if (has_socket && parsed->port != 0) {
        return refuse(reader, "it has both a port and a socket: give one");
    }
    if (!has_socket && parsed->port == 0) {
        parsed->port = MYSQL_PORT;
    }
    if (parsed->tls_mode == TLS_BY_HOST) {
        bool is_local = has_socket || is_own_host(parsed->host);
        parsed->tls_mode = is_local ? TLS_DISABLED : TLS_VERIFY_IDENTITY;
    }
    return fault_none();
}

static size_t find_last_at(struct str text) {
    size_t at = text.size;
    while (at > 0 && text.data[at - 1] != '@') {
        at--;
    }
    return at;
}

static struct fault read_url(struct url_reader *reader, struct str url) {
    if (!str_starts_with(url, STR("mysql://"))) {
        return refuse(reader, "it does not begin with mysql://");
    }
    struct str rest = str_slice(url, sizeof("mysql://") - 1, url.size);
    size_t after_at = find_last_at(rest);
    if (after_at > 0) {
        TRY(read_credentials(reader, str_slice(rest, 0, after_at - 1)));
    }
    rest = str_slice(rest, after_at, rest.size);
    size_t question = str_find_byte(rest, '?');
    struct str place = str_slice(rest, 0, question);
    size_t slash = str_find_byte(place, '/');
    TRY(read_address(reader, str_slice(place, 0, slash)));
    TRY(decode(reader, str_slice(place, slash + 1, place.size), reader->parsed->database,
               sizeof(reader->parsed->database)));
    TRY(read_parameters(reader, str_slice(rest, question + 1, rest.size)));
    return complete(reader);
}

struct fault database_url_parse(struct str url, struct database_url *parsed, const char **problem) {
    struct url_reader reader = {.parsed = parsed};
    *parsed = (struct database_url){.port = 0};
    struct fault fault = read_url(&reader, url);
    *problem = reader.problem;
    return fault;
}
