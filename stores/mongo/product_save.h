/*
 * product_save: what creating, changing and importing a product have in common. All of it runs
 * within a transaction.
 */
#ifndef AIZY_STORES_MONGO_PRODUCT_SAVE_H
#define AIZY_STORES_MONGO_PRODUCT_SAVE_H

#include "stores/mongo/product_document.h"
#include "stores/product_store.h"

struct product_save {
    struct arena *arena;
    const struct product_edit *edit;
    const struct product_author *author;
    struct violations *violations;
};

/* A product that is not there yet: product_store_create's faults. Fills in *record. */
MUST_USE struct fault product_save_new(struct mongo_store *store, const struct product_save *save,
                                       struct product_record *record);

/* *record as it was found becomes what it is now. *is_changed: anything was written at all. */
MUST_USE struct fault product_save_changed(struct mongo_store *store,
                                           const struct product_save *save,
                                           struct product_record *record, bool *is_changed);

/*
 * What product_save_new would do to a zeroed *record, or product_save_changed to one that was
 * found, without writing anything and without a transaction.
 */
MUST_USE struct fault product_save_check(struct mongo_store *store, const struct product_save *save,
                                         struct product_record *record, bool *is_changed);

/* product_save_unique.c: */

/* `base`, or with the first free of "-2", "-3", ... behind it, not counting the product itself. */
MUST_USE struct fault product_free_slug(struct mongo_store *store, struct arena *arena,
                                        struct str base, struct str product_id, struct str *slug);

/* Before a product gets this slug: it no longer leads to one that had it before. */
MUST_USE struct fault product_claim_slug(struct mongo_store *store, struct str slug);

/* Numbers made SKUs that another product has; FAULT_SKU_TAKEN for one that was given. */
MUST_USE struct fault product_free_skus(struct mongo_store *store, struct arena *arena,
                                        struct product *product);

#endif
