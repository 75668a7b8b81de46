#include "stores/mongo/inventory_ledger.h"

#include "base/clock.h"
#include "stores/mongo/mongo_document.h"

const char *const movement_kind_names[] = {"adjust",  "reserve", "commit",
                                           "release", "expire",  NULL};

#define LEVEL(key, kind, member, is_required) \
    { key, kind, offsetof(struct inventory_level, member), is_required, NULL, NULL }

static const struct mongo_field level_fields[] = {
    LEVEL("_id", MONGO_FIELD_STR, sku, true),
    LEVEL("variant_id", MONGO_FIELD_ID, variant_id, true),
    LEVEL("product_id", MONGO_FIELD_ID, product_id, true),
    LEVEL("stock", MONGO_FIELD_INT64, stock, true),
    LEVEL("reserved", MONGO_FIELD_INT64, reserved, true),
    LEVEL("available", MONGO_FIELD_INT64, available, true),
    LEVEL("low_at", MONGO_FIELD_INT64, low_at, false),
    LEVEL("is_low", MONGO_FIELD_BOOL, is_low, true),
    LEVEL("seq", MONGO_FIELD_INT64, seq, true),
    LEVEL("updated_at", MONGO_FIELD_DATE, updated_at_ms, true),
};
const struct mongo_shape level_shape = {level_fields, COUNT_OF(level_fields),
                                        sizeof(struct inventory_level)};

#define MOVEMENT(key, kind, member, is_required) \
    { key, kind, offsetof(struct movement, member), is_required, NULL, NULL }

static const struct mongo_field movement_fields[] = {
    MOVEMENT("_id", MONGO_FIELD_ID, id, true),
    MOVEMENT("variant_id", MONGO_FIELD_ID, variant_id, true),
    MOVEMENT("product_id", MONGO_FIELD_ID, product_id, true),
    MOVEMENT("sku", MONGO_FIELD_STR, sku, true),
    MOVEMENT("seq", MONGO_FIELD_INT64, seq, true),
    {"kind", MONGO_FIELD_ENUM, offsetof(struct movement, kind), true, NULL, movement_kind_names},
    MOVEMENT("delta", MONGO_FIELD_INT64, delta, true),
    MOVEMENT("stock_after", MONGO_FIELD_INT64, stock_after, true),
    MOVEMENT("reserved_delta", MONGO_FIELD_INT64, reserved_delta, true),
    MOVEMENT("reserved_after", MONGO_FIELD_INT64, reserved_after, true),
    MOVEMENT("reason", MONGO_FIELD_STR, reason, false),
    MOVEMENT("reference", MONGO_FIELD_STR, reference, false),
    MOVEMENT("user_id", MONGO_FIELD_INT64, user_id, false),
    MOVEMENT("created_at", MONGO_FIELD_DATE, created_at_ms, true),
};
const struct mongo_shape movement_shape = {movement_fields, COUNT_OF(movement_fields),
                                           sizeof(struct movement)};

void ledger_init(struct ledger *ledger, struct arena *arena, int64_t user_id) {
    *ledger = (struct ledger){.arena = arena, .user_id = user_id == 0 ? INT64_ABSENT : user_id};
    ledger->end = &ledger->first;
}

static struct ledger_level *add(struct ledger *ledger) {
    CHECK(ledger->count < LEDGER_LEVELS_MAX);
    struct ledger_level *level = ARENA_NEW(ledger->arena, struct ledger_level);
    ledger->levels[ledger->count++] = level;
    return level;
}

static struct fault read_level(void *context, const bson_t *document) {
    struct ledger *ledger = context;
    ENSURE(ledger->count < LEDGER_LEVELS_MAX, FAULT_INTERNAL);
    struct ledger_level *level = add(ledger);
    TRY(mongo_document_decode("inventory", &level_shape, document, ledger->arena, &level->before));
    level->now = level->before;
    return fault_none();
}

struct fault ledger_read(struct mongo_store *store, struct ledger *ledger, const bson_t *filter) {
    ENSURE(!arena_is_exhausted(ledger->arena), FAULT_BUSY);
    return mongo_connection_find(store, "inventory.levels", "inventory", filter, NULL, read_level,
                                 ledger);
}

static void put_one_of(bson_t *filter, const char *member, const struct str *texts, size_t count,
                       void (*put)(bson_t *, const char *, struct str)) {
    bson_t condition;
    bson_t list;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(filter, member, &condition));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&condition, "$in", &list));
    for (size_t i = 0; i < count; i++) {
        char buffer[16];
        const char *key = NULL;
        bson_uint32_to_string((uint32_t)i, &key, buffer, sizeof(buffer));
        put(&list, key, texts[i]);
    }
    CHECK(bson_append_array_end(&condition, &list));
    CHECK(bson_append_document_end(filter, &condition));
}

struct fault ledger_read_skus(struct mongo_store *store, struct ledger *ledger,
                              const struct str *skus, size_t count) {
    MONGO_BSON(filter);
    put_one_of(&filter, "_id", skus, count, mongo_put_str);
    return count == 0 ? fault_none() : ledger_read(store, ledger, &filter);
}

struct fault ledger_read_variants(struct mongo_store *store, struct ledger *ledger,
                                  const struct str *ids, size_t count) {
    MONGO_BSON(filter);
    put_one_of(&filter, "variant_id", ids, count, mongo_put_id);
    return count == 0 ? fault_none() : ledger_read(store, ledger, &filter);
}

struct ledger_level *ledger_find_sku(const struct ledger *ledger, struct str sku) {
    for (size_t i = 0; i < ledger->count; i++) {
        if (str_equals(ledger->levels[i]->now.sku, sku)) {
            return ledger->levels[i];
        }
    }
    return NULL;
}

struct ledger_level *ledger_find_variant(const struct ledger *ledger, struct str variant_id) {
    for (size_t i = 0; i < ledger->count; i++) {
        if (str_equals(ledger->levels[i]->now.variant_id, variant_id)) {
            return ledger->levels[i];
        }
    }
    return NULL;
}

struct ledger_level *ledger_make(struct ledger *ledger, struct str sku, struct str variant_id,
                                 struct str product_id) {
    struct ledger_level *level = add(ledger);
    level->now = (struct inventory_level){.sku = sku,
                                          .variant_id = variant_id,
                                          .product_id = product_id,
                                          .low_at = INT64_ABSENT,
                                          .updated_at_ms = clock_now_ms()};
    level->before = level->now;
    level->is_new = true;
    return level;
}

void ledger_derive(struct ledger_level *level) {
    struct inventory_level *now = &level->now;
    now->available = now->stock - now->reserved;
    now->is_low = now->low_at != INT64_ABSENT && now->available <= now->low_at;
}

void ledger_move(struct ledger *ledger, struct ledger_level *level,
                 const struct ledger_change *change) {
    struct inventory_level *now = &level->now;
    struct ledger_movement *entry = ARENA_NEW(ledger->arena, struct ledger_movement);
    now->stock += change->delta;
    now->reserved += change->reserved_delta;
    now->seq++;
    now->updated_at_ms = clock_now_ms();
    ledger_derive(level);
    entry->movement = (struct movement){
        .id = mongo_new_id(ledger->arena),
        .variant_id = now->variant_id,
        .product_id = now->product_id,
        .sku = now->sku,
        .seq = now->seq,
        .kind = change->kind,
        .delta = change->delta,
        .stock_after = now->stock,
        .reserved_delta = change->reserved_delta,
        .reserved_after = now->reserved,
        .reason = change->reason,
        .reference = change->reference,
        .user_id = ledger->user_id,
        .created_at_ms = now->updated_at_ms,
    };
    *ledger->end = entry;
    ledger->end = &entry->next;
    ledger->movement_count++;
}
