#include "server/api/format.h"

#include <curl/curl.h>

#include "base/money.h"
#include "stores/media_store.h"
#include "stores/product.h"

#define EMAIL_MAX_BYTES 254
#define EMAIL_LOCAL_MAX_BYTES 64
#define LABEL_MAX_BYTES 63
#define URL_MAX_BYTES 2048

static bool is_alphanumeric(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

static bool label_is_valid(struct str label) {
    if (label.size == 0 || label.size > LABEL_MAX_BYTES || label.data[0] == '-' ||
        label.data[label.size - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < label.size; i++) {
        if (!is_alphanumeric(label.data[i]) && label.data[i] != '-') {
            return false;
        }
    }
    return true;
}

static bool domain_is_valid(struct str domain) {
    struct str rest = domain;
    struct str label;
    size_t labels = 0;
    if (domain.size == 0 || domain.data[domain.size - 1] == '.') {
        return false;
    }
    while (str_next(&rest, '.', &label)) {
        if (!label_is_valid(label)) {
            return false;
        }
        labels++;
    }
    return labels >= 2;
}

static bool local_part_is_valid(struct str local) {
    static const char others[] = ".!#$%&'*+/=?^_`{|}~-";
    if (local.size == 0 || local.size > EMAIL_LOCAL_MAX_BYTES || local.data[0] == '.' ||
        local.data[local.size - 1] == '.') {
        return false;
    }
    for (size_t i = 0; i < local.size; i++) {
        char byte = local.data[i];
        if (byte == '\0' || (!is_alphanumeric(byte) && strchr(others, byte) == NULL)) {
            return false;
        }
        if (byte == '.' && local.data[i - 1] == '.') {
            return false;
        }
    }
    return true;
}

bool format_email_is_valid(struct str text) {
    size_t at = str_find_byte(text, '@');
    return text.size <= EMAIL_MAX_BYTES && at < text.size &&
           local_part_is_valid(str_slice(text, 0, at)) &&
           domain_is_valid(str_slice(text, at + 1, text.size));
}

/* libcurl knows hosts and ports, but also takes what browsers and pages should not be given. */
static bool url_is_valid(struct str text) {
    char url[URL_MAX_BYTES + 1] = {0};
    size_t scheme_size = str_find_byte(text, '/') + 2;
    if (text.size > URL_MAX_BYTES ||
        (!str_starts_with(text, STR("https://")) && !str_starts_with(text, STR("http://"))) ||
        str_starts_with(str_slice(text, scheme_size, 1), STR("/"))) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte <= ' ' || byte >= 0x7f || strchr("\"<>\\^`{|}", byte) != NULL) {
            return false;
        }
        url[i] = text.data[i];
    }
    CURLU *handle = curl_url();
    CHECK(handle != NULL);
    bool is_valid = curl_url_set(handle, CURLUPART_URL, url, CURLU_DISALLOW_USER) == CURLUE_OK;
    curl_url_cleanup(handle);
    return is_valid;
}

/* Whether there is such an image is for the store to say. */
static bool image_url_is_valid(struct str text) {
    return !str_is_absent(media_id_of_url(text)) || url_is_valid(text);
}

static bool currency_is_valid(struct str text) {
    return currency_exponent(text) >= 0;
}

static const struct {
    const char *name;
    bool (*is_valid)(struct str text);
    const char *complaint;
} formats[] = {
    [FORMAT_NONE] = {NULL, NULL, NULL},
    [FORMAT_EMAIL] = {"email", format_email_is_valid, "must be an e-mail address"},
    [FORMAT_PASSWORD] = {"password", NULL, NULL},
    [FORMAT_SLUG] = {"slug", product_slug_is_valid,
                     "must be lower-case letters, digits and single hyphens between them"},
    [FORMAT_ID] = {"object-id", product_id_is_valid, "must be an id of 24 hexadecimal digits"},
    [FORMAT_URL] = {"uri", url_is_valid, "must be an http or https address"},
    [FORMAT_CURRENCY] = {"currency", currency_is_valid, "must be an ISO 4217 currency such as USD"},
    [FORMAT_IMAGE_URL] = {"uri-reference", image_url_is_valid,
                          "must be an http or https address, or that of an uploaded image"},
};

const char *format_complaint(enum field_format format, struct str text) {
    CHECK((size_t)format < COUNT_OF(formats));
    if (formats[format].is_valid == NULL || formats[format].is_valid(text)) {
        return NULL;
    }
    return formats[format].complaint;
}

const char *format_name(enum field_format format) {
    CHECK((size_t)format < COUNT_OF(formats));
    return formats[format].name;
}
