#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>

/* A line of the log fits, and most small answers. */
#define BUF_FIRST_CAPACITY 512

void buf_init(struct buf *buf, size_t max_bytes) {
    CHECK(max_bytes < PTRDIFF_MAX / 2);
    *buf = (struct buf){.max_bytes = max_bytes};
}

void buf_release(struct buf *buf) {
    free(buf->data);
    buf_init(buf, buf->max_bytes);
}

void buf_clear(struct buf *buf) {
    buf->size = 0;
    buf->overflowed = false;
    if (buf->data != NULL) {
        buf->data[0] = '\0';
    }
}

/* Makes room for `size` more bytes and a NUL, or marks the overflow. */
static bool reserve(struct buf *buf, size_t size) {
    if (buf->overflowed || size > buf->max_bytes - buf->size) {
        buf->overflowed = true;
        return false;
    }
    size_t needed = buf->size + size + 1;
    if (needed <= buf->capacity) {
        return true;
    }
    size_t capacity = buf->capacity == 0 ? BUF_FIRST_CAPACITY : buf->capacity;
    while (capacity < needed) {
        capacity *= 2;
    }
    if (capacity > buf->max_bytes + 1) {
        capacity = buf->max_bytes + 1;
    }
    char *data = realloc(buf->data, capacity);
    CHECK(data != NULL && "out of memory");
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

void buf_append(struct buf *buf, const void *data, size_t size) {
    /* What has room already needs no second look: the capacity is never above the maximum. */
    bool has_room = size < buf->capacity - buf->size && !buf->overflowed;
    if (!has_room && !reserve(buf, size)) {
        return;
    }
    if (size > 0) {
        memcpy(buf->data + buf->size, data, size);
    }
    buf->size += size;
    buf->data[buf->size] = '\0';
}

void buf_append_str(struct buf *buf, struct str text) {
    buf_append(buf, text.data, text.size);
}

void buf_append_byte(struct buf *buf, char byte) {
    buf_append(buf, &byte, 1);
}

void buf_append_int64(struct buf *buf, int64_t value) {
    char digits[20];
    size_t first = sizeof digits;
    /* The negative of INT64_MIN is no int64_t. */
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--first] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        digits[--first] = '-';
    }
    buf_append(buf, digits + first, sizeof digits - first);
}

void buf_printf(struct buf *buf, const char *format, ...) {
    va_list arguments;
    va_list again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    CHECK(length >= 0);
    size_t size = (size_t)length;
    if (reserve(buf, size)) {
        (void)vsnprintf(buf->data + buf->size, size + 1, format, again);
        buf->size += size;
    }
    va_end(again);
}

/* ASCII that stands for itself inside a JSON string. */
static bool is_plain(signed char byte) {
    return byte >= 0x20 && byte != '"' && byte != '\\' && byte != '<' && byte != '>' && byte != '&';
}

/* What stands for a code point inside a JSON string, or NULL when it stands for itself. */
static const char *json_escape(utf8proc_int32_t code_point, char escape[static 8]) {
    switch (code_point) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        break;
    }
    if (code_point < 0x20 || code_point == '<' || code_point == '>' || code_point == '&' ||
        code_point == 0x2028 || code_point == 0x2029) {
        (void)snprintf(escape, 8, "\\u%04x", (unsigned)code_point & 0xFFFFU);
        return escape;
    }
    return NULL;
}

void buf_append_json_string(struct buf *buf, struct str text) {
    if (str_is_absent(text)) {
        buf_append_str(buf, STR("null"));
        return;
    }
    buf_append_byte(buf, '"');
    size_t copied = 0;
    size_t at = 0;
    while (at < text.size) {
        if (is_plain((signed char)text.data[at])) {
            at++;
            continue;
        }
        utf8proc_int32_t code_point = (unsigned char)text.data[at];
        utf8proc_ssize_t length = 1;
        if (code_point >= 0x80) {
            length = utf8proc_iterate((const utf8proc_uint8_t *)text.data + at,
                                      (utf8proc_ssize_t)(text.size - at), &code_point);
        }
        char escape[8];
        const char *replacement = length <= 0 ? "\xEF\xBF\xBD" : json_escape(code_point, escape);
        size_t width = length <= 0 ? 1 : (size_t)length;
        if (replacement != NULL) {
            buf_append(buf, text.data + copied, at - copied);
            buf_append_str(buf, str_of(replacement));
            copied = at + width;
        }
        at += width;
    }
    buf_append(buf, text.data + copied, at - copied);
    buf_append_byte(buf, '"');
}

void buf_append_hex(struct buf *buf, const unsigned char *data, size_t size) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        const char pair[2] = {digits[data[i] >> 4], digits[data[i] & 0x0F]};
        buf_append(buf, pair, sizeof pair);
    }
}

struct str buf_str(const struct buf *buf) {
    return buf->data == NULL ? STR("") : (struct str){buf->data, buf->size};
}
