/*
 * stripes: locks by name, for those who would otherwise collide in a database.
 *
 * A fixed number of stripes; a name's hash says which is its. Whoever needs several takes them
 * together, in their order, so that no two ever wait for each other. They only save collisions
 * within this process: the database decides.
 *
 * Unlike a lock (base/lock.h) a stripe is held while a store is asked, and nobody waits for one
 * longer than he says. Any thread may give back what another has taken.
 */
#ifndef AIZY_BASE_STRIPES_H
#define AIZY_BASE_STRIPES_H

#include "base/check.h"
#include "base/str.h"

#define STRIPES_HOLD_MAX 64

struct stripes;

struct stripes_hold {
    size_t indexes[STRIPES_HOLD_MAX]; /* ascending, each once */
    size_t count;
};

struct stripes *stripes_open(void);

/* None is held. NULL is allowed. */
void stripes_close(struct stripes *stripes);

/*
 * Takes the stripes of 1 to STRIPES_HOLD_MAX names. False, with nothing held, when that took longer
 * than `timeout_ms` in all.
 */
MUST_USE bool stripes_take(struct stripes *stripes, const struct str *names, size_t count,
                           int64_t timeout_ms, struct stripes_hold *hold);

void stripes_give(struct stripes *stripes, const struct stripes_hold *hold);

#endif
