#include "server/api/multipart.h"

#define CRLF STR("\r\n")
#define DASHES STR("--")

/* Of a token (RFC 9110, 5.6.2). */
static bool is_token_byte(char byte) {
    bool is_word = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                   (byte >= '0' && byte <= '9');
    return is_word || (byte != '\0' && strchr("!#$%&'*+-.^_`|~", byte) != NULL);
}

/* Of a boundary (RFC 2046, 5.1.1): those, without some and with others. */
static bool is_boundary_byte(char byte) {
    bool is_word = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                   (byte >= '0' && byte <= '9');
    return is_word || (byte != '\0' && strchr("'()+_,-./:=? ", byte) != NULL);
}

static bool boundary_is_valid(struct str boundary) {
    if (boundary.size == 0 || boundary.size > MULTIPART_BOUNDARY_MAX_BYTES ||
        boundary.data[boundary.size - 1] == ' ') {
        return false;
    }
    for (size_t i = 0; i < boundary.size; i++) {
        if (!is_boundary_byte(boundary.data[i])) {
            return false;
        }
    }
    return true;
}

/* Takes it off the front, when it is there. */
static bool take(struct str *rest, struct str prefix) {
    if (!str_starts_with(*rest, prefix)) {
        return false;
    }
    *rest = str_slice(*rest, prefix.size, SIZE_MAX);
    return true;
}

/* May be empty, when there is none. */
static struct str take_token(struct str *rest) {
    size_t size = 0;
    while (size < rest->size && is_token_byte(rest->data[size])) {
        size++;
    }
    struct str token = str_slice(*rest, 0, size);
    *rest = str_slice(*rest, size, SIZE_MAX);
    return token;
}

/*
 * Behind the opening quote. A backslash before a quote escapes it; before anything else it is a
 * backslash, because browsers did not always double those of a path.
 */
static bool take_quoted(struct str *rest, struct str *value) {
    for (size_t i = 0; i < rest->size; i++) {
        bool is_escape = rest->data[i] == '\\' && i + 1 < rest->size && rest->data[i + 1] == '"';
        if (is_escape) {
            i++;
        } else if (rest->data[i] == '"') {
            *value = str_slice(*rest, 0, i);
            *rest = str_slice(*rest, i + 1, SIZE_MAX);
            return true;
        }
    }
    return false;
}

struct parameter {
    struct str name, value;
};

enum parameter_result { PARAMETER_FOUND, PARAMETER_NONE, PARAMETER_WRONG };

/* The next `; name=value` of a header's value. */
static enum parameter_result next_parameter(struct str *rest, struct parameter *parameter) {
    *rest = str_trim(*rest);
    if (rest->size == 0) {
        return PARAMETER_NONE;
    }
    if (!take(rest, STR(";"))) {
        return PARAMETER_WRONG;
    }
    *rest = str_trim(*rest);
    parameter->name = take_token(rest);
    if (parameter->name.size == 0 || !take(rest, STR("="))) {
        return PARAMETER_WRONG;
    }
    if (take(rest, STR("\""))) {
        return take_quoted(rest, &parameter->value) ? PARAMETER_FOUND : PARAMETER_WRONG;
    }
    parameter->value = take_token(rest);
    return parameter->value.size > 0 ? PARAMETER_FOUND : PARAMETER_WRONG;
}

bool multipart_boundary(struct str content_type, struct str *boundary) {
    size_t type_size = str_find_byte(content_type, ';');
    struct str rest = str_slice(content_type, type_size, SIZE_MAX);
    struct parameter parameter;
    enum parameter_result result = PARAMETER_WRONG;
    *boundary = (struct str){0};
    if (!str_equals_ignoring_case(str_trim(str_slice(content_type, 0, type_size)),
                                  STR("multipart/form-data"))) {
        return false;
    }
    while ((result = next_parameter(&rest, &parameter)) == PARAMETER_FOUND) {
        bool is_boundary = str_equals_ignoring_case(parameter.name, STR("boundary"));
        bool is_utf8 = str_equals_ignoring_case(parameter.name, STR("charset")) &&
                       str_equals_ignoring_case(parameter.value, STR("utf-8"));
        if ((!is_boundary && !is_utf8) || (is_boundary && !str_is_absent(*boundary))) {
            return false;
        }
        *boundary = is_boundary ? parameter.value : *boundary;
    }
    return result == PARAMETER_NONE && boundary_is_valid(*boundary);
}

static const char *read_disposition(struct str value, struct multipart_part *part) {
    size_t type_size = str_find_byte(value, ';');
    struct str rest = str_slice(value, type_size, SIZE_MAX);
    struct parameter parameter;
    enum parameter_result result = PARAMETER_WRONG;
    if (!str_is_absent(part->name)) {
        return "has a part with two Content-Dispositions";
    }
    if (!str_equals_ignoring_case(str_trim(str_slice(value, 0, type_size)), STR("form-data"))) {
        return "has a part that is not form-data";
    }
    while ((result = next_parameter(&rest, &parameter)) == PARAMETER_FOUND) {
        bool is_name = str_equals_ignoring_case(parameter.name, STR("name"));
        bool is_file_name = str_equals_ignoring_case(parameter.name, STR("filename"));
        if ((is_name && !str_is_absent(part->name)) ||
            (is_file_name && !str_is_absent(part->file_name))) {
            return "has a part with two names";
        }
        part->name = is_name ? parameter.value : part->name;
        part->file_name = is_file_name ? parameter.value : part->file_name;
        part->is_file |= is_file_name || str_equals_ignoring_case(parameter.name, STR("filename*"));
    }
    if (result == PARAMETER_WRONG) {
        return "has a part whose Content-Disposition cannot be read";
    }
    return str_is_absent(part->name) ? "has a part without a name" : NULL;
}

static const char *read_type(struct str value, struct multipart_part *part) {
    if (!str_is_absent(part->content_type)) {
        return "has a part with two Content-Types";
    }
    part->content_type = value;
    return NULL;
}

/* Those that leave the bytes as they are; RFC 7578 knows none at all any more. */
static const char *read_encoding(struct str value, struct multipart_part *part) {
    static const char *const plain[] = {"7bit", "8bit", "binary"};
    (void)part;
    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        if (str_equals_ignoring_case(value, str_of(plain[i]))) {
            return NULL;
        }
    }
    return "has a part in a Content-Transfer-Encoding";
}

static const struct {
    const char *name;
    const char *(*read)(struct str value, struct multipart_part *part);
} part_headers[] = {
    {"content-disposition", read_disposition},
    {"content-type", read_type},
    {"content-transfer-encoding", read_encoding},
};

static const char *read_header(struct str line, struct multipart_part *part) {
    struct str value = line;
    struct str name = take_token(&value);
    if (name.size == 0 || !take(&value, STR(":")) || !str_is_utf8(line) || str_has_control(line)) {
        return "has a part with a header that cannot be read";
    }
    for (size_t i = 0; i < COUNT_OF(part_headers); i++) {
        if (str_equals_ignoring_case(name, str_of(part_headers[i].name))) {
            return part_headers[i].read(str_trim(value), part);
        }
    }
    return NULL;
}

/* The index of the first `needle`; text.size when there is none. */
static size_t find(struct str text, struct str needle) {
    const char *at = text.size == 0 ? NULL : memmem(text.data, text.size, needle.data, needle.size);
    return at == NULL ? text.size : (size_t)(at - text.data);
}

/* Up to the empty line, which is taken too. */
static const char *read_head(struct str *rest, struct multipart_part *part) {
    const char *problem = NULL;
    struct str head = str_slice(*rest, 0, MULTIPART_HEAD_MAX_BYTES);
    for (size_t count = 0; problem == NULL; count++) {
        size_t size = find(head, CRLF);
        struct str line = str_slice(head, 0, size);
        if (size == head.size) {
            return "has a part whose headers do not end, or are too long";
        }
        head = str_slice(head, size + CRLF.size, SIZE_MAX);
        if (line.size == 0) {
            *rest = str_slice(*rest, (size_t)(head.data - rest->data), SIZE_MAX);
            return str_is_absent(part->name) ? "has a part without a Content-Disposition" : NULL;
        }
        problem = count == MULTIPART_HEADERS_MAX ? "has a part with too many headers"
                                                 : read_header(line, part);
    }
    return problem;
}

const char *multipart_parse(struct str boundary, struct str body, struct multipart *multipart) {
    char bytes[sizeof("\r\n--") + MULTIPART_BOUNDARY_MAX_BYTES];
    CHECK(boundary_is_valid(boundary));
    memcpy(bytes, "\r\n--", 4);
    memcpy(bytes + 4, boundary.data, boundary.size);
    const struct str delimiter = {bytes, 4 + boundary.size};

    multipart->count = 0;
    /* The line end before a boundary belongs to it, and before the first there is none. */
    if (!take(&body, str_slice(delimiter, CRLF.size, SIZE_MAX))) {
        return "does not begin with its boundary";
    }
    while (!take(&body, DASHES)) {
        struct multipart_part part = {0};
        if (!take(&body, CRLF)) {
            return "has more than a boundary in a boundary's line";
        }
        if (multipart->count == MULTIPART_PARTS_MAX) {
            return "has too many parts";
        }
        const char *problem = read_head(&body, &part);
        if (problem != NULL) {
            return problem;
        }
        size_t size = find(body, delimiter);
        if (size == body.size) {
            return "ends before its last boundary";
        }
        part.body = str_slice(body, 0, size);
        body = str_slice(body, size + delimiter.size, SIZE_MAX);
        multipart->parts[multipart->count++] = part;
    }
    return body.size == 0 || str_equals(body, CRLF) ? NULL : "goes on behind its last boundary";
}
