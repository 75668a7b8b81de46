#include "server/api/answer_flight.h"

#include "server/api/job.h"

void answer_flights_init(struct answer_flights *flights) {
    *flights = (struct answer_flights){0};
    lock_init(&flights->lock);
}

static struct job **bucket_of(struct job *job) {
    return &job->app->flights.leaders[str_hash(job->cache_key) % ANSWER_FLIGHT_BUCKETS];
}

/* The latest of those with this key. */
static struct job *find_leader(struct job *job) {
    struct job *leader = *bucket_of(job);
    while (leader != NULL && !str_equals(leader->cache_key, job->cache_key)) {
        leader = leader->flight.next;
    }
    return leader;
}

static void lead(struct job *job) {
    struct job **bucket = bucket_of(job);
    job->flight = (struct answer_flight){.leads = true, .next = *bucket};
    *bucket = job;
}

static bool wait_for(struct job *leader, struct job *job) {
    struct app *app = job->app;
    if (atomic_fetch_add(&app->parked_jobs, 1) >= (size_t)app->config->parked_jobs) {
        atomic_fetch_sub(&app->parked_jobs, 1);
        return false;
    }
    job_trace_wait(&job->trace, JOB_TRACE_PARKED);
    job->flight.next = leader->flight.waiting;
    leader->flight.waiting = job;
    return true;
}

bool answer_flight_join(struct job *job) {
    struct lock *lock = &job->app->flights.lock;
    bool waits = false;
    lock_acquire(lock);
    struct job *leader = find_leader(job);
    if (leader == NULL || !cache_is_current(job->app->cache, leader->cache_moment)) {
        lead(job);
    } else {
        waits = wait_for(leader, job);
    }
    lock_give(lock);
    return waits;
}

static void stop_leading(struct job *job) {
    struct job **link = bucket_of(job);
    while (*link != job) {
        link = &(*link)->flight.next;
    }
    *link = job->flight.next;
    job->flight.leads = false;
}

struct job *answer_flight_land(struct job *job) {
    struct lock *lock = &job->app->flights.lock;
    /* Its own thread made it a leader, or handed it on since. */
    if (!job->flight.leads) {
        return NULL;
    }
    size_t count = 0;
    lock_acquire(lock);
    stop_leading(job);
    struct job *waiting = job->flight.waiting;
    lock_give(lock);
    for (const struct job *one = waiting; one != NULL; one = one->flight.next) {
        count++;
    }
    atomic_fetch_sub(&job->app->parked_jobs, count);
    return waiting;
}
