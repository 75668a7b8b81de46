/*
 * category_guard: that no product is left with a path that its category no longer has.
 *
 * A product carries the ids of its category and of all that one's ancestors (category_path). Under
 * snapshot isolation a transaction that reads the path of a category and writes it into a product
 * does not see that the category is being moved, or removed, by another one that writes nothing but
 * categories: both would commit. So the two meet on purpose, in documents that are there for
 * nothing else: whoever writes a path into products updates one of a few guards, whoever changes
 * where a category is, or whether it is there, updates all of them. The store lets only one of two
 * transactions that overlap update the same document; the other is repeated on what is true then.
 *
 * Hence: when a transaction that entered commits, the paths it wrote are those of the tree. What it
 * wrote before a move is found by the pass over the products that follows the move
 * (category_products.h), what it writes after a move has read the new tree. There are several
 * guards so that those who write products seldom meet each other.
 */
#ifndef AIZY_STORES_MONGO_CATEGORY_GUARD_H
#define AIZY_STORES_MONGO_CATEGORY_GUARD_H

#include "stores/mongo/mongo_connection.h"

/*
 * Within a transaction that has read a category and writes products that belong to it. As its last
 * step, so that it is in the way of others for the shortest time.
 */
MUST_USE struct fault category_guard_enter(struct mongo_store *store);

/* Within a transaction that adds, moves or removes categories: these run one after another. */
MUST_USE struct fault category_guard_close(struct mongo_store *store);

#endif
