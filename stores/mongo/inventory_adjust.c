#include "base/clock.h"
#include "stores/mongo/inventory_ledger.h"
#include "stores/mongo/inventory_variant.h"
#include "stores/mongo/mongo_transaction.h"
#include "stores/product.h"

/* One call of this file; every try of its transaction starts with the same. */
struct adjust {
    struct arena *arena;
    struct str sku;
    const struct inventory_adjustment *adjustment;
    int64_t low_at;
    struct violations *violations;
    struct violations noted_before;
    struct ledger ledger;
    struct str_list shown;
};

static struct fault read_level(struct mongo_store *store, struct adjust *adjust,
                               struct ledger_level **level) {
    TRY(ledger_read_skus(store, &adjust->ledger, &adjust->sku, 1));
    *level = ledger_find_sku(&adjust->ledger, adjust->sku);
    ENSURE(*level != NULL, FAULT_NOT_FOUND);
    return fault_none();
}

static struct fault check_amount(const struct adjust *adjust, const struct inventory_level *level,
                                 const struct inventory_variant *variant) {
    int64_t delta = adjust->adjustment->delta;
    if (level->stock + delta > PRODUCT_STOCK_MAX) {
        violations_add(adjust->violations, STR("delta"), "makes more than %lld in stock",
                       PRODUCT_STOCK_MAX);
        return fault_of(FAULT_INVALID);
    }
    if (delta < 0 && level->available + delta < 0 && !variant->allow_backorder) {
        int64_t most = level->available < 0 ? 0 : level->available;
        violations_add(adjust->violations, STR("delta"), "%.*s: %lld can be taken away",
                       STR_ARG(level->sku), (long long)most);
        return fault_of(FAULT_INSUFFICIENT_STOCK);
    }
    return fault_none();
}

static struct fault adjust_body(struct mongo_store *store, void *context) {
    struct adjust *adjust = context;
    const struct inventory_adjustment *adjustment = adjust->adjustment;
    struct inventory_variant variant;
    struct ledger_level *level = NULL;
    *adjust->violations = adjust->noted_before;
    ledger_init(&adjust->ledger, adjust->arena, adjustment->user_id);
    TRY(inventory_variants_find(store, adjust->arena, &adjust->sku, 1, &variant));
    ENSURE(!str_is_absent(variant.id), FAULT_NOT_FOUND);
    ENSURE(variant.track_stock, FAULT_NOT_TRACKED);
    TRY(read_level(store, adjust, &level));
    TRY(check_amount(adjust, &level->now, &variant));
    ledger_move(&adjust->ledger, level,
                &(struct ledger_change){.kind = MOVEMENT_ADJUST,
                                        .delta = adjustment->delta,
                                        .reason = adjustment->reason,
                                        .reference = adjustment->reference});
    TRY(ledger_write(store, &adjust->ledger));
    return ledger_show(store, &adjust->ledger, &adjust->shown);
}

struct fault inventory_store_adjust(struct mongo_store *store, struct arena *arena, struct str sku,
                                    const struct inventory_adjustment *adjustment,
                                    struct violations *violations, struct inventory_level *level,
                                    bool *shows) {
    struct adjust adjust = {.arena = arena,
                            .sku = sku,
                            .adjustment = adjustment,
                            .violations = violations,
                            .noted_before = *violations};
    TRY(mongo_transaction_run(store, adjust_body, &adjust));
    *level = adjust.ledger.levels[0]->now;
    *shows = adjust.shown.count > 0;
    return fault_none();
}

static struct fault low_body(struct mongo_store *store, void *context) {
    struct adjust *adjust = context;
    struct ledger_level *level = NULL;
    ledger_init(&adjust->ledger, adjust->arena, INT64_ABSENT);
    TRY(read_level(store, adjust, &level));
    if (level->now.low_at != adjust->low_at) {
        level->now.low_at = adjust->low_at;
        level->now.updated_at_ms = clock_now_ms();
    }
    ledger_derive(level);
    return ledger_write(store, &adjust->ledger);
}

struct fault inventory_store_set_low_at(struct mongo_store *store, struct arena *arena,
                                        struct str sku, int64_t low_at,
                                        struct inventory_level *level) {
    struct adjust adjust = {.arena = arena, .sku = sku, .low_at = low_at};
    TRY(mongo_transaction_run(store, low_body, &adjust));
    *level = adjust.ledger.levels[0]->now;
    return fault_none();
}
