#include "stores/mongo/reservation_document.h"

#include "stores/mongo/mongo_document.h"

const char *const reservation_status_names[] = {"active", "committed", "released", "expired", NULL};

#define LINE(key, kind, member) \
    { key, kind, offsetof(struct reservation_line, member), true, NULL, NULL }

static const struct mongo_field line_fields[] = {
    LINE("sku", MONGO_FIELD_STR, sku),
    LINE("quantity", MONGO_FIELD_INT64, quantity),
    LINE("variant_id", MONGO_FIELD_ID, variant_id),
    LINE("is_held", MONGO_FIELD_BOOL, is_held),
};
static const struct mongo_shape line_shape = {line_fields, COUNT_OF(line_fields),
                                              sizeof(struct reservation_line)};

#define RESERVATION(key, kind, member, is_required) \
    { key, kind, offsetof(struct reservation, member), is_required, NULL, NULL }

static const struct mongo_field reservation_fields[] = {
    RESERVATION("_id", MONGO_FIELD_ID, id, true),
    RESERVATION("owner", MONGO_FIELD_STR, owner, true),
    RESERVATION("user_id", MONGO_FIELD_INT64, user_id, false),
    RESERVATION("place", MONGO_FIELD_STR, place, false),
    {"lines", MONGO_FIELD_LIST, offsetof(struct reservation, lines), true, &line_shape, NULL},
    RESERVATION("units", MONGO_FIELD_INT64, units, true),
    {"status", MONGO_FIELD_ENUM, offsetof(struct reservation, status), true, NULL,
     reservation_status_names},
    RESERVATION("expires_at", MONGO_FIELD_DATE, expires_at_ms, true),
    RESERVATION("created_at", MONGO_FIELD_DATE, created_at_ms, true),
};
const struct mongo_shape reservation_shape = {reservation_fields, COUNT_OF(reservation_fields),
                                              sizeof(struct reservation)};

struct fault reservation_read(void *context, const bson_t *document) {
    struct reservation_reader *reader = context;
    ENSURE(reader->count < reader->capacity, FAULT_INTERNAL);
    struct reservation *reservation = &reader->items[reader->count];
    *reservation = (struct reservation){0};
    if (!fault_occurred(mongo_document_decode("reservations", &reservation_shape, document,
                                              reader->arena, reservation))) {
        reader->count++;
    }
    return fault_none();
}
