/*
 * products: the handlers of /api/products. All of them run in the mongo pool.
 */
#ifndef AIZY_SERVER_API_PRODUCTS_PRODUCTS_H
#define AIZY_SERVER_API_PRODUCTS_PRODUCTS_H

#include "server/api/job.h"

struct fault products_list(struct job *job);
struct fault product_show(struct job *job);
struct fault product_create(struct job *job);
struct fault product_replace(struct job *job);
struct fault product_update(struct job *job);
struct fault product_delete(struct job *job);

#endif
