/* Addresses in settings: an origin that passes is the one that a browser would send; what LISTEN
 * names is named by what it was read as. */
#include "server/config/url_check.h"

#include <curl/curl.h>

#include "server/config/listen.h"
#include "tests/fuzz/fuzz.h"

static const struct url_scheme schemes[] = {
    {.prefix = "mysql://",
     .host_parameter = "socket",
     .needs_host = true,
     .needs_path = true,
     .raw_credentials = true},
    {.prefix = "mongodb://", .needs_host = true},
    {.prefix = "postgresql://", .needs_path = true},
    {.prefix = NULL},
};

/* Read and written again by another reader. */
static void check_origin(const char *origin) {
    CURLU *handle = curl_url();
    char *scheme = NULL;
    char *host = NULL;
    char *port = NULL;
    char text[256];
    CHECK(handle != NULL);
    CHECK(curl_url_set(handle, CURLUPART_URL, origin, 0) == CURLUE_OK);
    CHECK(curl_url_get(handle, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK);
    CHECK(curl_url_get(handle, CURLUPART_HOST, &host, 0) == CURLUE_OK);
    (void)curl_url_get(handle, CURLUPART_PORT, &port, 0);
    int size = snprintf(text, sizeof(text), "%s://%s%s%s", scheme, host, port == NULL ? "" : ":",
                        port == NULL ? "" : port);
    CHECK(size >= (int)sizeof(text) || strcmp(text, origin) == 0);
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(handle);
}

static void check_listen(struct str text, struct arena *arena) {
    struct config config = {.listen = text, .tls_cert = STR("/cert.pem")};
    struct listen_addresses addresses;
    struct listen_addresses again;
    if (listen_parse(&config, &addresses) != NULL) {
        return;
    }
    CHECK(addresses.count > 0 && addresses.count <= LISTEN_ADDRESSES_MAX);
    config.listen = STR("");
    for (size_t i = 0; i < addresses.count; i++) {
        const struct listen_address *address = &addresses.items[i];
        bool fits = str_find_byte(address->host, ']') == address->host.size;
        CHECK(address->host.size > 0 && address->port >= 0 && address->port <= 65535);
        const char *host = arena_c_string(arena, address->host);
        config.listen = arena_printf(arena, "%.*s%s%s%s%s:%lld,", STR_ARG(config.listen),
                                     address->is_tls ? "tls:" : "", fits ? "[" : "", host,
                                     fits ? "]" : "", (long long)address->port);
    }
    CHECK(listen_parse(&config, &again) == NULL && again.count == addresses.count);
    for (size_t i = 0; i < again.count; i++) {
        CHECK(str_equals(again.items[i].host, addresses.items[i].host));
        CHECK(again.items[i].port == addresses.items[i].port);
        CHECK(again.items[i].is_tls == addresses.items[i].is_tls);
    }
}

void fuzz_one(struct str input, struct arena *arena) {
    /* Settings have no NUL: they come from the environment, or from a file that may have none. */
    if (str_find_byte(input, '\0') == input.size) {
        check_listen(input, arena);
    }
    if (url_problem(arena, input, schemes) == NULL) {
        CHECK(!str_has_control(input) && str_find_byte(input, ' ') == input.size);
    }
    if (origin_problem(arena, input) == NULL) {
        CHECK(!str_has_control(input));
        check_origin(arena_c_string(arena, input));
    }
}
