#include "server/config/url_check.h"

#include <curl/curl.h>

static const char unreadable_host[] = "has a host or port that cannot be read";

struct url_parts {
    struct str hosts;
    struct str path;
    struct str query;
};

static size_t find_last_byte(struct str text, char byte) {
    for (size_t i = text.size; i > 0; i--) {
        if (text.data[i - 1] == byte) {
            return i - 1;
        }
    }
    return text.size;
}

static struct url_parts split_url(struct str url, const struct url_scheme *scheme) {
    struct str rest = str_slice(url, strlen(scheme->prefix), SIZE_MAX);
    size_t end = scheme->raw_credentials ? rest.size : str_find_byte(rest, '?');
    size_t at_sign = find_last_byte(str_slice(rest, 0, end), '@');
    struct str location = at_sign == end ? rest : str_slice(rest, at_sign + 1, SIZE_MAX);
    size_t query_start = str_find_byte(location, '?');
    struct str address = str_slice(location, 0, query_start);
    size_t slash = str_find_byte(address, '/');
    return (struct url_parts){
        .hosts = str_slice(address, 0, slash),
        .path = str_slice(address, slash + 1, SIZE_MAX),
        .query = str_slice(location, query_start + 1, SIZE_MAX),
    };
}

/* A host with or without a port, as libcurl writes it once it has read it; absent when it cannot.
 */
static struct str rewrite_host(struct arena *arena, struct str text) {
    const char *url = arena_printf(arena, "http://%.*s/", STR_ARG(text)).data;
    CURLU *handle = curl_url();
    CHECK(handle != NULL && "out of memory");
    char *host = NULL;
    char *port = NULL;
    struct str written = {0};
    if (curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(handle, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        !str_ends_with(text, STR(":"))) {
        (void)curl_url_get(handle, CURLUPART_PORT, &port, 0);
        written =
            arena_printf(arena, "%s%s%s", host, port == NULL ? "" : ":", port == NULL ? "" : port);
    }
    if (port != NULL && strcmp(port, "0") == 0) {
        written = (struct str){0};
    }
    curl_free(port);
    curl_free(host);
    curl_url_cleanup(handle);
    return written;
}

static bool has_parameter(struct str query, const char *name) {
    struct str parameter;
    while (name != NULL && str_next(&query, '&', &parameter)) {
        size_t equals = str_find_byte(parameter, '=');
        if (str_equals(str_slice(parameter, 0, equals), str_of(name)) &&
            equals + 1 < parameter.size) {
            return true;
        }
    }
    return false;
}

static bool has_blank_or_control(struct str text) {
    return str_has_control(text) || str_find_byte(text, ' ') < text.size;
}

static const char *hosts_problem(struct arena *arena, struct str hosts) {
    struct str host;
    while (str_next(&hosts, ',', &host)) {
        /* A path of a socket, percent-encoded: MongoDB's and PostgreSQL's way. */
        bool is_socket = str_starts_with(host, STR("%2F")) || str_starts_with(host, STR("%2f"));
        if (!is_socket && str_is_absent(rewrite_host(arena, host))) {
            return unreadable_host;
        }
    }
    return NULL;
}

const char *url_problem(struct arena *arena, struct str url, const struct url_scheme *schemes) {
    const struct url_scheme *scheme = schemes;
    while (scheme->prefix != NULL && !str_starts_with(url, str_of(scheme->prefix))) {
        scheme++;
    }
    if (scheme->prefix == NULL) {
        return "begins with another scheme";
    }
    if (has_blank_or_control(url)) {
        return "contains a blank or a control character (percent-encode it)";
    }
    struct url_parts parts = split_url(url, scheme);
    if (scheme->needs_host && str_is_empty(parts.hosts) &&
        !has_parameter(parts.query, scheme->host_parameter)) {
        return "names no host";
    }
    const char *problem = hosts_problem(arena, parts.hosts);
    if (problem != NULL) {
        return problem;
    }
    return scheme->needs_path && str_is_empty(parts.path) ? "names no database" : NULL;
}

static bool has_upper_case(struct str text) {
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] >= 'A' && text.data[i] <= 'Z') {
            return true;
        }
    }
    return false;
}

const char *origin_problem(struct arena *arena, struct str origin) {
    static const struct {
        const char *prefix;
        const char *default_port;
    } schemes[] = {{"http://", ":80"}, {"https://", ":443"}};
    if (has_upper_case(origin) || has_blank_or_control(origin)) {
        return "has capitals, blanks or control characters";
    }
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        if (!str_starts_with(origin, str_of(schemes[i].prefix))) {
            continue;
        }
        struct str host = str_slice(origin, strlen(schemes[i].prefix), SIZE_MAX);
        if (strcspn(arena_c_string(arena, host), "/?#@") < host.size) {
            return "goes on after the host and port";
        }
        if (str_ends_with(host, str_of(schemes[i].default_port))) {
            return "names the default port, which browsers leave out";
        }
        struct str written = rewrite_host(arena, host);
        if (str_is_empty(host) || str_is_absent(written)) {
            return unreadable_host;
        }
        /* "http://1" is a way to write an address, but no page is from there. */
        return str_equals(written, host) ? NULL : "names a host or port as no browser writes it";
    }
    return "begins with neither http:// nor https://";
}
