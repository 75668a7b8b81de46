/*
 * category_tree: all categories with what is counted in them, put together in memory.
 */
#ifndef AIZY_STORES_MONGO_CATEGORY_TREE_H
#define AIZY_STORES_MONGO_CATEGORY_TREE_H

#include "stores/mongo/category_document.h"

/*
 * The roots, in their order, with all below them. With `only`, a category as it was found: no more
 * of the tree than that one's ancestors and descendants, and the counts of its descendants and
 * itself. Products are counted by the category that they are in and added up along the tree, so
 * that the counts are right also while a move is still being carried into the products' paths.
 */
MUST_USE struct fault category_tree_read(struct mongo_store *store, struct arena *arena,
                                         const struct category_record *only,
                                         struct category_list *roots);

/* A category as it was found, with what category_store_find says. FAULT_NOT_FOUND: it is gone. */
MUST_USE struct fault category_tree_show(struct mongo_store *store, struct arena *arena,
                                         const struct category_record *record,
                                         struct category_node *node);

#endif
