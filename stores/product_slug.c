#include <stdlib.h>
#include <utf8proc.h>

#include "stores/plain_letter.h"
#include "stores/product.h"

/* Absent when the text is not UTF-8. */
static struct str normalise(struct str text, utf8proc_option_t options, struct arena *arena) {
    utf8proc_uint8_t *mapped = NULL;
    if (str_is_empty(text)) {
        return STR("");
    }
    utf8proc_ssize_t size = utf8proc_map(
        (const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.size, &mapped,
        options | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
    if (size < 0) {
        return (struct str){0};
    }
    struct str copy = arena_copy(arena, (struct str){(const char *)mapped, (size_t)size});
    free(mapped);
    return copy;
}

static bool is_slug_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

/* Appends what fits; a '-' only between two words. */
static void put_slug_byte(char *slug, size_t *size, char byte) {
    bool is_separator = byte == '-';
    if (*size < PRODUCT_SLUG_MAX_BYTES &&
        !(is_separator && (*size == 0 || slug[*size - 1] == '-'))) {
        slug[(*size)++] = byte;
    }
}

struct str product_slug_of(struct str name, struct arena *arena) {
    struct str text = normalise(name, UTF8PROC_DECOMPOSE, arena);
    char *slug = arena_alloc(arena, PRODUCT_SLUG_MAX_BYTES + 1);
    size_t size = 0;
    size_t at = 0;
    while (at < text.size) {
        utf8proc_int32_t letter = 0;
        utf8proc_ssize_t width = utf8proc_iterate((const utf8proc_uint8_t *)text.data + at,
                                                  (utf8proc_ssize_t)(text.size - at), &letter);
        const char *plain = plain_letter(letter);
        CHECK(width > 0);
        for (; plain != NULL && *plain != '\0'; plain++) {
            put_slug_byte(slug, &size, *plain);
        }
        if (plain == NULL) {
            put_slug_byte(slug, &size, is_slug_byte(text.data[at]) ? text.data[at] : '-');
        }
        at += (size_t)width;
    }
    if (size > 0 && slug[size - 1] == '-') {
        size--;
    }
    slug[size] = '\0';
    return (struct str){slug, size};
}

bool product_slug_is_valid(struct str slug) {
    if (slug.size == 0 || slug.size > PRODUCT_SLUG_MAX_BYTES) {
        return false;
    }
    for (size_t i = 0; i < slug.size; i++) {
        bool joins_words = slug.data[i] == '-' && i > 0 && i + 1 < slug.size &&
                           is_slug_byte(slug.data[i - 1]) && is_slug_byte(slug.data[i + 1]);
        if (!is_slug_byte(slug.data[i]) && !joins_words) {
            return false;
        }
    }
    return true;
}

struct str product_sort_name(struct str name, struct arena *arena) {
    struct str text = str_trim(normalise(name, UTF8PROC_COMPOSE, arena));
    if (text.size > PRODUCT_SORT_NAME_MAX_BYTES) {
        text.size = PRODUCT_SORT_NAME_MAX_BYTES;
        while (text.size > 0 && ((unsigned char)text.data[text.size] & 0xC0) == 0x80) {
            text.size--;
        }
    }
    return str_is_absent(text) ? STR("") : text;
}
