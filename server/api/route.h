/*
 * route: a row of the table of routes (routes.c), and how it is found.
 *
 * The table is the API: the router, the guard, the validation, the OpenAPI document and the tests
 * all walk it. A row is complete or the program does not start: route_table_check refuses a row
 * without access, reply status, stages or summary.
 */
#ifndef AIZY_SERVER_API_ROUTE_H
#define AIZY_SERVER_API_ROUTE_H

#include "base/fault.h"
#include "server/api/app.h"
#include "server/api/job.h"
#include "server/api/schema.h"
#include "server/api/upload.h"

enum access {
    ACCESS_UNSET = 0,
    ACCESS_ANYONE,       /* no token is needed, and none is looked at */
    ACCESS_USER,         /* whoever is logged in */
    ACCESS_PERMISSION,   /* whoever has `permission` */
    ACCESS_USER_OR_CART, /* whoever is logged in, else a guest with the token of a cart */
    ACCESS_METRICS,      /* whoever calls from this machine, or has METRICS_TOKEN */
};

struct stage {
    enum pool_name pool;
    struct fault (*run)(struct job *job);
};

/* What a row's `around` runs: its last stage, also as idempotency.h runs it. */
typedef struct fault job_step(struct job *job);

#define ROUTE_STAGES_MAX 4
#define ROUTE_FAULTS_MAX 8

enum route_reply_kind {
    REPLY_OBJECT = 0, /* the reply schema's object, or nothing when there is none */
    REPLY_LIST,       /* {"items": [...], "next_cursor", "total"?} of the reply schema */
    REPLY_TEXT,       /* text/plain; it has no reply schema */
    REPLY_FILE,       /* bytes of one of reply_types, whatever Accept says; no reply schema */
};

enum route_drops {
    DROPS_NOTHING = 0,
    DROPS_PATH_VALUE, /* the product of its first path value (none: a new one), and all lists */
    DROPS_NOTED,      /* the products that the stage notes (answer_cache_note), and all lists */
    DROPS_ALL,        /* whatever there is: each product's answer names its category */
};

struct route {
    enum http_method method;
    const char *path; /* "/api/products/:id_or_slug": ':' begins a parameter of one segment */
    const char *id;   /* operationId */
    const char *tag;
    const char *summary;

    enum access access;
    enum permission permission; /* of ACCESS_PERMISSION */
    bool gives_cart; /* of ACCESS_USER_OR_CART: a guest without a token is let in and given one */

    /* Asking with the query member "status" needs this permission and gives the managing view. */
    enum permission managing;

    const struct schema *query;
    const struct schema *body;
    const struct upload *upload; /* files in the place of a JSON body; not with `body` */
    size_t body_max_bytes; /* 0: ROUTE_BODY_MAX_BYTES; without body and upload it is not read */

    int status;       /* of the success */
    int other_status; /* that the same reply may come with; 0: none */
    enum route_reply_kind reply_kind;
    const struct schema *reply;
    const struct schema *managing_reply;
    const struct schema *list_members; /* of a REPLY_LIST: what it may say beside its items */
    const char *const *reply_types;    /* media types of REPLY_FILE; ends with NULL */
    bool has_etag;                     /* answers an ETag and knows If-Match or If-None-Match */
    bool is_public;                    /* may be stored by shared caches; else no-store */
    bool is_immutable;  /* what it answers never changes: kept for a year; is_public */
    bool is_cached;     /* answered from memory when it can be (answer_cache.h); is_public */
    bool is_idempotent; /* knows Idempotency-Key (idempotency.h): its last stage's effect is one */
    bool moves;         /* of GET: may answer 301 to where the resource is now (reply_moved) */
    bool is_for_tests;  /* not in the document; only in builds with AIZY_DEBUG */
    enum route_drops drops; /* what of the is_cached answers its last stage may change */

    enum fault_name faults[ROUTE_FAULTS_MAX]; /* the route's own, beyond those of its columns */
    struct stage stages[ROUTE_STAGES_MAX];

    /* NULL, or what runs the last stage, once: so it can hold something for longer than the
     * stage's transaction, whether or not that is part of another one. */
    struct fault (*around)(struct job *job, job_step *run);
};

#define ROUTE_BODY_MAX_BYTES (1024UL * 1024)

extern const struct route routes[];
extern const size_t route_count;

/* CHECKs every row. */
void route_table_check(void);

enum route_match { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD, ROUTE_BAD_PATH };

struct route_result {
    enum route_match match;
    const struct route *route;
    struct str values[JOB_PATH_VALUES_MAX];
    unsigned allowed_methods; /* bits 1 << enum http_method, of ROUTE_NO_METHOD and OPTIONS */
};

/*
 * Finds the row for a raw path: it is split at '/', each segment decoded once. A bad escape, %00,
 * %2F, bad UTF-8, "." and ".." are ROUTE_BAD_PATH. HEAD finds the row of GET. A fixed segment wins
 * over a parameter. A trailing slash, and more than 4,096 bytes, are ROUTE_NO_PATH.
 */
struct route_result route_find(enum http_method method, struct str path, struct arena *arena);

/* "GET, HEAD, OPTIONS": for the Allow header. */
struct str route_allow_text(unsigned allowed_methods, struct arena *arena);

#endif
