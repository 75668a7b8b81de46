#include "base/clock.h"
#include "stores/mongo/inventory_ledger.h"
#include "stores/mongo/inventory_variant.h"
#include "stores/mongo/mongo_command.h"
#include "stores/mongo/mongo_transaction.h"
#include "stores/mongo/reservation_document.h"

/* One call of reservation_store_make; every try of its transaction starts with the same. */
struct make {
    struct arena *arena;
    const struct reservation_request *request;
    struct violations *violations;
    struct violations noted_before;
    struct str skus[RESERVATION_LINES_MAX];
    struct inventory_variant variants[RESERVATION_LINES_MAX];
    struct ledger ledger;
    struct reservation reservation;
    struct str_list shown;
};

static void put_stage_match(bson_t *pipeline, const char *member, struct str value) {
    bson_t stage;
    bson_t match;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(pipeline, "0", &stage));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&stage, "$match", &match));
    mongo_put_str(&match, member, value);
    mongo_put_str(&match, "status", str_of(reservation_status_names[RESERVATION_ACTIVE]));
    CHECK(bson_append_document_end(&stage, &match));
    CHECK(bson_append_document_end(pipeline, &stage));
}

static void put_stage_sum(bson_t *pipeline) {
    bson_t stage;
    bson_t group;
    bson_t sum;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(pipeline, "1", &stage));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&stage, "$group", &group));
    CHECK(BSON_APPEND_NULL(&group, "_id"));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&group, "reservations", &sum));
    CHECK(BSON_APPEND_INT32(&sum, "$sum", 1));
    CHECK(bson_append_document_end(&group, &sum));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&group, "units", &sum));
    mongo_put_str(&sum, "$sum", STR("$units"));
    CHECK(bson_append_document_end(&group, &sum));
    CHECK(bson_append_document_end(&stage, &group));
    CHECK(bson_append_document_end(pipeline, &stage));
}

/* Whether there is room for one more, of so many units, beside what is active. */
static struct fault check_limit(struct mongo_store *store, const char *member, struct str value,
                                const struct reservation_limit *limit, int64_t units) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    bson_t pipeline;
    bson_t cursor;
    if (str_is_absent(value)) {
        return fault_none();
    }
    mongo_put_str(&command, "aggregate", STR("reservations"));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&command, "pipeline", &pipeline));
    put_stage_match(&pipeline, member, value);
    put_stage_sum(&pipeline);
    CHECK(bson_append_array_end(&command, &pipeline));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&command, "cursor", &cursor));
    CHECK(bson_append_document_end(&command, &cursor));
    TRY(mongo_connection_read(store, "reservation.limit", &command, &reply));
    int64_t active = mongo_get_int64(&reply, "cursor.firstBatch.0.reservations");
    int64_t active_units = mongo_get_int64(&reply, "cursor.firstBatch.0.units");
    ENSURE(active < limit->reservations && active_units + units <= limit->units,
           FAULT_TOO_MANY_RESERVATIONS);
    return fault_none();
}

static struct fault find_variants(struct mongo_store *store, struct make *make) {
    size_t count = make->request->lines.count;
    bool all_there = true;
    TRY(inventory_variants_find(store, make->arena, make->skus, count, make->variants));
    for (size_t i = 0; i < count; i++) {
        if (str_is_absent(make->variants[i].id) || !make->variants[i].is_active) {
            struct str field = arena_printf(make->arena, "lines[%zu].sku", i);
            violations_add(make->violations, field, "does not exist: %.*s", STR_ARG(make->skus[i]));
            all_there = false;
        }
    }
    ENSURE(all_there, FAULT_INVALID);
    return fault_none();
}

/* NULL: there is none of that variant. */
static struct ledger_level *level_of(const struct make *make, size_t line) {
    struct ledger_level *level = ledger_find_sku(&make->ledger, make->skus[line]);
    bool is_its = level != NULL && str_equals(level->now.variant_id, make->variants[line].id);
    return is_its ? level : NULL;
}

static struct fault check_stock(struct make *make) {
    bool is_enough = true;
    for (size_t i = 0; i < make->request->lines.count; i++) {
        const struct inventory_variant *variant = &make->variants[i];
        const struct ledger_level *level = level_of(make, i);
        int64_t available = level == NULL || level->now.available < 0 ? 0 : level->now.available;
        bool is_free = !variant->track_stock || (variant->allow_backorder && level != NULL);
        if (!is_free && available < make->request->lines.items[i].quantity) {
            struct str field = arena_printf(make->arena, "lines[%zu].sku", i);
            violations_add(make->violations, field, "%.*s: %lld available", STR_ARG(make->skus[i]),
                           (long long)available);
            is_enough = false;
        }
    }
    ENSURE(is_enough, FAULT_INSUFFICIENT_STOCK);
    return fault_none();
}

static void hold_lines(struct make *make) {
    struct reservation *reservation = &make->reservation;
    size_t count = make->request->lines.count;
    reservation->lines.items =
        arena_alloc_array(make->arena, count, sizeof(struct reservation_line));
    reservation->lines.count = count;
    for (size_t i = 0; i < count; i++) {
        int64_t quantity = make->request->lines.items[i].quantity;
        bool is_held = make->variants[i].track_stock;
        reservation->units += quantity;
        reservation->lines.items[i] = (struct reservation_line){
            .sku = make->skus[i],
            .quantity = quantity,
            .variant_id = make->variants[i].id,
            .is_held = is_held,
        };
        if (is_held) {
            ledger_move(&make->ledger, level_of(make, i),
                        &(struct ledger_change){.kind = MOVEMENT_RESERVE,
                                                .reserved_delta = quantity,
                                                .reference = reservation->id});
        }
    }
}

static struct fault insert(struct mongo_store *store, const struct reservation *reservation) {
    MONGO_BSON(document);
    mongo_shape_encode(&reservation_shape, reservation, &document);
    return mongo_command_insert(store, "reservation.insert", "reservations", &document);
}

static int64_t units_of(const struct reservation_request *request) {
    int64_t units = 0;
    for (size_t i = 0; i < request->lines.count; i++) {
        units += request->lines.items[i].quantity;
    }
    return units;
}

static struct fault make_body(struct mongo_store *store, void *context) {
    struct make *make = context;
    const struct reservation_request *request = make->request;
    int64_t now_ms = clock_now_ms();
    *make->violations = make->noted_before;
    ledger_init(&make->ledger, make->arena, request->user_id);
    make->reservation = (struct reservation){.id = mongo_new_id(make->arena),
                                             .owner = request->owner,
                                             .user_id = request->user_id,
                                             .place = request->place,
                                             .expires_at_ms = now_ms + request->ttl_ms,
                                             .created_at_ms = now_ms};
    int64_t units = units_of(request);
    TRY(check_limit(store, "owner", request->owner, &request->owner_limit, units));
    TRY(check_limit(store, "place", request->place, &request->place_limit, units));
    TRY(find_variants(store, make));
    TRY(ledger_read_skus(store, &make->ledger, make->skus, request->lines.count));
    TRY(check_stock(make));
    hold_lines(make);
    TRY(insert(store, &make->reservation));
    TRY(ledger_write(store, &make->ledger));
    return ledger_show(store, &make->ledger, &make->shown);
}

struct fault reservation_store_make(struct mongo_store *store, struct arena *arena,
                                    const struct reservation_request *request,
                                    struct violations *violations, struct reservation *reservation,
                                    struct str_list *shown) {
    CHECK(request->lines.count >= 1 && request->lines.count <= RESERVATION_LINES_MAX);
    struct make *make = ARENA_NEW(arena, struct make);
    make->arena = arena;
    make->request = request;
    make->violations = violations;
    make->noted_before = *violations;
    for (size_t i = 0; i < request->lines.count; i++) {
        make->skus[i] = request->lines.items[i].sku;
    }
    TRY(mongo_transaction_run(store, make_body, make));
    *reservation = make->reservation;
    *shown = make->shown;
    return fault_none();
}
