/*
 * products: the handlers of /api/products. They run in the mongo pool, those of files in the bulk
 * one.
 */
#ifndef AIZY_SERVER_API_PRODUCTS_PRODUCTS_H
#define AIZY_SERVER_API_PRODUCTS_PRODUCTS_H

#include "server/api/job.h"
#include "stores/product_images.h"

/* The largest body that there is: larger files go through the command line. */
#define PRODUCT_IMPORT_BODY_MAX_BYTES (12UL * 1024 * 1024)

extern const struct upload product_import_upload;
extern const char *const product_file_types[]; /* "text/csv", NULL */

struct fault products_list(struct job *job);
struct fault products_suggest(struct job *job);
struct fault product_show(struct job *job);
struct fault product_create(struct job *job);
struct fault product_replace(struct job *job);
struct fault product_update(struct job *job);
struct fault product_delete(struct job *job);
struct fault products_import(struct job *job);
struct fault product_import_show(struct job *job);
struct fault products_export(struct job *job);

/* product_images.c, product_images_add.c */
extern const struct upload product_images_upload;
struct fault product_images_add(struct job *job); /* in the bulk pool */
struct fault product_images_arrange(struct job *job);
struct fault product_image_remove(struct job *job);

/* Of the path, If-Match and the caller: FAULT_NOT_FOUND for what is no id, else the ETag's faults.
 */
MUST_USE struct fault product_images_change_of(struct job *job,
                                               struct product_images_change *change);

struct product_list_query;

/*
 * products_search.c: what the query says of searching, sorting and counting. FAULT_INVALID for a
 * sort by relevance without a search or with a cursor, and for facets that there are not.
 */
MUST_USE struct fault products_search_read(struct job *job, const struct product_list_query *query,
                                           struct product_query *wanted);

#endif
