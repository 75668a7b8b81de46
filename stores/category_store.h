/*
 * category_store: the tree of categories, in MongoDB.
 *
 * A category knows its ancestors, from the root down to its parent, so that a product, which
 * carries its category and all of that one's ancestors, is found under each of them by one index.
 */
#ifndef AIZY_STORES_CATEGORY_STORE_H
#define AIZY_STORES_CATEGORY_STORE_H

#include "base/arena.h"
#include "base/fault.h"

struct mongo_store;

struct category {
    struct str slug;
    struct str name;
    struct str parent; /* a slug; absent at the root */
    int64_t position;
};

/*
 * Makes the category, or gives the one with this slug another name and position. FAULT_NOT_FOUND
 * when the parent does not exist; FAULT_CONFLICT when it exists under another parent (moves are not
 * made here).
 */
MUST_USE struct fault category_store_put(struct mongo_store *store, struct arena *arena,
                                         const struct category *category);

#endif
