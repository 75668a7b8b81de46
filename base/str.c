#include "base/str.h"

#include <openssl/crypto.h>
#include <utf8proc.h>

static unsigned char to_lower(char byte) {
    unsigned char value = (unsigned char)byte;
    return value >= 'A' && value <= 'Z' ? (unsigned char)(value | 0x20) : value;
}

bool str_equals_ignoring_case(struct str left, struct str right) {
    if (left.size != right.size) {
        return false;
    }
    for (size_t i = 0; i < left.size; i++) {
        if (to_lower(left.data[i]) != to_lower(right.data[i])) {
            return false;
        }
    }
    return true;
}

uint64_t str_hash(struct str text) {
    uint64_t hash = 14695981039346656037U;
    for (size_t i = 0; i < text.size; i++) {
        hash = (hash ^ (unsigned char)text.data[i]) * 1099511628211U;
    }
    return hash;
}

bool str_starts_with(struct str text, struct str prefix) {
    return text.size >= prefix.size && str_equals(str_slice(text, 0, prefix.size), prefix);
}

bool str_ends_with(struct str text, struct str suffix) {
    return text.size >= suffix.size &&
           str_equals(str_slice(text, text.size - suffix.size, suffix.size), suffix);
}

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t';
}

struct str str_trim(struct str text) {
    while (text.size > 0 && is_blank(text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && is_blank(text.data[text.size - 1])) {
        text.size--;
    }
    return text;
}

struct str str_slice(struct str text, size_t start, size_t size) {
    if (str_is_absent(text)) {
        return text;
    }
    if (start > text.size) {
        start = text.size;
    }
    if (size > text.size - start) {
        size = text.size - start;
    }
    return (struct str){text.data + start, size};
}

size_t str_find_byte(struct str text, char byte) {
    if (text.size == 0) {
        return 0;
    }
    const char *found = memchr(text.data, byte, text.size);
    return found == NULL ? text.size : (size_t)(found - text.data);
}

bool str_next(struct str *rest, char separator, struct str *piece) {
    if (rest->size == 0) {
        return false;
    }
    size_t end = str_find_byte(*rest, separator);
    *piece = str_slice(*rest, 0, end);
    *rest = str_slice(*rest, end + 1, SIZE_MAX);
    return true;
}

bool str_to_int64(struct str text, int64_t *value) {
    bool negative = text.size > 0 && text.data[0] == '-';
    size_t first = negative ? 1 : 0;
    if (text.size == first) {
        return false;
    }
    int64_t sum = 0;
    for (size_t i = first; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        /* The sign goes into each digit, so that INT64_MIN fits too. */
        int64_t digit = negative ? '0' - text.data[i] : text.data[i] - '0';
        if (__builtin_mul_overflow(sum, (int64_t)10, &sum) ||
            __builtin_add_overflow(sum, digit, &sum)) {
            return false;
        }
    }
    *value = sum;
    return true;
}

bool str_is_utf8(struct str text) {
    size_t at = 0;
    while (at < text.size) {
        if ((unsigned char)text.data[at] < 0x80) {
            at++;
            continue;
        }
        utf8proc_int32_t code_point;
        utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)text.data + at,
                                                   (utf8proc_ssize_t)(text.size - at), &code_point);
        if (length <= 0) {
            return false;
        }
        at += (size_t)length;
    }
    return true;
}

size_t str_utf8_length(struct str text) {
    size_t length = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (((unsigned char)text.data[i] & 0xC0) != 0x80) {
            length++;
        }
    }
    return length;
}

/* Of eight bytes at once; only whether one is there can be told, not which. */
static bool word_has_control(uint64_t word) {
    const uint64_t ones = UINT64_MAX / 255;
    const uint64_t high_bits = ones * 0x80;
    uint64_t below_space = (word - ones * 0x20) & ~word;
    uint64_t flipped = word ^ ones * 0x7F;
    uint64_t deletes = (flipped - ones) & ~flipped;
    return ((below_space | deletes) & high_bits) != 0;
}

bool str_has_control(struct str text) {
    size_t i = 0;
    for (uint64_t word = 0; text.size - i >= sizeof word; i += sizeof word) {
        memcpy(&word, text.data + i, sizeof word);
        if (word_has_control(word)) {
            return true;
        }
    }
    for (; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte < 0x20 || byte == 0x7F) {
            return true;
        }
    }
    return false;
}

bool str_equals_in_constant_time(struct str left, struct str right) {
    return left.size == right.size &&
           (left.size == 0 || CRYPTO_memcmp(left.data, right.data, left.size) == 0);
}
