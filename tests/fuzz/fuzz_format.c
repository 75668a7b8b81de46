/* format_complaint: what passes is what another reader takes for it. */
#include "server/api/format.h"

#include <curl/curl.h>

#include "base/money.h"
#include "stores/product.h"
#include "tests/fuzz/fuzz.h"

static void check_email(struct str text) {
    size_t at = str_find_byte(text, '@');
    CHECK(at > 0 && at <= 64 && text.size <= 254);
    struct str domain = str_slice(text, at + 1, SIZE_MAX);
    CHECK(str_find_byte(domain, '@') == domain.size);
    CHECK(str_find_byte(domain, '.') < domain.size);
    for (size_t i = 0; i < text.size; i++) {
        CHECK(text.data[i] > ' ' && text.data[i] < 0x7f);
        CHECK(strchr("\"(),:;<>[\\]", text.data[i]) == NULL);
    }
}

static void check_slug(struct str text, struct arena *arena) {
    CHECK(str_equals(product_slug_of(text, arena), text));
}

static void check_id(struct str text) {
    CHECK(text.size == 24);
    for (size_t i = 0; i < text.size; i++) {
        CHECK(memchr("0123456789abcdefABCDEF", text.data[i], 22) != NULL);
    }
}

static void check_url(struct str text, struct arena *arena) {
    CURLU *handle = curl_url();
    char *host = NULL;
    char *user = NULL;
    CHECK(handle != NULL);
    CHECK(curl_url_set(handle, CURLUPART_URL, arena_c_string(arena, text), 0) == CURLUE_OK);
    CHECK(curl_url_get(handle, CURLUPART_HOST, &host, 0) == CURLUE_OK && host[0] != '\0');
    CHECK(curl_url_get(handle, CURLUPART_USER, &user, 0) == CURLUE_NO_USER);
    CHECK(str_starts_with(text, STR("http")) && !str_has_control(text));
    CHECK(str_find_byte(text, '"') == text.size && str_find_byte(text, '<') == text.size);
    curl_free(host);
    curl_url_cleanup(handle);
}

void fuzz_one(struct str input, struct arena *arena) {
    if (format_complaint(FORMAT_EMAIL, input) == NULL) {
        check_email(input);
    }
    if (format_complaint(FORMAT_SLUG, input) == NULL) {
        check_slug(input, arena);
    }
    if (format_complaint(FORMAT_ID, input) == NULL) {
        check_id(input);
    }
    if (format_complaint(FORMAT_URL, input) == NULL) {
        check_url(input, arena);
    }
    CHECK(format_complaint(FORMAT_CURRENCY, input) != NULL || currency_exponent(input) <= 4);
    if (str_is_utf8(input)) {
        struct str slug = product_slug_of(input, arena);
        CHECK(slug.size == 0 || product_slug_is_valid(slug));
    }
}
