/*
 * products: the handlers of /api/products. All of them run in the mongo pool.
 */
#ifndef AIZY_SERVER_API_PRODUCTS_PRODUCTS_H
#define AIZY_SERVER_API_PRODUCTS_PRODUCTS_H

#include "server/api/job.h"
#include "stores/product_store.h"

struct fault products_list(struct job *job);
struct fault product_show(struct job *job);
struct fault product_create(struct job *job);
struct fault product_replace(struct job *job);
struct fault product_update(struct job *job);
struct fault product_delete(struct job *job);

/* product_images.c, product_images_add.c */
extern const struct upload product_images_upload;
struct fault product_images_add(struct job *job); /* in the bulk pool */
struct fault product_images_arrange(struct job *job);
struct fault product_image_remove(struct job *job);

/* The caller, for the audit trail. */
struct product_author product_author_of(const struct job *job);

#endif
