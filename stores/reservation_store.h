/*
 * reservation_store: stock that is held for somebody for a while, in MongoDB.
 *
 * A reservation holds all of its lines or is not made. It is active until exactly one of three ends
 * comes: it is committed (sold), released (given back) or expires. Whatever races, one end wins:
 * the status moves from active once, in the transaction that moves the levels.
 *
 * A line of a variant whose stock is not counted holds nothing and is there for the record; so is
 * one whose variant has been removed since.
 */
#ifndef AIZY_STORES_RESERVATION_STORE_H
#define AIZY_STORES_RESERVATION_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/violation.h"

struct mongo_store;

#define RESERVATION_LINES_MAX 50
#define RESERVATION_QUANTITY_MAX 1000000LL
#define RESERVATION_TTL_MAX_SECONDS 3600
#define RESERVATION_TTL_DEFAULT_SECONDS 900

enum reservation_status {
    RESERVATION_ACTIVE,
    RESERVATION_COMMITTED,
    RESERVATION_RELEASED,
    RESERVATION_EXPIRED,
};

/* "active", "committed", "released", "expired", NULL: by enum reservation_status. */
extern const char *const reservation_status_names[];

struct reservation_line {
    struct str sku; /* as it was then */
    int64_t quantity;
    struct str variant_id;
    bool is_held; /* the level of the variant has it among its reserved */
};

struct reservation_line_list {
    struct reservation_line *items;
    size_t count;
};

struct reservation {
    struct str id;
    struct str owner; /* whose it is: opaque here */
    int64_t user_id;  /* INT64_ABSENT: a guest's */
    struct str place; /* of a guest: where it came from, opaque here; absent */
    struct reservation_line_list lines;
    int64_t units; /* of all lines */
    enum reservation_status status;
    int64_t expires_at_ms;
    int64_t created_at_ms;
};

struct reservation_list {
    struct reservation *items;
    size_t count;
};

/* How much may be active at a time. */
struct reservation_limit {
    int64_t reservations;
    int64_t units;
};

/* What is asked for: in `lines` only sku and quantity, no SKU twice. */
struct reservation_request {
    struct str owner;
    int64_t user_id;
    struct str place;
    struct reservation_line_list lines;
    int64_t ttl_ms;
    struct reservation_limit owner_limit;
    struct reservation_limit place_limit; /* of all guests of that place */
};

/*
 * Makes a reservation, in the arena. FAULT_INVALID, with violations, for SKUs that no active
 * product has; FAULT_INSUFFICIENT_STOCK, with a violation for each SKU of which there is too
 * little; FAULT_TOO_MANY_RESERVATIONS. *shown: the products of which the public now sees other
 * stock.
 */
MUST_USE struct fault reservation_store_make(struct mongo_store *store, struct arena *arena,
                                             const struct reservation_request *request,
                                             struct violations *violations,
                                             struct reservation *reservation,
                                             struct str_list *shown);

/* FAULT_NOT_FOUND. */
MUST_USE struct fault reservation_store_find(struct mongo_store *store, struct arena *arena,
                                             struct str id, struct reservation *reservation);

/*
 * Ends an active reservation, which was found before and becomes what it is now. `status` is
 * RESERVATION_COMMITTED or _RELEASED. One that has come to that end already is left as it is, and
 * so is an expired one that is released. FAULT_RESERVATION_ENDED when it has come to another end,
 * and for the commit of one whose time is over though nobody has seen to it yet.
 */
MUST_USE struct fault reservation_store_end(struct mongo_store *store, struct arena *arena,
                                            enum reservation_status status, int64_t user_id,
                                            struct reservation *reservation,
                                            struct str_list *shown);

/* The active reservations whose time is over before `until_ms`, the earliest first. */
MUST_USE struct fault reservation_store_due(struct mongo_store *store, struct arena *arena,
                                            int64_t until_ms, size_t limit, size_t skip,
                                            struct reservation_list *due);

/*
 * Expires all of these together. FAULT_CONFLICT, with nothing done, when one of them has come to
 * an end meanwhile. At most RESERVATION_EXPIRE_MAX_LINES lines in all.
 */
#define RESERVATION_EXPIRE_MAX_LINES 64
MUST_USE struct fault reservation_store_expire(struct mongo_store *store, struct arena *arena,
                                               const struct reservation_list *due,
                                               struct str_list *shown);

#endif
