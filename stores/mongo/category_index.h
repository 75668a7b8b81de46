/*
 * category_index: all categories at once, for searches by their names and for facets.
 *
 * Read anew for each search: a shop has tens or hundreds, and what was renamed or moved is found
 * under its new name at once. Lives in the arena.
 */
#ifndef AIZY_STORES_MONGO_CATEGORY_INDEX_H
#define AIZY_STORES_MONGO_CATEGORY_INDEX_H

#include "stores/mongo/mongo_connection.h"
#include "stores/product_search.h"
#include "stores/term.h"

struct category_entry {
    bson_oid_t id;
    struct str slug;
    struct str name;
    struct str_list terms; /* of the name */
};

/* In the order of their ids. */
struct category_index {
    struct category_entry *items;
    size_t count;
};

/* At most PRODUCT_SEARCH_CATEGORIES_MAX, the oldest. */
MUST_USE struct fault category_index_read(struct mongo_store *store, struct arena *arena,
                                          struct category_index *index);

/* NULL: it is not among them. */
const struct category_entry *category_index_find(const struct category_index *index,
                                                 const bson_oid_t *id);

#endif
