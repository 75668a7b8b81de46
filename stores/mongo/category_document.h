/*
 * category_document: categories as they lie in the collection `categories`, and where products are
 * in their tree.
 *
 * {_id, slug, name, parent_id, path, position, created_at, updated_at}. A path holds the ids of all
 * ancestors, from the root down to the parent. Products refer to ids, so that renaming a category,
 * or giving it another slug, is one write.
 */
#ifndef AIZY_STORES_MONGO_CATEGORY_DOCUMENT_H
#define AIZY_STORES_MONGO_CATEGORY_DOCUMENT_H

#include "stores/mongo/product_document.h"

/* Deeper trees are refused. */
#define CATEGORY_DEPTH_MAX 20

struct category_record {
    struct str id;
    struct str slug;
    struct str name;
    struct str parent_id; /* absent at the root */
    struct str_list path;
    int64_t position;
    int64_t created_at_ms;
    int64_t updated_at_ms;
};

/* FAULT_NOT_FOUND, also for what cannot be a slug. */
MUST_USE struct fault category_record_find(struct mongo_store *store, struct arena *arena,
                                           struct str slug, struct category_record *record);

/* Inserts a category of this name and slug under `parent` (NULL: at the root). FAULT_CONFLICT. */
MUST_USE struct fault category_record_insert(struct mongo_store *store, struct arena *arena,
                                             const struct category_record *parent, struct str slug,
                                             struct str name, int64_t position,
                                             struct category_record *record);

/* Sets the product's reference and path. `category` NULL: none. */
void category_set_of_product(const struct category_record *category, struct arena *arena,
                             struct product_record *record);

/* Fills in the products' category slugs, in one query. A category that is gone leaves it absent. */
MUST_USE struct fault category_slugs_read(struct mongo_store *store, struct arena *arena,
                                          struct product_record *records, size_t count);

#endif
