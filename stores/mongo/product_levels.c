#include "stores/mongo/product_levels.h"

#include <stdlib.h>

#include "stores/mongo/mongo_document.h"

struct level {
    struct str sku;
    int64_t stock;
    int64_t reserved;
};

static const struct mongo_field level_fields[] = {
    {"_id", MONGO_FIELD_STR, offsetof(struct level, sku), true, NULL, NULL},
    {"stock", MONGO_FIELD_INT64, offsetof(struct level, stock), true, NULL, NULL},
    {"reserved", MONGO_FIELD_INT64, offsetof(struct level, reserved), true, NULL, NULL},
};
static const struct mongo_shape level_shape = {level_fields, COUNT_OF(level_fields),
                                               sizeof(struct level)};

/* The levels that were asked for; `count` of them were found. */
struct level_list {
    struct arena *arena;
    struct level *items;
    size_t count;
    size_t capacity;
};

static struct fault read_level(void *context, const bson_t *document) {
    struct level_list *levels = context;
    struct level *level = &levels->items[levels->count];
    ENSURE(levels->count < levels->capacity, FAULT_INTERNAL);
    if (!fault_occurred(
            mongo_document_decode("inventory", &level_shape, document, levels->arena, level))) {
        levels->count++;
    }
    return fault_none();
}

static int compare_levels(const void *left, const void *right) {
    const struct level *a = left;
    const struct level *b = right;
    size_t shorter = a->sku.size < b->sku.size ? a->sku.size : b->sku.size;
    int order = memcmp(a->sku.data, b->sku.data, shorter);
    return order != 0 ? order : (a->sku.size > b->sku.size) - (a->sku.size < b->sku.size);
}

static void put_levels(const struct level_list *levels, struct product *product) {
    for (size_t i = 0; i < product->variants.count; i++) {
        struct product_variant *variant = &product->variants.items[i];
        struct level wanted = {.sku = variant->sku};
        const struct level *level = levels->count == 0
                                        ? NULL
                                        : bsearch(&wanted, levels->items, levels->count,
                                                  sizeof(struct level), compare_levels);
        variant->stock = level == NULL || level->stock < 0 ? 0 : level->stock;
        variant->available = level == NULL ? 0 : variant->stock - level->reserved;
    }
    product_derive_stock(product);
}

/* How many SKUs the filter names. */
static size_t put_sku_filter(const struct product_record *records, size_t count, bson_t *filter) {
    bson_t condition;
    bson_t skus;
    size_t size = 0;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(filter, "_id", &condition));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&condition, "$in", &skus));
    for (size_t i = 0; i < count; i++) {
        const struct product_variant_list *variants = &records[i].product.variants;
        for (size_t at = 0; at < variants->count; at++) {
            if (variants->items[at].track_stock) {
                char buffer[16];
                const char *key = NULL;
                bson_uint32_to_string((uint32_t)size++, &key, buffer, sizeof(buffer));
                mongo_put_str(&skus, key, variants->items[at].sku);
            }
        }
    }
    CHECK(bson_append_array_end(&condition, &skus));
    CHECK(bson_append_document_end(filter, &condition));
    return size;
}

struct fault product_levels_read(struct mongo_store *store, struct arena *arena,
                                 struct product_record *records, size_t count) {
    MONGO_BSON(filter);
    struct level_list levels = {.arena = arena,
                                .capacity = put_sku_filter(records, count, &filter)};
    if (levels.capacity > 0) {
        levels.items = arena_alloc_array(arena, levels.capacity, sizeof(struct level));
        TRY(mongo_connection_find(store, "inventory.read", "inventory", &filter, NULL, read_level,
                                  &levels));
        qsort(levels.items, levels.count, sizeof(struct level), compare_levels);
    }
    for (size_t i = 0; i < count; i++) {
        put_levels(&levels, &records[i].product);
    }
    return fault_none();
}
