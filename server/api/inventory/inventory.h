/*
 * inventory: the handlers of /api/inventory. All of them run in the mongo pool.
 */
#ifndef AIZY_SERVER_API_INVENTORY_INVENTORY_H
#define AIZY_SERVER_API_INVENTORY_INVENTORY_H

#include "server/api/job.h"

struct fault inventory_list(struct job *job);
struct fault inventory_show(struct job *job);
struct fault inventory_movements(struct job *job);
struct fault inventory_adjust(struct job *job);
struct fault inventory_update(struct job *job);

#endif
