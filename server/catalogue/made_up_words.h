/*
 * made_up_words: the tables of made_up.c.
 */
#ifndef AIZY_SERVER_CATALOGUE_MADE_UP_WORDS_H
#define AIZY_SERVER_CATALOGUE_MADE_UP_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* What sizes of a kind there are. */
enum made_up_sizes { SIZES_NONE, SIZES_CLOTHES, SIZES_SHOES, SIZES_BEDS };

/* One kind of thing that the shop sells, the most popular ones first. */
struct made_up_kind {
    const char *noun;
    const char *category; /* a slug of made_up_categories */
    enum made_up_sizes sizes;
    int64_t price_min, price_max; /* minor units */
    int64_t weight_grams;
};

/* Each list ends with NULL; what comes first is the most popular. */
extern const struct made_up_kind made_up_kinds[];
extern const size_t made_up_kind_count;
extern const char *const made_up_adjectives[];
extern const char *const made_up_materials[];
extern const char *const made_up_colours[];
extern const char *const made_up_brand_beginnings[];
extern const char *const made_up_brand_endings[];
extern const char *const made_up_tags[];
extern const char *const made_up_places[];
extern const char *const made_up_sentences[];         /* of a description */
extern const char *const *const made_up_size_lists[]; /* by enum made_up_sizes; NULL: none */

#endif
