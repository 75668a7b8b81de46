#include "server/api/inventory/reservation_schema.h"

#include "stores/product.h"

static const struct field line_fields[] = {
    {.name = "sku",
     .type = FIELD_STR,
     .offset = offsetof(struct reservation_line, sku),
     .is_required = true,
     .min = 1,
     .max = PRODUCT_SKU_MAX_BYTES,
     .doc = "Of a variant of an active product; no SKU twice."},
    {.name = "quantity",
     .type = FIELD_INT,
     .offset = offsetof(struct reservation_line, quantity),
     .is_required = true,
     .min = 1,
     .max = RESERVATION_QUANTITY_MAX,
     .doc = "How many pieces."},
};
static const struct schema line_body_schema =
    SCHEMA("ReservationLineBody", struct reservation_line, line_fields);
static const struct schema line_schema =
    SCHEMA("ReservationLine", struct reservation_line, line_fields);

static const struct field body_fields[] = {
    {.name = "lines",
     .type = FIELD_OBJECTS,
     .offset = offsetof(struct reservation_body, lines),
     .is_required = true,
     .min = 1,
     .max = RESERVATION_LINES_MAX,
     .object = &line_body_schema,
     .doc = "All of them are reserved, or none."},
    {.name = "ttl_seconds",
     .type = FIELD_INT,
     .offset = offsetof(struct reservation_body, ttl_seconds),
     .min = 1,
     .max = RESERVATION_TTL_MAX_SECONDS,
     .doc = "When it expires by itself; 900 unless given."},
};
const struct schema reservation_body_schema =
    SCHEMA("ReservationBody", struct reservation_body, body_fields);

static const struct field view_fields[] = {
    {.name = "id",
     .type = FIELD_STR,
     .offset = offsetof(struct reservation_view, id),
     .doc = "Never changes."},
    {.name = "lines",
     .type = FIELD_OBJECTS,
     .offset = offsetof(struct reservation_view, lines),
     .object = &line_schema,
     .doc = "What is reserved."},
    {.name = "status",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct reservation_view, status),
     .choices = reservation_status_names,
     .doc = "Only an active one can be committed."},
    {.name = "expires_at",
     .type = FIELD_TIME,
     .offset = offsetof(struct reservation_view, expires_at_ms),
     .doc = "An active one expires then."},
    {.name = "cart_token",
     .type = FIELD_STR,
     .offset = offsetof(struct reservation_view, cart_token),
     .omit_absent = true,
     .doc = "For a guest who sent none: to be sent as X-Cart-Token from now on."},
};
const struct schema reservation_schema =
    SCHEMA("Reservation", struct reservation_view, view_fields);
