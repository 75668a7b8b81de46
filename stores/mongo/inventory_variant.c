#include "stores/mongo/inventory_variant.h"

#include "stores/mongo/mongo_document.h"
#include "stores/product.h"

struct found_variant_list {
    struct inventory_variant *items;
    size_t count;
};

/* As much of a product as is asked for here. */
struct found_product {
    struct str id;
    enum product_status status;
    struct found_variant_list variants;
};

#define VARIANT(key, kind, member) \
    { key, kind, offsetof(struct inventory_variant, member), true, NULL, NULL }

static const struct mongo_field variant_fields[] = {
    VARIANT("sku", MONGO_FIELD_STR, sku),
    VARIANT("id", MONGO_FIELD_ID, id),
    VARIANT("track_stock", MONGO_FIELD_BOOL, track_stock),
    VARIANT("allow_backorder", MONGO_FIELD_BOOL, allow_backorder),
};
static const struct mongo_shape variant_shape = {variant_fields, COUNT_OF(variant_fields),
                                                 sizeof(struct inventory_variant)};

static const struct mongo_field product_fields[] = {
    {"_id", MONGO_FIELD_ID, offsetof(struct found_product, id), true, NULL, NULL},
    {"status", MONGO_FIELD_ENUM, offsetof(struct found_product, status), true, NULL,
     product_status_names},
    {"variants", MONGO_FIELD_LIST, offsetof(struct found_product, variants), true, &variant_shape,
     NULL},
};
static const struct mongo_shape product_shape = {product_fields, COUNT_OF(product_fields),
                                                 sizeof(struct found_product)};

struct search {
    struct arena *arena;
    const struct str *skus;
    size_t count;
    struct inventory_variant *variants;
};

static void note_variant(const struct search *search, const struct found_product *product,
                         const struct inventory_variant *variant) {
    for (size_t i = 0; i < search->count; i++) {
        if (str_equals(search->skus[i], variant->sku)) {
            search->variants[i] = *variant;
            search->variants[i].product_id = product->id;
            search->variants[i].is_active = product->status == PRODUCT_ACTIVE;
        }
    }
}

static struct fault read_product(void *context, const bson_t *document) {
    struct search *search = context;
    struct found_product product = {0};
    TRY(mongo_document_decode("products", &product_shape, document, search->arena, &product));
    for (size_t i = 0; i < product.variants.count; i++) {
        note_variant(search, &product, &product.variants.items[i]);
    }
    return fault_none();
}

static void put_filter(const struct str *skus, size_t count, bson_t *filter) {
    bson_t condition;
    bson_t list;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(filter, "variants.sku", &condition));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&condition, "$in", &list));
    for (size_t i = 0; i < count; i++) {
        char buffer[16];
        const char *key = NULL;
        bson_uint32_to_string((uint32_t)i, &key, buffer, sizeof(buffer));
        mongo_put_str(&list, key, skus[i]);
    }
    CHECK(bson_append_array_end(&condition, &list));
    CHECK(bson_append_document_end(filter, &condition));
}

static void put_options(bson_t *options) {
    static const char *const members[] = {"status", "variants.sku", "variants.id",
                                          "variants.track_stock", "variants.allow_backorder"};
    bson_t projection;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(options, "projection", &projection));
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        CHECK(BSON_APPEND_INT32(&projection, members[i], 1));
    }
    CHECK(bson_append_document_end(options, &projection));
}

struct fault inventory_variants_find(struct mongo_store *store, struct arena *arena,
                                     const struct str *skus, size_t count,
                                     struct inventory_variant *variants) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    struct search search = {arena, skus, count, variants};
    memset(variants, 0, count * sizeof(*variants));
    put_filter(skus, count, &filter);
    put_options(&options);
    return mongo_connection_find(store, "inventory.variants", "products", &filter, &options,
                                 read_product, &search);
}
