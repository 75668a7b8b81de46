/*
 * guard: who may call.
 *
 * Two steps. On the loop thread the access token is verified: signature and claims, no store. Then,
 * as the first statement of the first worker, the session, its user and the user's role are read,
 * never from a cache, so that a logout, a deactivation or a change of role acts at once. Whatever
 * fails, fails closed.
 *
 * A guest is whoever shows the token of a cart and no access token. It is signed, so that the loop
 * thread can tell one that was made here; stores know its digest (server/security/cart_token.h).
 *
 * Who reads the metrics is no user: a program on this machine, or one that has METRICS_TOKEN. What
 * a proxy passes on comes from elsewhere, even when the proxy is on this machine.
 */
#ifndef AIZY_SERVER_API_GUARD_H
#define AIZY_SERVER_API_GUARD_H

#include "server/api/job.h"
#include "stores/session_store.h"

/* Whether the job's route, as it was asked, wants to know who is calling. */
bool guard_is_needed(const struct job *job);

/* On the loop: fills job->claims. FAULT_UNAUTHENTICATED. */
MUST_USE struct fault guard_check_token(struct job *job);

/* On the loop, for ACCESS_USER_OR_CART without an access token: fills job->cart_token.
 * FAULT_UNAUTHENTICATED. */
MUST_USE struct fault guard_check_guest(struct job *job);

/* On the loop, for ACCESS_METRICS. FAULT_UNAUTHENTICATED; _FORBIDDEN when no token is set. */
MUST_USE struct fault guard_check_reader_of_metrics(const struct job *job);

/* How many are asked about together. */
#define GUARD_GROUP_MAX SESSION_CALLERS_MAX

/*
 * In a mysql worker that has taken `group[0]`: when that waits for the guard, puts behind it others
 * of the pool's queue that do. Returns how many there are now; all are the worker's to run.
 */
size_t guard_gather(struct job *group[static GUARD_GROUP_MAX]);

/*
 * In a mysql worker, for jobs that need the guard and are all the worker's: reads their callers by
 * one statement, for guard_check_caller to judge each by its own.
 */
void guard_find_callers(struct mysql_store *mysql, struct job *const *jobs, size_t count);

/* In a mysql worker: fills job->caller. FAULT_UNAUTHENTICATED, _ACCOUNT_INACTIVE, _FORBIDDEN. */
MUST_USE struct fault guard_check_caller(struct job *job);

#endif
