/*
 * paging: both ways through a list.
 *
 * `cursor` goes on where the last answer ended and neither skips nor repeats while others write;
 * `page` jumps, up to 10,000 items deep. A list's query struct has a `struct paging` and its schema
 * the rows of PAGING_FIELDS. A cursor is opaque to clients: the position in base64url, signed, and
 * bound to the route and to every other member of the query, so that one from elsewhere is
 * FAULT_BAD_CURSOR and never a wrong page.
 */
#ifndef AIZY_SERVER_API_PAGING_H
#define AIZY_SERVER_API_PAGING_H

#include "server/api/job.h"
#include "server/api/schema.h"

#define PAGING_LIMIT_DEFAULT 20
#define PAGING_LIMIT_MAX 100
#define PAGING_DEPTH_MAX 10000

struct paging {
    struct str cursor;
    int64_t page;
    int64_t limit;
    bool total;
};

#define PAGING_FIELDS(query_type)                                                          \
    {.name = "cursor",                                                                     \
     .type = FIELD_STR,                                                                    \
     .offset = offsetof(query_type, paging.cursor),                                        \
     .min = 1,                                                                             \
     .max = 2000,                                                                          \
     .omit_absent = true,                                                                  \
     .doc = "Go on where the answer that gave it as next_cursor ended."},                  \
        {.name = "page",                                                                   \
         .type = FIELD_INT,                                                                \
         .offset = offsetof(query_type, paging.page),                                      \
         .min = 1,                                                                         \
         .max = PAGING_DEPTH_MAX,                                                          \
         .omit_absent = true,                                                              \
         .doc = "Jump to a page, from 1; page times limit reaches 10,000 at most."},       \
        {.name = "limit",                                                                  \
         .type = FIELD_INT,                                                                \
         .offset = offsetof(query_type, paging.limit),                                     \
         .min = 1,                                                                         \
         .max = PAGING_LIMIT_MAX,                                                          \
         .omit_absent = true,                                                              \
         .doc = "How many items, 20 unless given."},                                       \
    {                                                                                      \
        .name = "total", .type = FIELD_BOOL, .offset = offsetof(query_type, paging.total), \
        .doc = "Count the items, exactly up to 10,000."                                    \
    }

/* Where a list goes on: what the stores' position structs are made of. */
struct paging_position {
    int64_t number;
    struct str id;
    struct str text;
};

struct paging_window {
    size_t limit;
    size_t skip;
    bool has_position; /* of a cursor */
    struct paging_position position;
    bool with_total;
};

/*
 * Reads the paging of job->query, whose `struct paging` is at `paging`. FAULT_BAD_CURSOR,
 * FAULT_TOO_DEEP, and FAULT_INVALID for a cursor together with a page.
 */
MUST_USE struct fault paging_window(struct job *job, const struct paging *paging,
                                    struct paging_window *window);

/* The cursor of the answer that ended at `position`, for the same query. */
struct str paging_cursor(struct job *job, const struct paging *paging,
                         const struct paging_position *position);

#endif
