/*
 * category_products: the products of a category, brought in line with what became of it.
 *
 * Whoever changes where categories are, or a slug that answers show, marks each of them as `due` in
 * the same transaction; then, without that transaction, the products are rewritten in batches of a
 * few hundred, each a transaction of its own that reads the category anew and enters the guard
 * (category_guard.h), and the mark goes when all are done, unless somebody has marked the category
 * again since. So a pass may be given up or repeated at any point. A rewritten product keeps its
 * version, because nothing of it was edited, and its stock_seq moves, because readers see another
 * one.
 */
#ifndef AIZY_STORES_MONGO_CATEGORY_PRODUCTS_H
#define AIZY_STORES_MONGO_CATEGORY_PRODUCTS_H

#include "stores/mongo/mongo_connection.h"

#define CATEGORY_BATCH_PRODUCTS 500

/*
 * Does what is due in the category and all that is below it; and anywhere else what has been due
 * for a minute, since whoever was about it has probably ended. Not within a transaction.
 */
MUST_USE struct fault category_products_settle(struct mongo_store *store, struct arena *arena,
                                               struct str category_id);

/*
 * Gives the products of one category to another, as an edit of each. Ends well when either is not
 * there any more. Not within a transaction.
 */
MUST_USE struct fault category_products_move(struct mongo_store *store, struct arena *arena,
                                             struct str from_id, struct str to_id);

#endif
