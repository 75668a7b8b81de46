#include "stores/term.h"

#include <utf8proc.h>

#include "stores/plain_letter.h"

/* Words that something joins are held back until their end, up to so much of them. */
#define COMPOUND_MAX_CHARACTERS 64
#define COMPOUND_PARTS_MAX 16

/* One character of a text may be many, but not more than this (Unicode: 18). */
#define DECOMPOSITION_MAX 32

#define COMBINING_VOICED 0x3099
#define COMBINING_SEMI_VOICED 0x309A

struct splitter {
    struct term_set *set;
    bool is_query;

    utf8proc_int32_t compound[COMPOUND_MAX_CHARACTERS];
    size_t length;
    size_t ends[COMPOUND_PARTS_MAX]; /* of the parts that are whole */
    size_t part_count;
    size_t part_start; /* of the one under way */
    bool has_point;    /* after a digit came a point, which belongs to it if a digit follows */

    utf8proc_int32_t run[2]; /* the latest of a run without spaces, not given yet */
    size_t run_count;
    bool run_gave; /* a pair */
};

struct range {
    utf8proc_int32_t first, last;
};

static bool is_in(const struct range *ranges, size_t count, utf8proc_int32_t code_point) {
    for (size_t i = 0; i < count; i++) {
        if (code_point >= ranges[i].first && code_point <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

/* Scripts without spaces between words. */
static bool is_unspaced(utf8proc_int32_t code_point) {
    static const struct range ranges[] = {
        {0x0E00, 0x0EFF},   /* Thai, Lao */
        {0x1000, 0x109F},   /* Burmese */
        {0x1780, 0x17FF},   /* Khmer */
        {0x3005, 0x3007},   /* iteration marks of Han */
        {0x3040, 0x30FF},   /* kana */
        {0x3400, 0x9FFF},   /* Han */
        {0x20000, 0x3FFFF}, /* more of it */
    };
    return code_point >= ranges[0].first && is_in(ranges, COUNT_OF(ranges), code_point);
}

/* Marks that readers leave out as often as not: accents, points, vowel signs of abjads. */
static bool is_accent(utf8proc_int32_t code_point) {
    static const struct range ranges[] = {
        {0x0300, 0x036F}, {0x0483, 0x0487}, {0x0591, 0x05C7}, {0x0610, 0x061A},
        {0x064B, 0x065F}, {0x0670, 0x0670}, {0x06D6, 0x06ED}, {0x1AB0, 0x1AFF},
        {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
    };
    return code_point >= ranges[0].first && is_in(ranges, COUNT_OF(ranges), code_point);
}

static bool is_mark(utf8proc_int32_t code_point) {
    utf8proc_category_t category = utf8proc_category(code_point);
    return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

static bool is_digit(utf8proc_int32_t code_point) {
    utf8proc_category_t category = utf8proc_category(code_point);
    return category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO;
}

static bool is_word(utf8proc_int32_t code_point) {
    utf8proc_category_t category = utf8proc_category(code_point);
    bool is_letter = category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
    return is_letter || is_digit(code_point) || is_mark(code_point);
}

static bool is_apostrophe(utf8proc_int32_t code_point) {
    return code_point == '\'' || code_point == 0x2019 || code_point == 0x02BC;
}

static bool is_joiner(utf8proc_int32_t code_point) {
    return code_point == '-' || code_point == '/' || code_point == '_' || code_point == '&' ||
           code_point == '+' || code_point == '.' || code_point == 0x2010 || code_point == 0x2013;
}

/* Composed and as UTF-8, into the set. */
static void emit(struct splitter *splitter, const utf8proc_int32_t *letters, size_t length) {
    utf8proc_int32_t composed[COMPOUND_MAX_CHARACTERS];
    utf8proc_uint8_t text[TERM_MAX_BYTES];
    size_t size = 0;
    length = length < TERM_MAX_CHARACTERS ? length : TERM_MAX_CHARACTERS;
    /* A point that the cut has left without the digit behind it. */
    length -= length > 0 && letters[length - 1] == '.' ? 1 : 0;
    memcpy(composed, letters, length * sizeof(*letters));
    utf8proc_ssize_t count = utf8proc_normalize_utf32(composed, (utf8proc_ssize_t)length,
                                                      UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        size += (size_t)utf8proc_encode_char(composed[i], text + size);
    }
    if (size > 0) {
        term_set_add(splitter->set, (struct str){(const char *)text, size});
    }
}

static void end_run(struct splitter *splitter) {
    bool is_alone = splitter->run_count == 1 && !splitter->run_gave;
    if (splitter->run_count == 2) {
        emit(splitter, splitter->run, 2);
    }
    if (splitter->run_count > 0 && (!splitter->is_query || is_alone)) {
        emit(splitter, splitter->run + splitter->run_count - 1, 1);
    }
    splitter->run_count = 0;
    splitter->run_gave = false;
}

static void push_run(struct splitter *splitter, utf8proc_int32_t code_point) {
    bool is_voicing = code_point == COMBINING_VOICED || code_point == COMBINING_SEMI_VOICED;
    utf8proc_int32_t pair[2] = {0, code_point};
    if (is_voicing && splitter->run_count > 0) {
        pair[0] = splitter->run[splitter->run_count - 1];
        if (utf8proc_normalize_utf32(pair, 2, UTF8PROC_COMPOSE | UTF8PROC_STABLE) == 1) {
            splitter->run[splitter->run_count - 1] = pair[0];
            return;
        }
    }
    if (splitter->run_count == 2) {
        emit(splitter, splitter->run, 2);
        splitter->run_gave = true;
        splitter->run[0] = splitter->run[1];
        splitter->run_count = 1;
    }
    splitter->run[splitter->run_count++] = code_point;
}

static void end_part(struct splitter *splitter) {
    if (splitter->length > splitter->part_start) {
        splitter->ends[splitter->part_count++] = splitter->length;
        splitter->part_start = splitter->length;
    }
    splitter->has_point = false;
}

static bool has_single(const struct splitter *splitter) {
    size_t start = 0;
    for (size_t i = 0; i < splitter->part_count; i++) {
        if (splitter->ends[i] - start == 1) {
            return true;
        }
        start = splitter->ends[i];
    }
    return false;
}

static void end_compound(struct splitter *splitter) {
    size_t start = 0;
    end_part(splitter);
    bool may_join = splitter->part_count > 1 && splitter->length <= TERM_MAX_CHARACTERS;
    bool is_joined_only = splitter->is_query && may_join && has_single(splitter);
    for (size_t i = 0; i < splitter->part_count && !is_joined_only; i++) {
        emit(splitter, splitter->compound + start, splitter->ends[i] - start);
        start = splitter->ends[i];
    }
    if (is_joined_only || (may_join && !splitter->is_query)) {
        emit(splitter, splitter->compound, splitter->length);
    }
    splitter->length = splitter->part_start = splitter->part_count = 0;
}

/* Marks in the order that Unicode gives them, whatever theirs was. */
static void order_mark(struct splitter *splitter) {
    utf8proc_int32_t *letters = splitter->compound;
    for (size_t at = splitter->length - 1; at > splitter->part_start; at--) {
        utf8proc_propval_t class = utf8proc_get_property(letters[at])->combining_class;
        utf8proc_propval_t before = utf8proc_get_property(letters[at - 1])->combining_class;
        if (class == 0 || before <= class) {
            return;
        }
        utf8proc_int32_t mark = letters[at];
        letters[at] = letters[at - 1];
        letters[at - 1] = mark;
    }
}

static void push_letter(struct splitter *splitter, utf8proc_int32_t code_point) {
    bool is_full = splitter->length == COMPOUND_MAX_CHARACTERS ||
                   splitter->part_count == COMPOUND_PARTS_MAX - 1;
    if (is_full && splitter->length == splitter->part_start) {
        end_compound(splitter);
    }
    bool is_cut = splitter->length - splitter->part_start >= TERM_MAX_CHARACTERS ||
                  splitter->length == COMPOUND_MAX_CHARACTERS;
    if (!is_cut) {
        splitter->compound[splitter->length++] = code_point;
        order_mark(splitter);
    }
}

static void push_word(struct splitter *splitter, utf8proc_int32_t code_point) {
    const char *plain = plain_letter(code_point);
    if (splitter->has_point && is_digit(code_point)) {
        push_letter(splitter, '.');
    } else if (splitter->has_point) {
        end_part(splitter);
    }
    splitter->has_point = false;
    if (plain == NULL) {
        push_letter(splitter, code_point);
        return;
    }
    for (; *plain != '\0'; plain++) {
        push_letter(splitter, *plain);
    }
}

static bool is_after_digit(const struct splitter *splitter) {
    return splitter->length > splitter->part_start &&
           is_digit(splitter->compound[splitter->length - 1]);
}

static void push(struct splitter *splitter, utf8proc_int32_t code_point) {
    if (is_accent(code_point) || is_apostrophe(code_point)) {
        return;
    }
    if (is_unspaced(code_point) && is_word(code_point)) {
        end_compound(splitter);
        push_run(splitter, code_point);
        return;
    }
    end_run(splitter);
    if (is_word(code_point)) {
        push_word(splitter, code_point);
        return;
    }
    bool is_point = (code_point == '.' || code_point == ',') && !splitter->has_point;
    if (is_point && is_after_digit(splitter)) {
        splitter->has_point = true;
    } else if (is_joiner(code_point) && splitter->length > splitter->part_start &&
               !splitter->has_point) {
        end_part(splitter);
    } else {
        end_compound(splitter);
    }
}

static void split(struct splitter *splitter, struct str text) {
    size_t at = 0;
    while (at < text.size && splitter->set->count < splitter->set->max) {
        utf8proc_int32_t code_point = 0;
        utf8proc_int32_t parts[DECOMPOSITION_MAX];
        int boundary = 0;
        utf8proc_ssize_t width = utf8proc_iterate((const utf8proc_uint8_t *)text.data + at,
                                                  (utf8proc_ssize_t)(text.size - at), &code_point);
        if (width <= 0) {
            break;
        }
        utf8proc_ssize_t count = utf8proc_decompose_char(
            code_point, parts, DECOMPOSITION_MAX,
            UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE, &boundary);
        for (utf8proc_ssize_t i = 0; i < count && i < DECOMPOSITION_MAX; i++) {
            push(splitter, parts[i]);
        }
        at += (size_t)width;
    }
    end_compound(splitter);
    end_run(splitter);
}

void term_split(struct str text, struct term_set *set) {
    struct splitter splitter = {.set = set};
    split(&splitter, text);
}

struct str_list term_query(struct str text, struct arena *arena) {
    struct term_set set;
    term_set_init(&set, arena, TERM_QUERY_WORDS_MAX);
    struct splitter splitter = {.set = &set, .is_query = true};
    split(&splitter, text);
    return term_set_list(&set);
}
