#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "stores/product_terms.h"

static struct arena arena;

static int begin(void **state) {
    (void)state;
    arena_init(&arena, (size_t)64 << 20);
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_release(&arena);
    return 0;
}

static struct str joined(struct str_list terms) {
    struct str text = STR("");
    for (size_t i = 0; i < terms.count; i++) {
        text = arena_printf(&arena, "%.*s%s%.*s", STR_ARG(text), i == 0 ? "" : " ",
                            STR_ARG(terms.items[i]));
    }
    return text;
}

static struct str split(const char *text) {
    struct term_set set;
    term_set_init(&set, &arena, 100);
    term_split(str_of(text), &set);
    return joined(term_set_list(&set));
}

static struct str query(const char *text) {
    return joined(term_query(str_of(text), &arena));
}

struct text_row {
    const char *text;
    const char *split;
    const char *query;
};

static const struct text_row text_rows[] = {
    {"", "", ""},
    {" .,-'!? ", "", ""},
    {"Enamel Camp Mug, 0.5 L", "enamel camp mug 0.5 l", "enamel camp mug 0.5 l"},
    {"mug mug MUG", "mug", "mug"},
    /* accents and case */
    {"Jalape\u00f1o CR\u00c8ME", "jalapeno creme", "jalapeno creme"},
    {"jalapen\u0303o", "jalapeno", "jalapeno"},
    {"Wei\u00dfbier Stra\u1e9ee", "weissbier strasse", "weissbier strasse"},
    {"\u0130stanbul \u0131\u015f\u0131k", "istanbul isik", "istanbul isik"},
    {"\u017b\u00f3\u0142ty \u0141\u0105ka \u00d8re \u00c6on", "zolty laka ore aeon",
     "zolty laka ore aeon"},
    {"\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", "\u03c3\u03b9\u03c3\u03c5\u03c6\u03bf\u03c3",
     "\u03c3\u03b9\u03c3\u03c5\u03c6\u03bf\u03c3"},
    {"\u0401\u043b\u043a\u0430", "\u0435\u043b\u043a\u0430", "\u0435\u043b\u043a\u0430"},
    {"\uff21\uff22\uff23 \ufb01sh", "abc fish", "abc fish"},
    {"so\u00adft zero\u200bwidth", "soft zerowidth", "soft zerowidth"},
    /* what joins words */
    {"TAR-1201-MOS", "tar 1201 mos tar1201mos", "tar 1201 mos"},
    {"T-Shirt", "t shirt tshirt", "tshirt"},
    {"sleeping-bag", "sleeping bag sleepingbag", "sleeping bag"},
    {"kids' Shepherd's O\u2019Brien", "kids shepherds obrien", "kids shepherds obrien"},
    {"R&D a/b", "r d rd a b ab", "rd ab"},
    {"5.2 L 5,2 1.9. 3,", "5.2 l 1.9 3", "5.2 l 1.9 3"},
    {"v1.2.3", "v1.2.3", "v1.2.3"},
    {"a - b", "a b", "a b"},
    {"\u00bd cup", "1 2 cup", "1 2 cup"},
    /* scripts without spaces: pairs, and the last alone in what is stored */
    {"\u63d0\u706f", "\u63d0\u706f \u706f", "\u63d0\u706f"},
    {"\u706f", "\u706f", "\u706f"},
    {"\u4e09\u5fb3\u5305\u4e01", "\u4e09\u5fb3 \u5fb3\u5305 \u5305\u4e01 \u4e01",
     "\u4e09\u5fb3 \u5fb3\u5305 \u5305\u4e01"},
    {"\u304b\u304c\u304f", "\u304b\u304c \u304c\u304f \u304f", "\u304b\u304c \u304c\u304f"},
    {"\uff76\uff9e\uff97", "\u30ac\u30e9 \u30e9", "\u30ac\u30e9"},
    {"Sencha\u714e\u8336x", "sencha \u714e\u8336 \u8336 x", "sencha \u714e\u8336 x"},
    /* Hangul has spaces; its syllables stay whole */
    {"\ud55c\uad6d \ucc28", "\ud55c\uad6d \ucc28", "\ud55c\uad6d \ucc28"},
    {"\U0001F525 hot", "hot", "hot"},
};

static void splits(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(text_rows); i++) {
        assert_string_equal(split(text_rows[i].text).data, text_rows[i].split);
        assert_string_equal(query(text_rows[i].text).data, text_rows[i].query);
    }
}

static void is_bounded(void **state) {
    (void)state;
    char letters[201] = {0};
    memset(letters, 'x', 200);
    assert_int_equal(split(letters).size, TERM_MAX_CHARACTERS);
    assert_string_equal(query("a b c d e f g h i j k l").data, "a b c d e f g h i j");
    struct term_set set;
    term_set_init(&set, &arena, 2);
    term_split(STR("one two three one"), &set);
    assert_string_equal(joined(term_set_list(&set)).data, "one two");
    assert_true(term_set_has(&set, STR("two")));
    assert_false(term_set_has(&set, STR("three")));
    /* What is not UTF-8 ends the text. */
    assert_string_equal(split("good \xff bad").data, "good");
}

struct compare_row {
    const char *word;
    const char *term;
    enum term_match match;
};

static const struct compare_row compare_rows[] = {
    {"tent", "tent", TERM_EXACT},
    {"te", "tent", TERM_PREFIX},
    {"tents", "tent", TERM_FUZZY},
    {"lantren", "lantern", TERM_FUZZY},
    {"lanten", "lantern", TERM_FUZZY},
    {"lantterm", "lantern", TERM_NO_MATCH},
    {"lanturn", "lantern", TERM_FUZZY},
    {"alntern", "lantern", TERM_FUZZY},
    {"lanternn", "lantern", TERM_FUZZY},
    {"antern", "lantern", TERM_FUZZY},
    {"antren", "lantern", TERM_NO_MATCH},
    {"mag", "mug", TERM_NO_MATCH},
    {"abcd", "abc", TERM_FUZZY},
    {"abc", "abcd", TERM_PREFIX},
    {"bcd", "abcd", TERM_NO_MATCH},
    {"1201", "1202", TERM_NO_MATCH},
    {"tar1201mos", "tar1202mos", TERM_NO_MATCH},
    {"tomato", "potato", TERM_NO_MATCH},
    {"\u0435\u043b\u043a\u0438", "\u0435\u043b\u043a\u0430", TERM_FUZZY},
    {"abcd", "badc", TERM_NO_MATCH},
    {"abca", "abcab", TERM_PREFIX},
    {"teh x", "the x", TERM_FUZZY},
};

static void compares(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(compare_rows); i++) {
        const struct compare_row *row = &compare_rows[i];
        assert_int_equal(term_compare(str_of(row->word), str_of(row->term)), row->match);
    }
}

static bool share(struct str_list left, struct str_list right) {
    for (size_t i = 0; i < left.count; i++) {
        for (size_t at = 0; at < right.count; at++) {
            if (str_equals(left.items[i], right.items[at])) {
                return true;
            }
        }
    }
    return false;
}

static void deletions_lead_from_typos_to_terms(void **state) {
    (void)state;
    assert_string_equal(joined(term_deletions(STR("boot"), &arena)).data, "boot oot bot boo");
    assert_string_equal(joined(term_deletions(STR("mug"), &arena)).data, "mug");
    assert_int_equal(term_deletions(STR("ab"), &arena).count, 0);
    assert_int_equal(term_deletions(STR("1201"), &arena).count, 0);
    for (size_t i = 0; i < COUNT_OF(compare_rows); i++) {
        struct str word = str_of(compare_rows[i].word);
        struct str term = str_of(compare_rows[i].term);
        if (compare_rows[i].match == TERM_FUZZY) {
            assert_true(share(term_deletions(word, &arena), term_deletions(term, &arena)));
        }
    }
}

static void a_product_is_found_by_its_members(void **state) {
    (void)state;
    struct str tags[] = {STR("car-camping")};
    struct product_variant variant = {.sku = STR("AB-1")};
    const struct product product = {
        .name = STR("Twin Stove"),
        .brand = STR("Kotka"),
        .tags = {tags, 1},
        .variants = {&variant, 1},
        .description = STR("<p class=\"x\">Two&nbsp;burners</p><br/>a < b & stove; <script"),
    };
    struct product_terms terms;
    product_terms_of(&product, &arena, &terms);
    assert_string_equal(joined(terms.name).data, "twin stove");
    assert_string_equal(joined(terms.label).data, "kotka car camping carcamping ab 1 ab1");
    assert_string_equal(joined(terms.all).data, "twin stove kotka car camping carcamping ab 1 ab1 "
                                                "two burners a b script");
}

static void a_long_description_is_cut(void **state) {
    (void)state;
    struct buf text;
    struct product_terms terms;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < 2000; i++) {
        buf_printf(&text, "word%d ", i);
    }
    const struct product product = {.name = STR("Name"), .description = buf_str(&text)};
    product_terms_of(&product, &arena, &terms);
    assert_int_equal(terms.all.count, PRODUCT_TERMS_MAX);
    assert_string_equal(terms.all.items[0].data, "name");
    buf_release(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(splits, begin, end),
        cmocka_unit_test_setup_teardown(is_bounded, begin, end),
        cmocka_unit_test_setup_teardown(compares, begin, end),
        cmocka_unit_test_setup_teardown(deletions_lead_from_typos_to_terms, begin, end),
        cmocka_unit_test_setup_teardown(a_product_is_found_by_its_members, begin, end),
        cmocka_unit_test_setup_teardown(a_long_description_is_cut, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
