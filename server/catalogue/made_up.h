/*
 * made_up: products of a shop that does not exist, as many as are wanted, for measuring.
 *
 * Product number n is the same in every run and on every machine: what it is follows from n alone.
 * The words are tables (made_up_words.c). Kinds, brands and tags are popular as in real shops: a
 * few have much, most have little; prices are spread evenly by their logarithm and end as prices
 * do; some are sold out, some not for sale yet. The edits satisfy stores/product.h.
 */
#ifndef AIZY_SERVER_CATALOGUE_MADE_UP_H
#define AIZY_SERVER_CATALOGUE_MADE_UP_H

#include "stores/category_store.h"
#include "stores/product.h"

/* The categories that made-up products lie in, parents first. */
extern const struct category made_up_categories[];
extern const size_t made_up_category_count;

/* Number `number`, from 1, in the arena. Slugs and SKUs end with the number, so none are alike. */
void made_up_product(int64_t number, struct arena *arena, struct product_edit *edit);

#endif
