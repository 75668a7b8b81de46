/*
 * job_fixture: an app made from a literal configuration, and jobs over it, without a network or a
 * store.
 */
#ifndef AIZY_TESTS_UNIT_JOB_FIXTURE_H
#define AIZY_TESTS_UNIT_JOB_FIXTURE_H

#include "server/api/route.h"

static const struct config fixture_config = {
    .jwt_secret = STR_INIT("a-key-of-the-unit-tests-0123456789abcdef"),
    .cors_origins = STR_INIT("http://localhost:3000, https://shop.example"),
    .environment = STR_INIT("test"),
    .currency = STR_INIT("USD"),
    .parked_jobs = 1000,
};

struct fixture {
    struct arena arena; /* the process's */
    struct app app;
    struct job job;
    int finished; /* how often the job was */
};

static inline void fixture_finish(struct job *job) {
    struct fixture *fixture = job->http;
    fixture->finished++;
}

static inline void fixture_open_job(struct fixture *fixture) {
    fixture->job = (struct job){.finish = fixture_finish, .http = fixture};
    fixture->finished = 0;
    job_init(&fixture->job, &fixture->app);
}

static inline void fixture_open(struct fixture *fixture) {
    memset(fixture, 0, sizeof(*fixture));
    arena_init(&fixture->arena, 1 << 26);
    app_init(&fixture->app, &fixture_config, &fixture->arena);
    fixture_open_job(fixture);
}

static inline void fixture_close(struct fixture *fixture) {
    job_release(&fixture->job);
    arena_release(&fixture->arena);
}

/* The next job, with nothing left of the one before. */
static inline struct job *fixture_next_job(struct fixture *fixture) {
    job_release(&fixture->job);
    fixture_open_job(fixture);
    return &fixture->job;
}

static inline const struct route *fixture_route(const char *id) {
    for (size_t i = 0; i < route_count; i++) {
        if (strcmp(routes[i].id, id) == 0) {
            return &routes[i];
        }
    }
    return NULL;
}

/* The value of the answer's header, as a C string; NULL when it has none or has it twice. */
static inline const char *fixture_header(struct job *job, const char *name) {
    const char *found = NULL;
    for (size_t i = 0; i < job->reply.header_count; i++) {
        if (strcmp(job->reply.headers[i].name, name) == 0) {
            if (found != NULL) {
                return NULL;
            }
            found = arena_c_string(&job->arena, job->reply.headers[i].value);
        }
    }
    return found;
}

/* The one of each test program; made before every test, released after it. */
static struct fixture fixture;

static inline int set_up(void **state) {
    (void)state;
    fixture_open(&fixture);
    return 0;
}

static inline int tear_down(void **state) {
    (void)state;
    fixture_close(&fixture);
    return 0;
}

#endif
