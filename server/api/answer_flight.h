/*
 * answer_flight: of many jobs that miss the same answer at the same time, one asks the store.
 *
 * The first is the flight's leader and goes on as ever; those that come while it is under way wait
 * without a thread, at most PARKED_JOBS together with the parked ones, and get what it got. Nobody
 * joins a flight that has begun before something was dropped, or so long ago that nobody knows
 * whether something should have been (base/cache.h): it may not know what the newcomer must see.
 * The newcomer then leads those that come after it.
 */
#ifndef AIZY_SERVER_API_ANSWER_FLIGHT_H
#define AIZY_SERVER_API_ANSWER_FLIGHT_H

#include "base/check.h"
#include "base/lock.h"

struct app;
struct job;

#define ANSWER_FLIGHT_BUCKETS 256

/* Of the process. */
struct answer_flights {
    struct lock lock;
    struct job *leaders[ANSWER_FLIGHT_BUCKETS]; /* by their cache_key; linked by flight.next */
};

/* Of a job; zeroed: it neither leads nor waits. Guarded by the lock while it does. */
struct answer_flight {
    bool leads;
    struct job *next;    /* leader of the same bucket, or waiting for the same leader */
    struct job *waiting; /* of a leader: the latest first */
};

void answer_flights_init(struct answer_flights *flights);

/*
 * With cache_key and cache_moment set, on the loop. True: the job waits, and belongs to the leader,
 * which may answer it before this returns. False: it goes on, as leader or by itself.
 */
MUST_USE bool answer_flight_join(struct job *job);

/* For the frame, when a job is about to be answered, in any thread: those that waited for it, which
 * are the caller's from then on. NULL: none. */
struct job *answer_flight_land(struct job *job);

#endif
