#include "stores/mongo/product_document.h"

#include "stores/mongo/category_document.h"
#include "stores/mongo/mongo_document.h"
#include "stores/mongo/product_levels.h"

#define FIELD(type, member, key, kind, is_required) \
    { key, MONGO_FIELD_##kind, offsetof(type, member), is_required, NULL, NULL }
#define NESTED(type, member, key, kind, is_required, shape) \
    { key, MONGO_FIELD_##kind, offsetof(type, member), is_required, &(shape), NULL }
#define SHAPE(fields, type) \
    { fields, COUNT_OF(fields), sizeof(type) }

static const struct mongo_field option_fields[] = {
    FIELD(struct product_option, name, "name", STR, true),
    FIELD(struct product_option, values, "values", STR_LIST, true),
};
static const struct mongo_shape option_shape = SHAPE(option_fields, struct product_option);

static const struct mongo_field variant_fields[] = {
    FIELD(struct product_variant, id, "id", ID, true),
    FIELD(struct product_variant, sku, "sku", STR, true),
    FIELD(struct product_variant, sku_is_made, "sku_is_made", BOOL, true),
    FIELD(struct product_variant, title, "title", STR, true),
    FIELD(struct product_variant, options, "options", PAIR_LIST, true),
    FIELD(struct product_variant, price, "price", INT64, true),
    FIELD(struct product_variant, compare_at_price, "compare_at_price", INT64, false),
    FIELD(struct product_variant, track_stock, "track_stock", BOOL, true),
    FIELD(struct product_variant, allow_backorder, "allow_backorder", BOOL, true),
    FIELD(struct product_variant, barcode, "barcode", STR, false),
    FIELD(struct product_variant, weight_grams, "weight_grams", INT64, false),
};
static const struct mongo_shape variant_shape = SHAPE(variant_fields, struct product_variant);

static const struct mongo_field image_fields[] = {
    FIELD(struct product_image, id, "id", ID, true),
    FIELD(struct product_image, url, "url", STR, true),
    FIELD(struct product_image, alt, "alt", STR, false),
    FIELD(struct product_image, width, "width", INT64, false),
    FIELD(struct product_image, height, "height", INT64, false),
    FIELD(struct product_image, thumbnails, "thumbnails", PAIR_LIST, false),
};
static const struct mongo_shape image_shape = SHAPE(image_fields, struct product_image);

static const struct mongo_field seo_fields[] = {
    FIELD(struct product_seo, title, "title", STR, false),
    FIELD(struct product_seo, description, "description", STR, false),
};
static const struct mongo_shape seo_shape = SHAPE(seo_fields, struct product_seo);

static const struct mongo_field product_fields[] = {
    FIELD(struct product_record, product.id, "_id", ID, true),
    FIELD(struct product_record, product.slug, "slug", STR, true),
    FIELD(struct product_record, old_slugs, "old_slugs", STR_LIST, false),
    FIELD(struct product_record, product.name, "name", STR, true),
    FIELD(struct product_record, sort_name, "sort_name", STR, true),
    FIELD(struct product_record, product.description, "description", STR, false),
    FIELD(struct product_record, product.brand, "brand", STR, false),
    FIELD(struct product_record, category_id, "category_id", ID, false),
    FIELD(struct product_record, category_path, "category_path", ID_LIST, true),
    FIELD(struct product_record, product.tags, "tags", STR_LIST, true),
    {"status", MONGO_FIELD_ENUM, offsetof(struct product_record, product.status), true, NULL,
     product_status_names},
    NESTED(struct product_record, product.options, "options", LIST, true, option_shape),
    NESTED(struct product_record, product.variants, "variants", LIST, true, variant_shape),
    FIELD(struct product_record, product.price, "price", INT64, true),
    FIELD(struct product_record, product.price_max, "price_max", INT64, true),
    FIELD(struct product_record, product.currency, "currency", STR, true),
    FIELD(struct product_record, product.in_stock, "in_stock", BOOL, true),
    NESTED(struct product_record, product.images, "images", LIST, true, image_shape),
    FIELD(struct product_record, product.attributes, "attributes", PAIR_LIST, true),
    NESTED(struct product_record, product.seo, "seo", DOCUMENT, false, seo_shape),
    FIELD(struct product_record, product.version, "version", INT64, true),
    FIELD(struct product_record, product.stock_seq, "stock_seq", INT64, true),
    FIELD(struct product_record, product.created_at_ms, "created_at", DATE, true),
    FIELD(struct product_record, product.updated_at_ms, "updated_at", DATE, true),
};
static const struct mongo_shape product_shape = SHAPE(product_fields, struct product_record);

void product_document_encode(const struct product_record *record, bson_t *document) {
    mongo_shape_encode(&product_shape, record, document);
}

/* What the rest of the program takes for granted of any product. */
static bool is_plausible(const struct product *product) {
    return product->version >= 1 && product->variants.count >= 1 &&
           product->variants.count <= PRODUCT_VARIANTS_MAX &&
           product->options.count <= PRODUCT_OPTIONS_MAX && !str_is_empty(product->slug);
}

struct fault product_document_decode(const bson_t *document, struct arena *arena,
                                     struct product_record *record) {
    const char *key = "size";
    *record = (struct product_record){0};
    bool fits = document->len <= PRODUCT_MAX_BYTES &&
                mongo_shape_decode(&product_shape, document, arena, record, &key) &&
                is_plausible(&record->product);
    if (!fits) {
        mongo_document_log_damaged("products", document, key);
        return fault_of(FAULT_INTERNAL);
    }
    return fault_none();
}

struct fault product_records_complete(struct mongo_store *store, struct arena *arena,
                                      struct product_record *records, size_t count) {
    TRY(product_levels_read(store, arena, records, count));
    return category_slugs_read(store, arena, records, count);
}

void product_document_put_projection(bson_t *options) {
    bson_t members;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(options, "projection", &members));
    CHECK(BSON_APPEND_INT32(&members, "terms", 0));
    CHECK(bson_append_document_end(options, &members));
}

struct found {
    struct arena *arena;
    struct product_record *record;
    bool is_there;
};

static struct fault read_found(void *context, const bson_t *document) {
    struct found *found = context;
    found->is_there = true;
    return product_document_decode(document, found->arena, found->record);
}

static struct fault find_one(struct mongo_store *store, struct arena *arena, const bson_t *filter,
                             struct product_record *record) {
    MONGO_BSON(options);
    struct found found = {arena, record, false};
    mongo_put_int64(&options, "limit", 1);
    product_document_put_projection(&options);
    TRY(mongo_connection_find(store, "product.find", "products", filter, &options, read_found,
                              &found));
    ENSURE(found.is_there, FAULT_NOT_FOUND);
    return product_records_complete(store, arena, record, 1);
}

struct fault product_record_find_by_id(struct mongo_store *store, struct arena *arena,
                                       struct str id, struct product_record *record) {
    MONGO_BSON(filter);
    ENSURE(product_id_is_valid(id), FAULT_NOT_FOUND);
    mongo_put_id(&filter, "_id", id);
    return find_one(store, arena, &filter, record);
}

static struct fault find_by_slug(struct mongo_store *store, struct arena *arena, const char *key,
                                 struct str slug, struct product_record *record) {
    MONGO_BSON(filter);
    ENSURE(product_slug_is_valid(slug), FAULT_NOT_FOUND);
    mongo_put_str(&filter, key, slug);
    return find_one(store, arena, &filter, record);
}

struct fault product_record_find_by_slug(struct mongo_store *store, struct arena *arena,
                                         struct str slug, struct product_record *record) {
    return find_by_slug(store, arena, "slug", slug, record);
}

struct fault product_record_find_by_old_slug(struct mongo_store *store, struct arena *arena,
                                             struct str slug, struct product_record *record) {
    return find_by_slug(store, arena, "old_slugs", slug, record);
}
