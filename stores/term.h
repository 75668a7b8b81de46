/*
 * term: text as words to search for, the same for what is stored and for what is asked.
 *
 * Pure text: no database. A *term* is one word in the form in which words are compared: NFKC,
 * case folded, without accents and without the Latin letters that only look accented (stores/
 * plain_letter.h); marks that are part of a script's spelling (kana voicing, Indic vowels) stay.
 * At most TERM_MAX_CHARACTERS code points; a longer word is cut there, in texts and queries alike.
 *
 *  - Words end at whatever is no letter and no digit. Apostrophes vanish ("kids'" is "kids"), a
 *    point or comma between digits stays as '.' ("5,2" is "5.2").
 *  - Words that a hyphen, '/', '_', '&', '+' or '.' joins are terms by themselves, and in a text
 *    also joined: "TAR-1201" gives "tar", "1201" and "tar1201". A query gives the joined term alone
 *    when a part is a single character ("t-shirt" is "tshirt"), else the parts.
 *  - Scripts that do not separate words (Han, kana, Thai, Lao, Khmer, Burmese) give each pair of
 *    neighbours, and a text also its run's last character, so that any part of a run is found.
 */
#ifndef AIZY_STORES_TERM_H
#define AIZY_STORES_TERM_H

#include "base/arena.h"

#define TERM_MAX_CHARACTERS 32
#define TERM_MAX_BYTES (TERM_MAX_CHARACTERS * 4)

/* Words of fewer letters, and those with a digit, are taken as they are typed. */
#define TERM_FORGIVEN_MIN_CHARACTERS 4

/* Words of a query beyond this are not looked for. */
#define TERM_QUERY_WORDS_MAX 10

/* Different terms in the order in which they came; at most `max`, what comes after is dropped. */
struct term_set {
    struct arena *arena;
    struct str *items;
    size_t count;
    size_t max;
    uint32_t *slots; /* of items, from 1; open addressing */
    size_t slot_count;
};

void term_set_init(struct term_set *set, struct arena *arena, size_t max);

/* Copies the term; false when it was there already or the set is full. */
bool term_set_add(struct term_set *set, struct str term);

bool term_set_has(const struct term_set *set, struct str term);

/* Its place in the order in which terms came; `count` when it is not there. */
size_t term_set_index(const struct term_set *set, struct str term);

struct str_list term_set_list(const struct term_set *set);

/* Adds the terms of a text; one that is not UTF-8 ends where it stops being it. */
void term_split(struct str text, struct term_set *set);

/* The terms that a query asks for, at most TERM_QUERY_WORDS_MAX. */
struct str_list term_query(struct str text, struct arena *arena);

/* By how good they are. */
enum term_match { TERM_NO_MATCH, TERM_FUZZY, TERM_PREFIX, TERM_EXACT, TERM_MATCH_COUNT };

/*
 * How a word of a query fits a term: the same, its beginning, or one typo away (a letter too many,
 * too few, another one, or two neighbours swapped) where term_is_forgiven.
 */
enum term_match term_compare(struct str word, struct str term);

bool term_is_forgiven(struct str word);

/*
 * The term and, where term_is_forgiven, all that it becomes by leaving one letter out, each once.
 * Two terms that are one typo apart have one of these in common (and some that have are not:
 * term_compare decides). Nothing for terms that are too short for a typo to lead to them.
 */
struct str_list term_deletions(struct str term, struct arena *arena);

/* The first letters, at most `count` of them. */
struct str term_beginning(struct str term, size_t count);

/* In code points. */
size_t term_length(struct str term);

#endif
