/* head_is_strict and head_is_within, against the parser whose leniency they mend. */
#include "server/http/internal.h"
#include "tests/fuzz/fuzz.h"

#define HEADERS_MAX 100

/* picohttpparser, inside of libh2o, which installs no header for it. */
struct phr_header {
    const char *name; /* NULL: the line goes on with the header before */
    size_t name_size;
    const char *value;
    size_t value_size;
};
int phr_parse_request(const char *data, size_t size, const char **method, size_t *method_size,
                      const char **path, size_t *path_size, int *minor_version,
                      struct phr_header *headers, size_t *header_count, size_t last_size);

static size_t count_of(const struct phr_header *headers, size_t count, struct str name) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        CHECK(headers[i].name != NULL && headers[i].name_size > 0);
        found +=
            str_equals_ignoring_case((struct str){headers[i].name, headers[i].name_size}, name);
    }
    return found;
}

/* Where a strict head ends: behind the first empty line that is not the first of all. */
static size_t end_of_head(struct str input) {
    size_t at = str_starts_with(input, STR("\r\n")) ? 2 : 0;
    while (!str_starts_with(str_slice(input, at, SIZE_MAX), STR("\r\n\r\n"))) {
        CHECK(at < input.size);
        CHECK(input.data[at] != '\n' || (at > 0 && input.data[at - 1] == '\r'));
        at++;
    }
    return at + 4;
}

/* Of its own size and number of headers, and not of one less. */
static void check_within(struct str head) {
    size_t lines = 0;
    for (size_t i = 0; i < head.size; i++) {
        lines += head.data[i] == '\n';
    }
    size_t headers = lines - (str_starts_with(head, STR("\r\n")) ? 3 : 2);
    CHECK(head_is_within(head, head.size, headers));
    CHECK(!head_is_within(head, head.size - 1, headers));
    CHECK(headers == 0 || !head_is_within(head, head.size, headers - 1));
}

/* h2o reads on from where it thinks that the head ended: that must be where we do. */
static void compare(struct str input, size_t end) {
    const char *method = NULL;
    const char *path = NULL;
    size_t method_size = 0;
    size_t path_size = 0;
    int minor_version = -1;
    struct phr_header headers[HEADERS_MAX];
    size_t count = HEADERS_MAX;
    int parsed = phr_parse_request(input.data, input.size, &method, &method_size, &path, &path_size,
                                   &minor_version, headers, &count, 0);
    if (parsed < 0 || !head_is_strict(input, minor_version == 0)) {
        return;
    }
    CHECK((size_t)parsed == end);
    size_t hosts = count_of(headers, count, STR("host"));
    size_t lengths = count_of(headers, count, STR("content-length"));
    size_t encodings = count_of(headers, count, STR("transfer-encoding"));
    CHECK(hosts == 1 || (hosts == 0 && minor_version == 0));
    CHECK(lengths + encodings <= 1 && (encodings == 0 || minor_version > 0));
}

void fuzz_one(struct str input, struct arena *arena) {
    bool is_strict = head_is_strict(input, false);
    bool is_strict_1_0 = head_is_strict(input, true);
    if (!is_strict && !is_strict_1_0) {
        return;
    }
    size_t end = end_of_head(input);
    compare(input, end);

    struct str head = str_slice(input, 0, end);
    check_within(head);
    struct str more = arena_printf(arena, "%.*sHost: a\r\n\n", STR_ARG(head));
    if (more.size == head.size + sizeof("Host: a\r\n\n") - 1) {
        CHECK(head_is_strict(more, false) == is_strict);
        CHECK(head_is_strict(more, true) == is_strict_1_0);
    }
    CHECK(head_is_strict(head, false) == is_strict);
    CHECK(!head_is_strict(str_slice(head, 0, head.size - 1), false));
}
