/* url_decode and route_find: however a path is escaped, it is the same path. */
#include "server/api/route.h"
#include "server/api/url.h"
#include "tests/fuzz/fuzz.h"

#define PATH_MAX_BYTES 4096

/* The same path with everything escaped but slashes and what is escaped already. */
static struct str escaped(struct arena *arena, struct str path) {
    struct str text = STR("");
    for (size_t i = 0; i < path.size; i++) {
        struct str piece = str_slice(path, i, 1);
        if (piece.data[0] == '%') {
            piece = str_slice(path, i, 3);
            i += 2;
        } else if (piece.data[0] != '/') {
            piece = fuzz_percent_encode(arena, piece);
        }
        text = arena_printf(arena, "%.*s%.*s", STR_ARG(text), STR_ARG(piece));
    }
    return text;
}

static void check_values(const struct route_result *found) {
    for (size_t i = 0; i < JOB_PATH_VALUES_MAX; i++) {
        struct str value = found->values[i];
        if (str_is_absent(value)) {
            continue;
        }
        CHECK(value.size > 0 && fuzz_is_text(value));
        CHECK(str_find_byte(value, '/') == value.size);
        CHECK(!str_equals(value, STR(".")) && !str_equals(value, STR("..")));
    }
}

static void check_decoding(struct str text, struct arena *arena) {
    struct str decoded;
    if (url_decode(text, arena, &decoded)) {
        CHECK(fuzz_is_text(decoded));
    }
    bool is_taken = url_decode(fuzz_percent_encode(arena, text), arena, &decoded);
    CHECK(is_taken == fuzz_is_text(text));
    CHECK(!is_taken || str_equals(decoded, text));
}

void fuzz_one(struct str input, struct arena *arena) {
    enum http_method method = fuzz_take_byte(&input) % (HTTP_METHOD_COUNT + 1);
    struct route_result found = route_find(method, input, arena);
    CHECK((found.match == ROUTE_FOUND) == (found.route != NULL));
    CHECK((found.match == ROUTE_FOUND || found.match == ROUTE_NO_METHOD) ==
          (found.allowed_methods != 0));
    check_values(&found);
    check_decoding(input, arena);

    if (input.size > PATH_MAX_BYTES / 3 || found.match == ROUTE_BAD_PATH) {
        return;
    }
    struct route_result again = route_find(method, escaped(arena, input), arena);
    CHECK(again.match == found.match && again.route == found.route);
    for (size_t i = 0; i < JOB_PATH_VALUES_MAX; i++) {
        CHECK(fuzz_is_same(again.values[i], found.values[i]));
    }
}
