#include "base/clock.h"
#include "stores/mongo/inventory_ledger.h"
#include "stores/mongo/mongo_command.h"
#include "stores/mongo/mongo_transaction.h"
#include "stores/mongo/reservation_document.h"

/* One call of this file; every try of its transaction starts with the same. */
struct end {
    struct arena *arena;
    enum reservation_status status;
    int64_t user_id;
    const struct reservation_list *reservations;
    bool decides; /* a single one, which may have come to an end already */
    struct reservation now;
    struct ledger ledger;
    struct str_list shown;
};

struct fault reservation_store_find(struct mongo_store *store, struct arena *arena, struct str id,
                                    struct reservation *reservation) {
    MONGO_BSON(filter);
    struct reservation_reader reader = {.arena = arena, .items = reservation, .capacity = 1};
    mongo_put_id(&filter, "_id", id);
    TRY(mongo_connection_find(store, "reservation.find", "reservations", &filter, NULL,
                              reservation_read, &reader));
    ENSURE(reader.count == 1, FAULT_NOT_FOUND);
    return fault_none();
}

struct fault reservation_store_due(struct mongo_store *store, struct arena *arena, int64_t until_ms,
                                   size_t limit, size_t skip, struct reservation_list *due) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    bson_t part;
    struct reservation_reader reader = {.arena = arena, .capacity = limit};
    reader.items = arena_alloc_array(arena, limit, sizeof(struct reservation));
    mongo_put_str(&filter, "status", str_of(reservation_status_names[RESERVATION_ACTIVE]));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&filter, "expires_at", &part));
    CHECK(BSON_APPEND_DATE_TIME(&part, "$lt", until_ms));
    CHECK(bson_append_document_end(&filter, &part));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&options, "sort", &part));
    CHECK(BSON_APPEND_INT32(&part, "status", 1));
    CHECK(BSON_APPEND_INT32(&part, "expires_at", 1));
    CHECK(bson_append_document_end(&options, &part));
    mongo_put_int64(&options, "limit", (int64_t)limit);
    mongo_put_int64(&options, "skip", (int64_t)skip);
    TRY(mongo_connection_find(store, "reservation.due", "reservations", &filter, &options,
                              reservation_read, &reader));
    *due = (struct reservation_list){reader.items, reader.count};
    return fault_none();
}

/* Those that are still active; to be committed, only while their time lasts. */
static void put_query(const struct end *end, int64_t now_ms, bson_t *query) {
    bson_t condition;
    bson_t ids;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(query, "_id", &condition));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&condition, "$in", &ids));
    for (size_t i = 0; i < end->reservations->count; i++) {
        char buffer[16];
        const char *key = NULL;
        bson_uint32_to_string((uint32_t)i, &key, buffer, sizeof(buffer));
        mongo_put_id(&ids, key, end->reservations->items[i].id);
    }
    CHECK(bson_append_array_end(&condition, &ids));
    CHECK(bson_append_document_end(query, &condition));
    mongo_put_str(query, "status", str_of(reservation_status_names[RESERVATION_ACTIVE]));
    if (end->status == RESERVATION_COMMITTED) {
        CHECK(BSON_APPEND_DOCUMENT_BEGIN(query, "expires_at", &condition));
        CHECK(BSON_APPEND_DATE_TIME(&condition, "$gt", now_ms));
        CHECK(bson_append_document_end(query, &condition));
    }
}

/* How many have come to this end just now. */
static struct fault move_status(struct mongo_store *store, const struct end *end, int64_t *moved) {
    MONGO_BSON(filter);
    MONGO_BSON(update);
    bson_t set;
    int64_t now_ms = clock_now_ms();
    put_query(end, now_ms, &filter);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "$set", &set));
    mongo_put_str(&set, "status", str_of(reservation_status_names[end->status]));
    CHECK(BSON_APPEND_DATE_TIME(&set, "ended_at", now_ms));
    CHECK(bson_append_document_end(&update, &set));
    return mongo_command_update(store, "reservation.end", "reservations", &filter, &update,
                                MONGO_UPDATE_MANY, moved);
}

static struct fault read_levels(struct mongo_store *store, struct end *end) {
    struct str *ids = arena_alloc_array(end->arena, LEDGER_LEVELS_MAX, sizeof(struct str));
    size_t count = 0;
    for (size_t i = 0; i < end->reservations->count; i++) {
        const struct reservation_line_list *lines = &end->reservations->items[i].lines;
        for (size_t at = 0; at < lines->count; at++) {
            if (lines->items[at].is_held) {
                CHECK(count < LEDGER_LEVELS_MAX);
                ids[count++] = lines->items[at].variant_id;
            }
        }
    }
    return ledger_read_variants(store, &end->ledger, ids, count);
}

static void move_lines(struct end *end, const struct reservation *reservation) {
    static const enum movement_kind kinds[] = {
        [RESERVATION_COMMITTED] = MOVEMENT_COMMIT,
        [RESERVATION_RELEASED] = MOVEMENT_RELEASE,
        [RESERVATION_EXPIRED] = MOVEMENT_EXPIRE,
    };
    for (size_t i = 0; i < reservation->lines.count; i++) {
        const struct reservation_line *line = &reservation->lines.items[i];
        struct ledger_level *level =
            line->is_held ? ledger_find_variant(&end->ledger, line->variant_id) : NULL;
        if (level != NULL) {
            /* Never below zero, whatever somebody has done by hand. */
            int64_t held =
                line->quantity < level->now.reserved ? line->quantity : level->now.reserved;
            bool is_sold = end->status == RESERVATION_COMMITTED;
            ledger_move(&end->ledger, level,
                        &(struct ledger_change){.kind = kinds[end->status],
                                                .delta = is_sold ? -line->quantity : 0,
                                                .reserved_delta = -held,
                                                .reference = reservation->id});
        }
    }
}

/* Another end was faster, or its time is over: the same end is as good as this one. */
static struct fault decide(struct mongo_store *store, struct end *end) {
    TRY(reservation_store_find(store, end->arena, end->reservations->items[0].id, &end->now));
    bool is_given_back =
        end->now.status == RESERVATION_RELEASED || end->now.status == RESERVATION_EXPIRED;
    bool is_same =
        end->status == RESERVATION_RELEASED ? is_given_back : end->now.status == end->status;
    ENSURE(is_same, FAULT_RESERVATION_ENDED);
    end->shown = (struct str_list){0};
    return fault_none();
}

static struct fault end_body(struct mongo_store *store, void *context) {
    struct end *end = context;
    int64_t moved = 0;
    ledger_init(&end->ledger, end->arena, end->user_id);
    TRY(move_status(store, end, &moved));
    if (moved == 0 && end->decides) {
        return decide(store, end);
    }
    ENSURE(moved == (int64_t)end->reservations->count, FAULT_CONFLICT);
    TRY(read_levels(store, end));
    for (size_t i = 0; i < end->reservations->count; i++) {
        move_lines(end, &end->reservations->items[i]);
    }
    end->now = end->reservations->items[0];
    end->now.status = end->status;
    TRY(ledger_write(store, &end->ledger));
    return ledger_show(store, &end->ledger, &end->shown);
}

struct fault reservation_store_end(struct mongo_store *store, struct arena *arena,
                                   enum reservation_status status, int64_t user_id,
                                   struct reservation *reservation, struct str_list *shown) {
    const struct reservation_list one = {reservation, 1};
    struct end end = {.arena = arena,
                      .status = status,
                      .user_id = user_id,
                      .reservations = &one,
                      .decides = true};
    CHECK(status == RESERVATION_COMMITTED || status == RESERVATION_RELEASED);
    TRY(mongo_transaction_run(store, end_body, &end));
    *reservation = end.now;
    *shown = end.shown;
    return fault_none();
}

struct fault reservation_store_expire(struct mongo_store *store, struct arena *arena,
                                      const struct reservation_list *due, struct str_list *shown) {
    struct end end = {.arena = arena,
                      .status = RESERVATION_EXPIRED,
                      .user_id = INT64_ABSENT,
                      .reservations = due};
    CHECK(due->count > 0);
    TRY(mongo_transaction_run(store, end_body, &end));
    *shown = end.shown;
    return fault_none();
}
