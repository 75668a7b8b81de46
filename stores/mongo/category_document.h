/*
 * category_document: categories as they lie in the collection `categories`, and where products are
 * in their tree.
 *
 * {_id, slug, old_slugs, name, parent_id, path, position, version, due, removal_to, removal_due,
 * removal_user_id, removal_address, removal_request_id, created_at, updated_at}. A path holds the
 * ids of all ancestors, from the root down to the parent. Products refer to ids, so that renaming a
 * category is one write. `due` is there while products have still to be brought in line with the
 * category (category_products.h), what begins with `removal_` while it is being emptied into
 * another one and is then to go (category_removal.h).
 */
#ifndef AIZY_STORES_MONGO_CATEGORY_DOCUMENT_H
#define AIZY_STORES_MONGO_CATEGORY_DOCUMENT_H

#include "stores/category_store.h"
#include "stores/mongo/product_document.h"

/* Of the slugs that a category had, so many of the latest lead to it. */
#define CATEGORY_OLD_SLUGS_MAX 20

/* Where its products and children go, on whose behalf, and since when somebody has been about it.
 */
struct category_removal {
    struct str to_id; /* absent: the category is to stay */
    struct str due;   /* an id that says since when */
    int64_t user_id;
    struct str address;
    struct str request_id;
};

struct category_record {
    struct str id;
    struct str slug;
    struct str_list old_slugs; /* that it had before, the latest first */
    struct str name;
    struct str parent_id; /* absent at the root */
    struct str_list path;
    int64_t position;
    int64_t version; /* of what editors write; from 1 */
    struct str due;  /* an id that says since when; absent: its products are in line */
    struct category_removal removal;
    int64_t created_at_ms;
    int64_t updated_at_ms;
};

struct category_record_list {
    struct category_record *items;
    size_t count;
};

void category_record_encode(const struct category_record *record, bson_t *document);

/* FAULT_NOT_FOUND, also for what cannot be a slug, or an id. */
MUST_USE struct fault category_record_find(struct mongo_store *store, struct arena *arena,
                                           struct str slug, struct category_record *record);
/* Also by a slug that it had before and that no category has now: record->slug is another one. */
MUST_USE struct fault category_record_find_any(struct mongo_store *store, struct arena *arena,
                                               struct str slug, struct category_record *record);
MUST_USE struct fault category_record_find_by_id(struct mongo_store *store, struct arena *arena,
                                                 struct str id, struct category_record *record);

/*
 * All that the filter finds, at most CATEGORY_COUNT_MAX, in the order of `options`; a damaged
 * document is left out and logged.
 */
MUST_USE struct fault category_records_read(struct mongo_store *store, struct arena *arena,
                                            const bson_t *filter, const bson_t *options,
                                            struct category_record_list *list);

/*
 * Within a transaction: inserts a category of this name and slug under `parent` (NULL: at the
 * root). FAULT_SLUG_TAKEN; FAULT_CONFLICT when it would be too deep; FAULT_CATEGORY_LIMIT when
 * there are CATEGORY_COUNT_MAX.
 */
MUST_USE struct fault category_record_insert(struct mongo_store *store, struct arena *arena,
                                             const struct category_record *parent, struct str slug,
                                             struct str name, int64_t position,
                                             struct category_record *record);

/* Before a category gets this slug: it no longer leads to one that had it before. */
MUST_USE struct fault category_claim_slug(struct mongo_store *store, struct str slug);

/* The path of whatever lies directly in this category; NULL: in none. */
struct str_list category_path_below(const struct category_record *category, struct arena *arena);

/* A slug for a name without any Latin letter or digit too, and the same one each time. */
struct str category_slug_of(struct str name, struct arena *arena);

/* Sets the product's reference and path. `category` NULL: none. */
void category_set_of_product(const struct category_record *category, struct arena *arena,
                             struct product_record *record);

/* Fills in the products' category slugs, in one query. A category that is gone leaves it absent. */
MUST_USE struct fault category_slugs_read(struct mongo_store *store, struct arena *arena,
                                          struct product_record *records, size_t count);

#endif
