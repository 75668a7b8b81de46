/*
 * readiness: asks each store, as often as its breaker wants, whether it is there.
 *
 * Each store has a thread of its own with a connection of its own, so that one that hangs does not
 * make the other look stale. What it finds opens and closes the store's breaker (breaker.h), which
 * /readyz answers from without waiting.
 */
#ifndef AIZY_SERVER_WORK_READINESS_H
#define AIZY_SERVER_WORK_READINESS_H

#include "server/api/app.h"

struct readiness;

/* Asks both once before it returns, then goes on in its threads. Borrows `app`. */
struct readiness *readiness_open(struct app *app);

/* Ends the threads, waiting for at most one call of each store. */
void readiness_close(struct readiness *readiness);

#endif
