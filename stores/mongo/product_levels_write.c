#include "stores/mongo/inventory_ledger.h"
#include "stores/mongo/product_levels.h"

static const struct product_variant *find_variant(const struct product *product, struct str id) {
    for (size_t i = 0; i < product->variants.count; i++) {
        if (str_equals(product->variants.items[i].id, id)) {
            return &product->variants.items[i];
        }
    }
    return NULL;
}

/* Its movements end with nothing on hand and nothing reserved. */
static void remove_level(struct ledger *ledger, struct ledger_level *level) {
    const struct inventory_level *now = &level->now;
    if (now->stock != 0 || now->reserved != 0) {
        ledger_move(ledger, level,
                    &(struct ledger_change){.kind = MOVEMENT_ADJUST,
                                            .delta = -now->stock,
                                            .reserved_delta = -now->reserved,
                                            .reason = STR("variant removed")});
    }
    level->is_removed = true;
}

/* No number changes, but whoever reads the movements sees where the SKU went. */
static void move_level(struct ledger *ledger, struct ledger_level *level, struct str sku) {
    struct str old = level->now.sku;
    level->now.sku = sku;
    ledger_move(ledger, level,
                &(struct ledger_change){
                    .kind = MOVEMENT_ADJUST, .reason = STR("SKU changed"), .reference = old});
}

static struct fault set_stock(const struct product_save *save, struct ledger *ledger,
                              struct ledger_level *level, const struct product_variant *variant) {
    int64_t delta = variant->stock - level->now.stock;
    if (delta == 0) {
        return fault_none();
    }
    if (variant->stock < level->now.reserved && !variant->allow_backorder) {
        violations_add(save->violations, STR("stock"), "of %.*s must be at least %lld, as reserved",
                       STR_ARG(variant->sku), (long long)level->now.reserved);
        return fault_of(FAULT_INVALID);
    }
    ledger_move(ledger, level,
                &(struct ledger_change){
                    .kind = MOVEMENT_ADJUST,
                    .delta = delta,
                    .reason = level->is_new ? STR("level made") : STR("product edited"),
                });
    return fault_none();
}

static struct fault write_variant(const struct product_save *save, struct ledger *ledger,
                                  struct str product_id, const struct product_variant *variant) {
    struct ledger_level *level = ledger_find_variant(ledger, variant->id);
    if (level == NULL && !variant->track_stock && !variant->stock_given) {
        return fault_none();
    }
    if (level == NULL) {
        level = ledger_make(ledger, variant->sku, variant->id, product_id);
    } else if (!str_equals(level->now.sku, variant->sku)) {
        move_level(ledger, level, variant->sku);
    }
    return variant->stock_given ? set_stock(save, ledger, level, variant) : fault_none();
}

static struct fault read_product(struct mongo_store *store, struct ledger *ledger,
                                 struct str product_id) {
    MONGO_BSON(filter);
    mongo_put_id(&filter, "product_id", product_id);
    return ledger_read(store, ledger, &filter);
}

struct fault product_levels_write(struct mongo_store *store, const struct product_save *save,
                                  const struct product *before, const struct product *after) {
    struct ledger ledger;
    ledger_init(&ledger, save->arena, save->author->user_id);
    if (before != NULL) {
        TRY(read_product(store, &ledger, after->id));
    }
    for (size_t i = 0; i < ledger.count; i++) {
        if (find_variant(after, ledger.levels[i]->now.variant_id) == NULL) {
            remove_level(&ledger, ledger.levels[i]);
        }
    }
    for (size_t i = 0; i < after->variants.count; i++) {
        TRY(write_variant(save, &ledger, after->id, &after->variants.items[i]));
    }
    return ledger_write(store, &ledger);
}

struct fault product_levels_remove(struct mongo_store *store, const struct product_save *save,
                                   struct str product_id) {
    struct ledger ledger;
    ledger_init(&ledger, save->arena, save->author->user_id);
    TRY(read_product(store, &ledger, product_id));
    for (size_t i = 0; i < ledger.count; i++) {
        remove_level(&ledger, ledger.levels[i]);
    }
    return ledger_write(store, &ledger);
}
