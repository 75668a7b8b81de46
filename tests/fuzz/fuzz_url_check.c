/* url_problem and origin_problem: an origin that passes is the one that a browser would send. */
#include "server/config/url_check.h"

#include <curl/curl.h>

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

void fuzz_one(struct str input, struct arena *arena) {
    if (url_problem(arena, input, schemes) == NULL) {
        CHECK(!str_has_control(input) && str_find_byte(input, ' ') == input.size);
    }
    if (origin_problem(arena, input) == NULL) {
        CHECK(!str_has_control(input));
        check_origin(arena_c_string(arena, input));
    }
}
