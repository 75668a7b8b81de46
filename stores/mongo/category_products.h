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

#include "stores/mongo/category_document.h"
#include "stores/mongo/mongo_connection.h"

#define CATEGORY_BATCH_PRODUCTS 500

/*
 * Does what is due in the category and all that is below it. Not within a transaction. `pace` may
 * be NULL; when it says no between two batches: FAULT_BUSY, and what is left is due still.
 */
MUST_USE struct fault category_products_settle(struct mongo_store *store, struct arena *arena,
                                               struct str category_id,
                                               const struct category_pace *pace);

/*
 * Does what has been due anywhere since before `before_ms`, whoever was about it. Each category is
 * marked anew first, so that of several processes one does it. *count: of categories.
 */
MUST_USE struct fault category_products_settle_overdue(struct mongo_store *store,
                                                       struct arena *arena, int64_t before_ms,
                                                       const struct category_pace *pace,
                                                       size_t *count);

/*
 * Gives the products of one category to another, as an edit of each. Ends well when either is not
 * there any more. Not within a transaction. `pace` as above.
 */
MUST_USE struct fault category_products_move(struct mongo_store *store, struct arena *arena,
                                             struct str from_id, struct str to_id,
                                             const struct category_pace *pace);

/* Categories with an id in `member`, `due` or `removal_due`, that was made before `before_ms`. */
MUST_USE struct fault category_records_overdue(struct mongo_store *store, struct arena *arena,
                                               const char *member, int64_t before_ms,
                                               struct category_record_list *list);

#endif
