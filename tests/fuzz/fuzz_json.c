/* schema_json_parse takes what jansson takes strictly, up to a depth, and loses nothing of it. */
#include "server/api/schema_json.h"

#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

#define DEPTH_MAX 64

static size_t depth_of(json_t *value) {
    size_t deepest = 0;
    size_t index = 0;
    const char *name = NULL;
    json_t *inner = NULL;
    json_array_foreach(value, index, inner) {
        size_t depth = depth_of(inner);
        deepest = depth > deepest ? depth : deepest;
    }
    json_object_foreach(value, name, inner) {
        size_t depth = depth_of(inner);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + (json_is_array(value) || json_is_object(value) ? 1 : 0);
}

void fuzz_one(struct str input, struct arena *arena) {
    (void)arena;
    json_error_t error;
    json_t *expected =
        json_loadb(input.data, input.size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    json_t *value = schema_json_parse(input);
    bool is_expected = expected != NULL && depth_of(expected) <= DEPTH_MAX && fuzz_is_text(input);
    CHECK((value != NULL) == is_expected);
    if (value != NULL) {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        CHECK(text != NULL);
        json_t *again = schema_json_parse(str_of(text));
        CHECK(json_equal(value, again));
        json_decref(again);
        free(text);
    }
    json_decref(value);
    json_decref(expected);
}
