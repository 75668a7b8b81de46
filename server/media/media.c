#include "server/media/media.h"

#include <openssl/rand.h>

#include "base/buf.h"

const struct media_format_row media_formats[MEDIA_FORMAT_COUNT] = {
    [MEDIA_JPEG] = {"jpg", "image/jpeg"},
    [MEDIA_PNG] = {"png", "image/png"},
    [MEDIA_WEBP] = {"webp", "image/webp"},
};

const char *const media_content_types[] = {"image/jpeg", "image/png", "image/webp", NULL};

const struct media_size_row media_sizes[MEDIA_SIZE_COUNT] = {
    {"960", 960}, {"480", 480}, {"160", 160}};

struct str media_new_id(struct arena *arena) {
    unsigned char bytes[MEDIA_ID_BYTES / 2];
    struct buf digits;
    CHECK(RAND_bytes(bytes, sizeof(bytes)) == 1);
    buf_init(&digits, MEDIA_ID_BYTES);
    buf_append_hex(&digits, bytes, sizeof(bytes));
    struct str id = arena_copy(arena, buf_str(&digits));
    buf_release(&digits);
    return id;
}

struct str media_name(struct arena *arena, struct str id, const char *size,
                      enum media_format format) {
    return arena_printf(arena, "%.*s%s%s.%s", STR_ARG(id), size == NULL ? "" : "-",
                        size == NULL ? "" : size, media_formats[format].extension);
}

static bool is_size(struct str text) {
    for (size_t i = 0; i < MEDIA_SIZE_COUNT; i++) {
        if (str_equals(text, str_of(media_sizes[i].name))) {
            return true;
        }
    }
    return false;
}

bool media_name_is_valid(struct str name, enum media_format *format) {
    size_t dot = str_find_byte(name, '.');
    struct str id = str_slice(name, 0, MEDIA_ID_BYTES);
    struct str size = str_slice(str_slice(name, 0, dot), MEDIA_ID_BYTES, SIZE_MAX);
    struct str extension = str_slice(name, dot + 1, SIZE_MAX);
    bool is_whole = size.size == 0;
    if (!media_id_is_valid(id) ||
        (!is_whole && (size.data[0] != '-' || !is_size(str_slice(size, 1, SIZE_MAX))))) {
        return false;
    }
    for (int i = 0; i < MEDIA_FORMAT_COUNT; i++) {
        if (str_equals(extension, str_of(media_formats[i].extension))) {
            *format = (enum media_format)i;
            return true;
        }
    }
    return false;
}
