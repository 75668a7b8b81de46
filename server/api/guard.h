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

/* Whether the job's route, as it was asked, wants to know who is calling. */
bool guard_is_needed(const struct job *job);

/* On the loop: fills job->claims. FAULT_UNAUTHENTICATED. */
MUST_USE struct fault guard_check_token(struct job *job);

/* On the loop, for ACCESS_USER_OR_CART without an access token: fills job->cart_token.
 * FAULT_UNAUTHENTICATED. */
MUST_USE struct fault guard_check_guest(struct job *job);

/* On the loop, for ACCESS_METRICS. FAULT_UNAUTHENTICATED; _FORBIDDEN when no token is set. */
MUST_USE struct fault guard_check_reader_of_metrics(const struct job *job);

/* In a mysql worker: fills job->caller. FAULT_UNAUTHENTICATED, _ACCOUNT_INACTIVE, _FORBIDDEN. */
MUST_USE struct fault guard_check_caller(struct job *job);

#endif
