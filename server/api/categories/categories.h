/*
 * categories: the handlers of /api/categories. Changing and removing one takes a time that grows
 * with its products, so these run in the bulk pool, the others in that of MongoDB.
 */
#ifndef AIZY_SERVER_API_CATEGORIES_CATEGORIES_H
#define AIZY_SERVER_API_CATEGORIES_CATEGORIES_H

#include "server/api/job.h"

struct fault categories_show(struct job *job);
struct fault category_show(struct job *job);
struct fault category_create(struct job *job);
struct fault category_update(struct job *job);
struct fault category_delete(struct job *job);

#endif
