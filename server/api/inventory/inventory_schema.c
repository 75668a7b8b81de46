#include "server/api/inventory/inventory_schema.h"

#include "stores/product.h"

#define REFERENCE_MAX_CHARACTERS 200
#define REASON_MAX_CHARACTERS 500

#define LEVEL(member) .name = #member, .offset = offsetof(struct inventory_level, member)

static const struct field level_fields[] = {
    {LEVEL(sku), .type = FIELD_STR, .doc = "Whose level this is."},
    {LEVEL(product_id), .type = FIELD_STR, .doc = "The product that has the variant."},
    {LEVEL(stock), .type = FIELD_INT, .doc = "On hand; below zero: sold on backorder."},
    {LEVEL(reserved), .type = FIELD_INT, .doc = "Of active reservations."},
    {LEVEL(available), .type = FIELD_INT, .doc = "Stock less reserved."},
    {LEVEL(low_at), .type = FIELD_INT, .is_nullable = true,
     .doc = "Low when no more than this is available; null: never."},
    {.name = "updated_at",
     .type = FIELD_TIME,
     .offset = offsetof(struct inventory_level, updated_at_ms),
     .doc = "When it changed last."},
};
const struct schema inventory_level_schema =
    SCHEMA("InventoryLevel", struct inventory_level, level_fields);

#define MOVEMENT(member) .name = #member, .offset = offsetof(struct movement, member)

static const struct field movement_fields[] = {
    {MOVEMENT(id), .type = FIELD_STR, .doc = "Never changes."},
    {MOVEMENT(sku), .type = FIELD_STR, .doc = "As it was then."},
    {MOVEMENT(seq), .type = FIELD_INT, .doc = "1, 2, 3, ... of the level, without a gap."},
    {MOVEMENT(kind), .type = FIELD_CHOICE, .choices = movement_kind_names, .doc = "What it was."},
    {MOVEMENT(delta), .type = FIELD_INT, .doc = "Change of the stock on hand."},
    {MOVEMENT(stock_after), .type = FIELD_INT, .doc = "The stock on hand then."},
    {MOVEMENT(reserved_delta), .type = FIELD_INT, .doc = "Change of what is reserved."},
    {MOVEMENT(reserved_after), .type = FIELD_INT, .doc = "What was reserved then."},
    {MOVEMENT(reason), .type = FIELD_STR, .is_nullable = true, .doc = "Why, in words."},
    {MOVEMENT(reference), .type = FIELD_STR, .is_nullable = true,
     .doc = "What it belongs to, such as the reservation's id."},
    {MOVEMENT(user_id), .type = FIELD_INT, .is_nullable = true,
     .doc = "Who did it; null: a guest, the expiry or the command line."},
    {.name = "created_at",
     .type = FIELD_TIME,
     .offset = offsetof(struct movement, created_at_ms),
     .doc = "When."},
};
const struct schema inventory_movement_schema =
    SCHEMA("InventoryMovement", struct movement, movement_fields);

static const struct field list_fields[] = {
    {.name = "low",
     .type = FIELD_STR,
     .offset = offsetof(struct inventory_list_query, low),
     .min = 1,
     .max = 20,
     .doc = "true: what is low by its low_at; a number: what has no more available. The scarcest "
            "come first; without it all levels, by SKU."},
    PAGING_FIELDS(struct inventory_list_query),
};
const struct schema inventory_list_query_schema =
    SCHEMA("InventoryListQuery", struct inventory_list_query, list_fields);

static const struct field movements_fields[] = {PAGING_FIELDS(struct inventory_movements_query)};
const struct schema inventory_movements_query_schema =
    SCHEMA("InventoryMovementsQuery", struct inventory_movements_query, movements_fields);

static const struct field adjust_fields[] = {
    {.name = "delta",
     .type = FIELD_INT,
     .offset = offsetof(struct inventory_adjust_body, delta),
     .is_required = true,
     .min = -PRODUCT_STOCK_MAX,
     .max = PRODUCT_STOCK_MAX,
     .doc = "By how much the stock changes; not 0."},
    {.name = "reason",
     .type = FIELD_STR,
     .offset = offsetof(struct inventory_adjust_body, reason),
     .is_required = true,
     .min = 1,
     .max = REASON_MAX_CHARACTERS,
     .doc = "Why, in words."},
    {.name = "reference",
     .type = FIELD_STR,
     .offset = offsetof(struct inventory_adjust_body, reference),
     .is_nullable = true,
     .min = 1,
     .max = REFERENCE_MAX_CHARACTERS,
     .doc = "What it belongs to, such as a delivery."},
};
const struct schema inventory_adjust_schema =
    SCHEMA("InventoryAdjustment", struct inventory_adjust_body, adjust_fields);

static const struct field edit_fields[] = {
    {.name = "low_at",
     .type = FIELD_INT,
     .offset = offsetof(struct inventory_edit, low_at),
     .is_nullable = true,
     .max = PRODUCT_STOCK_MAX,
     .given = GIVEN(struct inventory_edit, low_at_given),
     .doc = "Low when no more than this is available; null: never."},
};
const struct schema inventory_edit_schema =
    SCHEMA("InventoryEdit", struct inventory_edit, edit_fields);
