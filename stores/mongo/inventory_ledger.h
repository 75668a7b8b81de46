/*
 * inventory_ledger: the one way in which levels change.
 *
 * Within a transaction: levels are read into a ledger (or made there), each change of one is noted
 * as a movement, and ledger_write writes levels and movements together. A level is written only as
 * it was read (its `seq` says so), also where isolation is weaker than it should be: else the
 * transaction starts again.
 */
#ifndef AIZY_STORES_MONGO_INVENTORY_LEDGER_H
#define AIZY_STORES_MONGO_INVENTORY_LEDGER_H

#include "stores/inventory_store.h"
#include "stores/mongo/mongo_connection.h"

/* The variants of two versions of a product; more than the lines of the largest reservations. */
#define LEDGER_LEVELS_MAX 512

struct ledger_level {
    struct inventory_level before;
    struct inventory_level now;
    bool is_new;
    bool is_removed;
};

struct ledger_movement {
    struct movement movement;
    struct ledger_movement *next;
};

struct ledger {
    struct arena *arena;
    int64_t user_id; /* of all its movements; INT64_ABSENT */
    struct ledger_level *levels[LEDGER_LEVELS_MAX];
    size_t count;
    struct ledger_movement *first;
    struct ledger_movement **end;
    size_t movement_count;
};

extern const struct mongo_shape level_shape;
extern const struct mongo_shape movement_shape;

/* Borrows the arena. `user_id` 0 or INT64_ABSENT: nobody. */
void ledger_init(struct ledger *ledger, struct arena *arena, int64_t user_id);

/* Adds the levels that the filter finds. FAULT_INTERNAL, logged, for one that is damaged. */
MUST_USE struct fault ledger_read(struct mongo_store *store, struct ledger *ledger,
                                  const bson_t *filter);

/* The same by SKUs, or by the ids of variants. None: no query. */
MUST_USE struct fault ledger_read_skus(struct mongo_store *store, struct ledger *ledger,
                                       const struct str *skus, size_t count);
MUST_USE struct fault ledger_read_variants(struct mongo_store *store, struct ledger *ledger,
                                           const struct str *ids, size_t count);

/* NULL when it is not there. */
struct ledger_level *ledger_find_sku(const struct ledger *ledger, struct str sku);
struct ledger_level *ledger_find_variant(const struct ledger *ledger, struct str variant_id);

/* A level that is not there yet, at 0. */
struct ledger_level *ledger_make(struct ledger *ledger, struct str sku, struct str variant_id,
                                 struct str product_id);

/* What a movement is; the deltas are of the level. */
struct ledger_change {
    enum movement_kind kind;
    int64_t delta;
    int64_t reserved_delta;
    struct str reason;
    struct str reference;
};

void ledger_move(struct ledger *ledger, struct ledger_level *level,
                 const struct ledger_change *change);

/* `sku`, stock and low_at of level->now may also be set; this brings what follows from them. */
void ledger_derive(struct ledger_level *level);

/* FAULT_SKU_TAKEN when another product's level has a SKU that is made or moved to. */
MUST_USE struct fault ledger_write(struct mongo_store *store, struct ledger *ledger);

/*
 * After ledger_write, unless the product is written as well: moves stock_seq and in_stock of the
 * products whose stock the public sees changed. Their ids go to *shown, in the arena.
 */
MUST_USE struct fault ledger_show(struct mongo_store *store, const struct ledger *ledger,
                                  struct str_list *shown);

#endif
