#include "base/clock.h"
#include "stores/mongo/product_levels.h"

/* What becomes of one SKU's document. */
struct level_change {
    const struct product_variant *before; /* NULL: the variant is new */
    const struct product_variant *after;  /* NULL: it is gone */
    bool is_moved;                        /* its document had the SKU of `before` */
    int64_t stock;
    int64_t reserved;
    int64_t low_at;
};

struct level_plan {
    struct str product_id;
    struct level_change changes[2 * PRODUCT_VARIANTS_MAX];
    size_t count;
};

static const struct product_variant *find_variant(const struct product *product, struct str id) {
    for (size_t i = 0; product != NULL && i < product->variants.count; i++) {
        if (str_equals(product->variants.items[i].id, id)) {
            return &product->variants.items[i];
        }
    }
    return NULL;
}

static void plan_changes(const struct product *before, const struct product *after,
                         struct level_plan *plan) {
    for (size_t i = 0; i < after->variants.count; i++) {
        const struct product_variant *variant = &after->variants.items[i];
        plan->changes[plan->count++] =
            (struct level_change){.before = find_variant(before, variant->id), .after = variant};
    }
    for (size_t i = 0; before != NULL && i < before->variants.count; i++) {
        const struct product_variant *variant = &before->variants.items[i];
        if (find_variant(after, variant->id) == NULL) {
            plan->changes[plan->count++] = (struct level_change){.before = variant};
        }
    }
}

/* The SKU that `before` had is no longer its variant's. */
static bool gives_up_sku(const struct level_change *change) {
    return change->before != NULL &&
           (change->after == NULL || !str_equals(change->before->sku, change->after->sku));
}

/* {_id: {$in: [the SKUs given up]}, product_id}. */
static size_t put_given_up(const struct level_plan *plan, bson_t *filter) {
    bson_t condition;
    bson_t skus;
    size_t size = 0;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(filter, "_id", &condition));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&condition, "$in", &skus));
    for (size_t i = 0; i < plan->count; i++) {
        if (gives_up_sku(&plan->changes[i])) {
            char buffer[16];
            const char *key = NULL;
            bson_uint32_to_string((uint32_t)size++, &key, buffer, sizeof(buffer));
            mongo_put_str(&skus, key, plan->changes[i].before->sku);
        }
    }
    CHECK(bson_append_array_end(&condition, &skus));
    CHECK(bson_append_document_end(filter, &condition));
    mongo_put_id(filter, "product_id", plan->product_id);
    return size;
}

static struct fault note_moved(void *context, const bson_t *document) {
    struct level_plan *plan = context;
    struct str sku = mongo_get_str(document, "_id");
    for (size_t i = 0; i < plan->count; i++) {
        struct level_change *change = &plan->changes[i];
        if (gives_up_sku(change) && change->after != NULL && str_equals(change->before->sku, sku)) {
            bool has_low_at = bson_has_field(document, "low_at");
            change->is_moved = true;
            change->stock = mongo_get_int64(document, "stock");
            change->reserved = mongo_get_int64(document, "reserved");
            change->low_at = has_low_at ? mongo_get_int64(document, "low_at") : INT64_ABSENT;
        }
    }
    return fault_none();
}

static struct fault remove_levels(struct mongo_store *store, const bson_t *filter) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    bson_t deletes;
    bson_t one;
    mongo_put_str(&command, "delete", STR("inventory"));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&command, "deletes", &deletes));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&deletes, "0", &one));
    CHECK(BSON_APPEND_DOCUMENT(&one, "q", filter));
    mongo_put_int64(&one, "limit", 0);
    CHECK(bson_append_document_end(&deletes, &one));
    CHECK(bson_append_array_end(&command, &deletes));
    return mongo_connection_write(store, "inventory.remove", &command, &reply);
}

/* All are read and removed before any is written again, so that two variants may swap SKUs. */
static struct fault take_given_up(struct mongo_store *store, struct level_plan *plan) {
    MONGO_BSON(filter);
    if (put_given_up(plan, &filter) == 0) {
        return fault_none();
    }
    TRY(mongo_connection_find(store, "inventory.move", "inventory", &filter, NULL, note_moved,
                              plan));
    return remove_levels(store, &filter);
}

static bool is_written(const struct level_change *change) {
    if (change->after == NULL) {
        return false;
    }
    bool starts_tracking =
        change->after->track_stock && (change->before == NULL || !change->before->track_stock);
    return change->is_moved || starts_tracking || change->after->stock_given;
}

/* A document of another product makes the upsert an insert, which its _id then refuses. */
static void put_update(const struct level_plan *plan, const struct level_change *change,
                       bson_t *update) {
    bson_t query;
    bson_t change_document;
    bson_t set;
    bson_t on_insert;
    bool sets_stock = change->after->stock_given || change->is_moved;
    int64_t stock = change->after->stock_given ? change->after->stock : change->stock;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(update, "q", &query));
    mongo_put_str(&query, "_id", change->after->sku);
    mongo_put_id(&query, "product_id", plan->product_id);
    CHECK(bson_append_document_end(update, &query));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(update, "u", &change_document));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&change_document, "$set", &set));
    CHECK(BSON_APPEND_DATE_TIME(&set, "updated_at", clock_now_ms()));
    mongo_put_int64(&set, "stock", sets_stock ? stock : INT64_ABSENT);
    mongo_put_int64(&set, "reserved", change->is_moved ? change->reserved : INT64_ABSENT);
    mongo_put_int64(&set, "low_at", change->is_moved ? change->low_at : INT64_ABSENT);
    CHECK(bson_append_document_end(&change_document, &set));
    if (!change->is_moved) {
        CHECK(BSON_APPEND_DOCUMENT_BEGIN(&change_document, "$setOnInsert", &on_insert));
        mongo_put_int64(&on_insert, "stock", sets_stock ? INT64_ABSENT : 0);
        mongo_put_int64(&on_insert, "reserved", 0);
        CHECK(bson_append_document_end(&change_document, &on_insert));
    }
    CHECK(bson_append_document_end(update, &change_document));
    CHECK(BSON_APPEND_BOOL(update, "upsert", true));
}

static struct fault write_levels(struct mongo_store *store, const struct level_plan *plan) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    bson_t updates;
    uint32_t size = 0;
    mongo_put_str(&command, "update", STR("inventory"));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&command, "updates", &updates));
    for (size_t i = 0; i < plan->count; i++) {
        if (is_written(&plan->changes[i])) {
            bson_t update;
            char buffer[16];
            const char *key = NULL;
            bson_uint32_to_string(size++, &key, buffer, sizeof(buffer));
            CHECK(BSON_APPEND_DOCUMENT_BEGIN(&updates, key, &update));
            put_update(plan, &plan->changes[i], &update);
            CHECK(bson_append_document_end(&updates, &update));
        }
    }
    CHECK(bson_append_array_end(&command, &updates));
    return size == 0 ? fault_none()
                     : mongo_connection_write(store, "inventory.write", &command, &reply);
}

struct fault product_levels_write(struct mongo_store *store, const struct product *before,
                                  const struct product *after) {
    struct level_plan plan = {.product_id = after->id};
    plan_changes(before, after, &plan);
    TRY(take_given_up(store, &plan));
    return write_levels(store, &plan);
}

struct fault product_levels_remove(struct mongo_store *store, struct str product_id) {
    MONGO_BSON(filter);
    mongo_put_id(&filter, "product_id", product_id);
    return remove_levels(store, &filter);
}
