/* multipart: the parts lie one behind the other in the body, and written again they are the same.
 * The first line is a Content-Type, the rest a body. */
#include "server/api/multipart.h"

#include "base/buf.h"
#include "tests/fuzz/fuzz.h"

#define WRITTEN_MAX_BYTES (8UL * 1024 * 1024)

static void append_quoted(struct buf *out, const char *name, struct str value) {
    buf_printf(out, "; %s=\"", name);
    buf_append_str(out, value);
    buf_append_byte(out, '"');
}

static void append_part(struct buf *out, struct str boundary, const struct multipart_part *part) {
    buf_append_str(out, STR("--"));
    buf_append_str(out, boundary);
    buf_append_str(out, STR("\r\nContent-Disposition: form-data"));
    append_quoted(out, "name", part->name);
    if (!str_is_absent(part->file_name)) {
        append_quoted(out, "filename", part->file_name);
    } else if (part->is_file) {
        buf_append_str(out, STR("; filename*=x"));
    }
    if (!str_is_absent(part->content_type)) {
        buf_append_str(out, STR("\r\nContent-Type: "));
        buf_append_str(out, part->content_type);
    }
    buf_append_str(out, STR("\r\n\r\n"));
    buf_append_str(out, part->body);
    buf_append_str(out, STR("\r\n"));
}

static bool is_same_part(const struct multipart_part *left, const struct multipart_part *right) {
    return left->is_file == right->is_file && fuzz_is_same(left->name, right->name) &&
           fuzz_is_same(left->file_name, right->file_name) &&
           fuzz_is_same(left->content_type, right->content_type) &&
           fuzz_is_same(left->body, right->body);
}

static void check_written(struct str boundary, const struct multipart *multipart,
                          struct arena *arena) {
    struct multipart *again = ARENA_NEW(arena, struct multipart);
    struct buf out;
    buf_init(&out, WRITTEN_MAX_BYTES);
    for (size_t i = 0; i < multipart->count; i++) {
        append_part(&out, boundary, &multipart->parts[i]);
    }
    buf_append_str(&out, STR("--"));
    buf_append_str(&out, boundary);
    buf_append_str(&out, STR("--\r\n"));
    /* Heads at their limit grow by being written in full. */
    const char *problem = multipart_parse(boundary, buf_str(&out), again);
    if (problem == NULL) {
        CHECK(again->count == multipart->count);
        for (size_t i = 0; i < again->count; i++) {
            CHECK(is_same_part(&again->parts[i], &multipart->parts[i]));
        }
    } else {
        CHECK(strcmp(problem, "has a part whose headers do not end, or are too long") == 0);
    }
    buf_release(&out);
}

/* No text of the client's holds a line end, and no body the delimiter. */
static void check_part(const struct multipart_part *part, struct str delimiter) {
    const struct str texts[] = {part->name, part->file_name, part->content_type};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        CHECK(fuzz_is_text(texts[i]) && !str_has_control(texts[i]));
    }
    CHECK(!str_is_absent(part->name) && !str_is_absent(part->body));
    CHECK(memmem(part->body.data, part->body.size, delimiter.data, delimiter.size) == NULL);
}

void fuzz_one(struct str input, struct arena *arena) {
    struct str boundary;
    struct multipart *multipart = ARENA_NEW(arena, struct multipart);
    if (!multipart_boundary(fuzz_take_line(&input), &boundary)) {
        return;
    }
    CHECK(boundary.size > 0 && boundary.size <= MULTIPART_BOUNDARY_MAX_BYTES);
    const char *problem = multipart_parse(boundary, input, multipart);
    CHECK(multipart->count <= MULTIPART_PARTS_MAX);
    struct str delimiter = arena_printf(arena, "\r\n--%.*s", STR_ARG(boundary));
    const char *end = input.data;
    for (size_t i = 0; i < multipart->count; i++) {
        const struct multipart_part *part = &multipart->parts[i];
        check_part(part, delimiter);
        CHECK(part->name.data > end && part->body.data > part->name.data);
        end = part->body.data + part->body.size;
        CHECK(end <= input.data + input.size);
    }
    if (problem == NULL) {
        check_written(boundary, multipart, arena);
    }
}
