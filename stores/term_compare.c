#include <utf8proc.h>

#include "stores/term.h"

struct letters {
    utf8proc_int32_t items[TERM_MAX_CHARACTERS];
    size_t count;
};

/* Terms are UTF-8 of at most TERM_MAX_CHARACTERS; of anything longer, the beginning. */
static void read_letters(struct str term, struct letters *letters) {
    size_t at = 0;
    letters->count = 0;
    while (at < term.size && letters->count < TERM_MAX_CHARACTERS) {
        utf8proc_ssize_t width =
            utf8proc_iterate((const utf8proc_uint8_t *)term.data + at,
                             (utf8proc_ssize_t)(term.size - at), &letters->items[letters->count]);
        if (width <= 0) {
            break;
        }
        letters->count++;
        at += (size_t)width;
    }
}

size_t term_length(struct str term) {
    return str_utf8_length(term);
}

struct str term_beginning(struct str term, size_t count) {
    size_t at = 0;
    while (at < term.size && count > 0) {
        at++;
        while (at < term.size && ((unsigned char)term.data[at] & 0xC0) == 0x80) {
            at++;
        }
        count--;
    }
    return str_slice(term, 0, at);
}

static bool has_digit(struct str word) {
    for (size_t i = 0; i < word.size; i++) {
        if (word.data[i] >= '0' && word.data[i] <= '9') {
            return true;
        }
    }
    return false;
}

bool term_is_forgiven(struct str word) {
    return term_length(word) >= TERM_FORGIVEN_MIN_CHARACTERS && !has_digit(word);
}

static bool is_same_from(const struct letters *left, size_t left_at, const struct letters *right,
                         size_t right_at) {
    size_t left_rest = left->count - left_at;
    return left_rest == right->count - right_at &&
           memcmp(left->items + left_at, right->items + right_at,
                  left_rest * sizeof(left->items[0])) == 0;
}

/* `longer` has one letter more. */
static bool is_one_more(const struct letters *longer, const struct letters *shorter, size_t at) {
    return is_same_from(longer, at + 1, shorter, at);
}

static bool is_swapped(const struct letters *left, const struct letters *right, size_t at) {
    return at + 1 < left->count && left->items[at] == right->items[at + 1] &&
           left->items[at + 1] == right->items[at] && is_same_from(left, at + 2, right, at + 2);
}

/* Of two that differ. */
static bool is_one_typo_away(struct str word, struct str term) {
    struct letters left;
    struct letters right;
    size_t at = 0;
    read_letters(word, &left);
    read_letters(term, &right);
    size_t shorter = left.count < right.count ? left.count : right.count;
    while (at < shorter && left.items[at] == right.items[at]) {
        at++;
    }
    if (left.count == right.count) {
        return at < shorter &&
               (is_same_from(&left, at + 1, &right, at + 1) || is_swapped(&left, &right, at));
    }
    if (left.count == right.count + 1) {
        return is_one_more(&left, &right, at);
    }
    return right.count == left.count + 1 && is_one_more(&right, &left, at);
}

enum term_match term_compare(struct str word, struct str term) {
    if (str_starts_with(term, word)) {
        return term.size == word.size ? TERM_EXACT : TERM_PREFIX;
    }
    /* A letter has at most four bytes. */
    size_t difference = term.size > word.size ? term.size - word.size : word.size - term.size;
    bool is_close = difference <= 4 && term_is_forgiven(word) && !has_digit(term) &&
                    is_one_typo_away(word, term);
    return is_close ? TERM_FUZZY : TERM_NO_MATCH;
}

struct str_list term_deletions(struct str term, struct arena *arena) {
    struct term_set set;
    if (has_digit(term) || term_length(term) + 1 < TERM_FORGIVEN_MIN_CHARACTERS) {
        return (struct str_list){0};
    }
    term_set_init(&set, arena, 1 + TERM_MAX_CHARACTERS);
    term_set_add(&set, term);
    for (size_t at = 0; term_is_forgiven(term) && at < term.size;) {
        char shorter[TERM_MAX_BYTES];
        size_t width = term_beginning(str_slice(term, at, term.size), 1).size;
        CHECK(term.size <= sizeof(shorter));
        memcpy(shorter, term.data, at);
        memcpy(shorter + at, term.data + at + width, term.size - at - width);
        term_set_add(&set, (struct str){shorter, term.size - width});
        at += width;
    }
    return term_set_list(&set);
}
