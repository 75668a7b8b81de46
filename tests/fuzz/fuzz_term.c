/* term_split, term_query, term_compare, term_deletions: terms are their own terms, within bounds.
 */
#include "stores/product_terms.h"
#include "tests/fuzz/fuzz.h"

/* Unspaced scripts are given as pairs, of which each is found again among its own terms. */
static void check_term(struct str term, struct arena *arena) {
    struct term_set again;
    CHECK(term.size > 0 && term.size <= TERM_MAX_BYTES && str_is_utf8(term));
    CHECK(term_length(term) <= TERM_MAX_CHARACTERS && !str_has_control(term));
    CHECK(term.data[0] != '$' && str_find_byte(term, ' ') == term.size);
    term_set_init(&again, arena, 100);
    term_split(term, &again);
    CHECK(term_set_has(&again, term));
    CHECK(term_compare(term, term) == TERM_EXACT);
    CHECK(term_compare(term_beginning(term, 1), term) >= TERM_PREFIX);
}

/* One letter less is a typo away, and a deletion leads from one to the other. */
static void check_deletions(struct str term, struct arena *arena) {
    struct str_list deletions = term_deletions(term, arena);
    CHECK(deletions.count <= 1 + TERM_MAX_CHARACTERS);
    for (size_t i = 1; i < deletions.count; i++) {
        enum term_match match = term_compare(term, deletions.items[i]);
        CHECK(str_is_utf8(deletions.items[i]));
        CHECK(term_length(deletions.items[i]) + 1 == term_length(term));
        CHECK(match == TERM_FUZZY);
    }
}

void fuzz_one(struct str input, struct arena *arena) {
    struct term_set set;
    struct product_terms terms;
    const struct product product = {.name = input, .description = input};
    struct str_list words = term_query(input, arena);
    term_set_init(&set, arena, 200);
    term_split(input, &set);
    for (size_t i = 0; i < set.count && i < 20; i++) {
        check_term(set.items[i], arena);
        check_deletions(set.items[i], arena);
    }
    CHECK(words.count <= TERM_QUERY_WORDS_MAX);
    /* What a text is asked for in its own words is in it: a search for a name finds the product. */
    for (size_t i = 0; i < words.count && set.count < set.max; i++) {
        CHECK(term_set_has(&set, words.items[i]));
    }
    product_terms_of(&product, arena, &terms);
    CHECK(terms.all.count <= PRODUCT_TERMS_MAX && terms.name.count <= PRODUCT_NAME_TERMS_MAX);
}
