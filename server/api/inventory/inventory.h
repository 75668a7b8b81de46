/*
 * inventory: the handlers of /api/inventory. All of them run in the mongo pool.
 */
#ifndef AIZY_SERVER_API_INVENTORY_INVENTORY_H
#define AIZY_SERVER_API_INVENTORY_INVENTORY_H

#include "server/api/route.h"

struct fault inventory_list(struct job *job);
struct fault inventory_show(struct job *job);
struct fault inventory_movements(struct job *job);
struct fault inventory_adjust(struct job *job);
struct fault inventory_update(struct job *job);

struct fault reservation_create(struct job *job);
struct fault reservation_show(struct job *job);
struct fault reservation_release(struct job *job);
struct fault reservation_commit(struct job *job);

/*
 * What their rows have in `around`: whoever changes a SKU's level in this process waits here for
 * the others that do, so that they do not collide in the database; FAULT_BUSY after STOCK_WAIT_MS.
 */
struct fault inventory_holding_sku(struct job *job, job_step *run);     /* of the path */
struct fault reservation_holding_lines(struct job *job, job_step *run); /* of the body */
struct fault reservation_holding_found(struct job *job, job_step *run); /* of what the path names */

#endif
