/*
 * inventory_store: how much there is of what, in MongoDB.
 *
 * One level per variant whose stock is counted, found by its SKU. Every change of a level, by
 * whomever, is a movement written in the same transaction: the sums of a level's movements are its
 * stock and what is reserved of it, and their numbers run from 1 without a gap. A level keeps its
 * movements when its variant's SKU changes.
 *
 * Whatever is read lives in the arena that is passed.
 */
#ifndef AIZY_STORES_INVENTORY_STORE_H
#define AIZY_STORES_INVENTORY_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/violation.h"

struct mongo_store;

struct inventory_level {
    struct str sku;
    struct str variant_id; /* whose movements these are; never changes */
    struct str product_id;
    int64_t stock;     /* on hand; below zero is what has been sold on backorder */
    int64_t reserved;  /* of active reservations */
    int64_t available; /* stock less reserved */
    int64_t low_at;    /* INT64_ABSENT: never low */
    bool is_low;       /* available is low_at or less */
    int64_t seq;       /* of its last movement; 0: none yet */
    int64_t updated_at_ms;
};

enum movement_kind {
    MOVEMENT_ADJUST, /* what editors, imports and counts of the shelves do */
    MOVEMENT_RESERVE,
    MOVEMENT_COMMIT,
    MOVEMENT_RELEASE,
    MOVEMENT_EXPIRE,
};

/* "adjust", "reserve", "commit", "release", "expire", NULL: by enum movement_kind. */
extern const char *const movement_kind_names[];

struct movement {
    struct str id;
    struct str variant_id;
    struct str product_id;
    struct str sku; /* as it was then */
    int64_t seq;    /* 1, 2, 3, ... of its variant */
    enum movement_kind kind;
    int64_t delta; /* of the stock on hand */
    int64_t stock_after;
    int64_t reserved_delta;
    int64_t reserved_after;
    struct str reason;    /* absent */
    struct str reference; /* absent; of a reservation's movement its id */
    int64_t user_id;      /* INT64_ABSENT: a guest, the expiry or the command line */
    int64_t created_at_ms;
};

struct movement_list {
    struct movement *items;
    size_t count;
};

struct inventory_level_list {
    struct inventory_level *items;
    size_t count;
};

/* FAULT_NOT_FOUND. */
MUST_USE struct fault inventory_store_find(struct mongo_store *store, struct arena *arena,
                                           struct str sku, struct inventory_level *level);

enum inventory_filter {
    INVENTORY_ALL,     /* by SKU */
    INVENTORY_LOW,     /* is_low, the scarcest first */
    INVENTORY_AT_MOST, /* available is available_max or less, the scarcest first */
};

/* Where a list goes on. */
struct inventory_position {
    int64_t available;
    struct str sku;
};

struct inventory_query {
    enum inventory_filter filter;
    int64_t available_max;
    size_t limit; /* 1 to 100 */
    size_t skip;
    const struct inventory_position *after; /* NULL: from the start */
    bool with_total;
};

/* Totals are counted up to this. */
#define INVENTORY_TOTAL_MAX 10000

struct inventory_page {
    struct inventory_level_list levels;
    bool has_more;
    int64_t total; /* INT64_ABSENT unless asked for */
    bool total_is_exact;
};

MUST_USE struct fault inventory_store_list(struct mongo_store *store, struct arena *arena,
                                           const struct inventory_query *query,
                                           struct inventory_page *page);

struct movement_query {
    size_t limit; /* 1 to 100 */
    size_t skip;
    int64_t before_seq; /* INT64_ABSENT: from the newest on */
    bool with_total;
};

struct movement_page {
    struct movement_list movements; /* the newest first */
    bool has_more;
    int64_t total;
    bool total_is_exact;
};

/* Of the variant that has this SKU now. FAULT_NOT_FOUND. */
MUST_USE struct fault inventory_store_movements(struct mongo_store *store, struct arena *arena,
                                                struct str sku, const struct movement_query *query,
                                                struct movement_page *page);

struct inventory_adjustment {
    int64_t delta; /* not 0 */
    struct str reason;
    struct str reference; /* absent */
    int64_t user_id;
};

/*
 * Changes the stock on hand. FAULT_NOT_FOUND; FAULT_NOT_TRACKED when the variant's stock is not
 * counted; FAULT_INSUFFICIENT_STOCK, with a violation that says how much there is, when less would
 * be left than is reserved and backorder is not allowed; FAULT_INVALID, with a violation, beyond
 * PRODUCT_STOCK_MAX. *shows: the public sees the product with other stock than before.
 */
MUST_USE struct fault inventory_store_adjust(struct mongo_store *store, struct arena *arena,
                                             struct str sku,
                                             const struct inventory_adjustment *adjustment,
                                             struct violations *violations,
                                             struct inventory_level *level, bool *shows);

/* From when on the level is low; INT64_ABSENT: never. It is no movement. FAULT_NOT_FOUND. */
MUST_USE struct fault inventory_store_set_low_at(struct mongo_store *store, struct arena *arena,
                                                 struct str sku, int64_t low_at,
                                                 struct inventory_level *level);

/* What a level says and what its movements add up to. */
struct inventory_difference {
    struct str sku; /* absent: of movements without a level */
    struct str variant_id;
    int64_t stock;
    int64_t stock_moved;
    int64_t reserved;
    int64_t reserved_moved;
    struct str problem; /* static, for people */
};

struct inventory_verification {
    int64_t levels;
    int64_t movements;
    int64_t differences;
};

/* Called for each difference; what it points to is valid during the call. */
typedef void inventory_difference_note(void *context, const struct inventory_difference *found);

/*
 * Adds up every movement and compares with every level, in memory that does not grow with them,
 * also while others write: of each level those movements count that it had when it was read.
 */
MUST_USE struct fault inventory_store_verify(struct mongo_store *store,
                                             inventory_difference_note *note, void *context,
                                             struct inventory_verification *verification);

#endif
