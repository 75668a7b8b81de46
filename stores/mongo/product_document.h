/*
 * product_document: a product as it lies in the collection `products`.
 */
#ifndef AIZY_STORES_MONGO_PRODUCT_DOCUMENT_H
#define AIZY_STORES_MONGO_PRODUCT_DOCUMENT_H

#include "stores/mongo/mongo_connection.h"
#include "stores/product.h"

/* Of the slugs that a product had, so many of the latest lead to it. */
#define PRODUCT_OLD_SLUGS_MAX 20

/* The product and what only the store needs to know of it. */
struct product_record {
    struct product product; /* .category is not in the document, nor are the levels of stock */
    struct str sort_name;
    struct str_list old_slugs;     /* that it had before, the latest first */
    struct str category_id;        /* absent */
    struct str_list category_path; /* the category's ancestors from the root on, and itself */
};

void product_document_encode(const struct product_record *record, bson_t *document);

/* To the options of a find of whole products: leaves out the terms (product_vocabulary.h). */
void product_document_put_projection(bson_t *options);

/*
 * FAULT_INTERNAL, with a line in the log, for a document that does not fit: one that was edited by
 * hand, or is larger than PRODUCT_MAX_BYTES. Leaves levels of stock at 0 and the category's slug
 * absent: product_levels_read and category_slugs_read fill them in.
 */
MUST_USE struct fault product_document_decode(const bson_t *document, struct arena *arena,
                                              struct product_record *record);

/* The product with this id, slug, or former slug: FAULT_NOT_FOUND. Fills in category and levels. */
MUST_USE struct fault product_record_find_by_id(struct mongo_store *store, struct arena *arena,
                                                struct str id, struct product_record *record);
MUST_USE struct fault product_record_find_by_slug(struct mongo_store *store, struct arena *arena,
                                                  struct str slug, struct product_record *record);
MUST_USE struct fault product_record_find_by_old_slug(struct mongo_store *store,
                                                      struct arena *arena, struct str slug,
                                                      struct product_record *record);

/* Fills in the categories' slugs and the levels of stock of products that were just decoded. */
MUST_USE struct fault product_records_complete(struct mongo_store *store, struct arena *arena,
                                               struct product_record *records, size_t count);

#endif
