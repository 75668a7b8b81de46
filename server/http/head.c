#include "server/http/internal.h"
#include "server/http/token.h"

/* Headers of which the framing depends. */
enum framing_header { FRAMING_HOST, FRAMING_LENGTH, FRAMING_ENCODING, FRAMING_COUNT };

static const struct str framing_names[FRAMING_COUNT] = {
    [FRAMING_HOST] = STR_INIT("host"),
    [FRAMING_LENGTH] = STR_INIT("content-length"),
    [FRAMING_ENCODING] = STR_INIT("transfer-encoding"),
};

/* Takes a line off *rest, without its CRLF. False for a bare LF, or when none ends. */
static bool next_line(struct str *rest, struct str *line) {
    size_t end = str_find_byte(*rest, '\n');
    if (end == rest->size || end == 0 || rest->data[end - 1] != '\r') {
        return false;
    }
    *line = (struct str){rest->data, end - 1};
    *rest = (struct str){rest->data + end + 1, rest->size - end - 1};
    return true;
}

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t';
}

/* RFC 9112, 3: a method is a token, a target visible ASCII without a fragment. */
static bool is_request_line(struct str line) {
    size_t space = str_find_byte(line, ' ');
    for (size_t i = 0; i < space; i++) {
        if (!token_has_byte(line.data[i])) {
            return false;
        }
    }
    struct str rest = str_slice(line, space + 1, line.size);
    size_t end = str_find_byte(rest, ' ');
    for (size_t i = 0; i < end; i++) {
        if (rest.data[i] <= ' ' || rest.data[i] >= 0x7f || rest.data[i] == '#') {
            return false;
        }
    }
    return space > 0;
}

/* RFC 3986, 3.2.2: a name or an address, perhaps with a port; whether there is one, others see. */
static bool is_host(struct str value) {
    for (size_t i = 0; i < value.size; i++) {
        char byte = value.data[i];
        if (!token_has_letter_or_digit(byte) &&
            (byte == '\0' || strchr("-._~!$&'()*+,;=%:[]", byte) == NULL)) {
            return false;
        }
    }
    return true;
}

/* Counts a header that frames. False for a folded line, a space before the colon, a bad host. */
static bool note_header(struct str line, size_t seen[static FRAMING_COUNT]) {
    size_t colon = str_find_byte(line, ':');
    if (is_blank(line.data[0]) || colon == 0 || colon == line.size ||
        is_blank(line.data[colon - 1])) {
        return false;
    }
    struct str name = {line.data, colon};
    for (size_t i = 0; i < FRAMING_COUNT; i++) {
        seen[i] += str_equals_ignoring_case(name, framing_names[i]);
    }
    bool names_host = str_equals_ignoring_case(name, framing_names[FRAMING_HOST]);
    return !names_host || is_host(str_trim(str_slice(line, colon + 1, line.size)));
}

bool head_is_strict(struct str input, bool is_http_1_0) {
    struct str rest = input;
    /* RFC 9112, 2.2: an empty line before the request is to be ignored. */
    if (str_starts_with(rest, STR("\r\n"))) {
        rest = str_slice(rest, 2, rest.size);
    }
    size_t seen[FRAMING_COUNT] = {0};
    struct str line;
    if (!next_line(&rest, &line) || !is_request_line(line)) {
        return false;
    }
    while (next_line(&rest, &line)) {
        if (str_is_empty(line)) {
            bool has_host = seen[FRAMING_HOST] == 1 || (is_http_1_0 && seen[FRAMING_HOST] == 0);
            return has_host && seen[FRAMING_LENGTH] + seen[FRAMING_ENCODING] <= 1 &&
                   !(is_http_1_0 && seen[FRAMING_ENCODING] > 0);
        }
        if (!note_header(line, seen)) {
            return false;
        }
    }
    return false;
}

bool head_is_within(struct str input, size_t max_bytes, size_t max_headers) {
    struct str rest = str_slice(input, 0, max_bytes);
    if (str_starts_with(rest, STR("\r\n"))) {
        rest = str_slice(rest, 2, rest.size);
    }
    struct str line;
    /* One more than the headers: the line with the method. */
    for (size_t lines = 0; next_line(&rest, &line); lines++) {
        if (str_is_empty(line)) {
            return true;
        }
        if (lines > max_headers) {
            return false;
        }
    }
    return false;
}
