#include "server/api/schema_json.h"

/* Deeper than any body of ours; jansson itself recurses once per level. */
#define JSON_MAX_DEPTH 64

static bool depth_is_bounded(struct str json) {
    size_t depth = 0;
    bool is_in_string = false;
    for (size_t i = 0; i < json.size; i++) {
        char byte = json.data[i];
        if (is_in_string) {
            i += byte == '\\' ? 1 : 0;
            is_in_string = byte != '"';
        } else if (byte == '"') {
            is_in_string = true;
        } else if (byte == '{' || byte == '[') {
            if (++depth > JSON_MAX_DEPTH) {
                return false;
            }
        } else if ((byte == '}' || byte == ']') && depth > 0) {
            depth--;
        }
    }
    return true;
}

json_t *schema_json_parse(struct str json) {
    json_error_t error;
    if (str_is_absent(json) || !depth_is_bounded(json)) {
        return NULL;
    }
    /* jansson loses a NUL that follows a number or a word: it would take "[1\0]". */
    if (str_find_byte(json, '\0') < json.size) {
        return NULL;
    }
    return json_loadb(json.data, json.size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
}
