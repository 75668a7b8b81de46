/*
 * product_cell: the kinds of cells of a product file: how each is read and written.
 */
#ifndef AIZY_SERVER_CATALOGUE_PRODUCT_CELL_H
#define AIZY_SERVER_CATALOGUE_PRODUCT_CELL_H

#include "base/arena.h"
#include "base/buf.h"

/* What a kind needs beyond the cell. */
struct cell_context {
    struct arena *arena; /* when reading */
    int exponent;        /* of the row's currency */
    const char *const *choices;
};

/*
 * `read` fills *target from a cell that is not empty, copying into the arena: NULL, or what is
 * wrong ("must be ..."). `write` appends what `read` would read as the same; nothing when *value is
 * absent.
 */
struct cell_kind {
    const char *(*read)(const struct cell_context *context, struct str cell, void *target);
    void (*write)(const struct cell_context *context, const void *value, struct buf *text);
};

extern const struct cell_kind cell_text;       /* struct str, spaces around it cut off */
extern const struct cell_kind cell_text_as_is; /* struct str */
extern const struct cell_kind cell_choice;     /* struct str out of `choices`, in any case */
extern const struct cell_kind cell_currency;   /* struct str: a code of ISO 4217 */
extern const struct cell_kind cell_integer;    /* int64_t */
extern const struct cell_kind cell_quantity;   /* int64_t; what is below zero is read as 0 */
extern const struct cell_kind cell_grams;      /* int64_t; a fraction is rounded */
extern const struct cell_kind cell_money;      /* int64_t: minor units */
extern const struct cell_kind cell_tags;       /* struct str_list: each once, between commas */
extern const struct cell_kind cell_attributes; /* struct str_pair_list: an object of JSON */
extern const struct cell_kind cell_options;    /* struct product_option_list: JSON */

#endif
