#include "server/api/products/product_schema.h"

static const struct field option_fields[] = {
    {.name = "name",
     .type = FIELD_STR,
     .offset = offsetof(struct product_option, name),
     .is_required = true,
     .min = 1,
     .max = PRODUCT_LABEL_MAX_CHARACTERS,
     .doc = "Such as Size."},
    {.name = "values",
     .type = FIELD_STRS,
     .offset = offsetof(struct product_option, values),
     .is_required = true,
     .min = 1,
     .max = PRODUCT_OPTION_VALUES_MAX,
     .doc = "Such as Small, Medium, Large."},
};

static const struct schema option_schema =
    SCHEMA("ProductOptionBody", struct product_option, option_fields);

#define VARIANT(member) offsetof(struct product_variant, member)

static const struct field variant_fields[] = {
    {.name = "id",
     .type = FIELD_STR,
     .offset = VARIANT(id),
     .format = FORMAT_ID,
     .doc = "Of a variant that exists; else it is found by sku or options."},
    {.name = "sku",
     .type = FIELD_STR,
     .offset = VARIANT(sku),
     .is_nullable = true,
     .min = 1,
     .max = PRODUCT_SKU_MAX_BYTES,
     .doc = "Unique in the shop; made from slug and options when not given."},
    {.name = "title",
     .type = FIELD_STR,
     .offset = VARIANT(title),
     .is_nullable = true,
     .max = PRODUCT_TEXT_MAX_CHARACTERS,
     .doc = "Made from the options when not given."},
    {.name = "options",
     .type = FIELD_PAIRS,
     .offset = VARIANT(options),
     .max = PRODUCT_OPTIONS_MAX,
     .doc = "One value of each option: {\"Size\": \"Small\"}."},
    {.name = "price",
     .type = FIELD_MONEY,
     .offset = VARIANT(price),
     .is_required = true,
     .doc = "Minor units (1999), or a decimal string (\"19.99\")."},
    {.name = "compare_at_price",
     .type = FIELD_MONEY,
     .offset = VARIANT(compare_at_price),
     .is_nullable = true,
     .doc = "The price before; not below the price."},
    {.name = "track_stock",
     .type = FIELD_BOOL,
     .offset = VARIANT(track_stock),
     .given = GIVEN(struct product_variant, track_stock_given),
     .doc = "Whether stock is counted; true when stock is given, else false."},
    {.name = "allow_backorder",
     .type = FIELD_BOOL,
     .offset = VARIANT(allow_backorder),
     .doc = "May be sold below zero."},
    {.name = "stock",
     .type = FIELD_INT,
     .offset = VARIANT(stock),
     .max = PRODUCT_STOCK_MAX,
     .given = GIVEN(struct product_variant, stock_given),
     .doc = "Sets what is on hand."},
    {.name = "barcode",
     .type = FIELD_STR,
     .offset = VARIANT(barcode),
     .is_nullable = true,
     .max = PRODUCT_LABEL_MAX_CHARACTERS,
     .doc = "GTIN, EAN, UPC or ISBN."},
    {.name = "weight_grams",
     .type = FIELD_INT,
     .offset = VARIANT(weight_grams),
     .is_nullable = true,
     .max = PRODUCT_WEIGHT_MAX_GRAMS,
     .doc = "For shipping."},
};

static const struct schema variant_schema =
    SCHEMA("ProductVariantBody", struct product_variant, variant_fields);

static const struct field image_fields[] = {
    {.name = "url",
     .type = FIELD_STR,
     .offset = offsetof(struct product_image, url),
     .is_required = true,
     .min = 1,
     .max = PRODUCT_URL_MAX_BYTES,
     .format = FORMAT_IMAGE_URL,
     .doc = "A remote address, kept as it is, or that of an uploaded image."},
    {.name = "alt",
     .type = FIELD_STR,
     .offset = offsetof(struct product_image, alt),
     .is_nullable = true,
     .max = PRODUCT_TEXT_MAX_CHARACTERS,
     .doc = "What the picture shows."},
};

static const struct schema image_schema =
    SCHEMA("ProductImageBody", struct product_image, image_fields);

static const struct field seo_fields[] = {
    {.name = "title",
     .type = FIELD_STR,
     .offset = offsetof(struct product_seo, title),
     .is_nullable = true,
     .max = PRODUCT_TEXT_MAX_CHARACTERS,
     .doc = "For search engines."},
    {.name = "description",
     .type = FIELD_STR,
     .offset = offsetof(struct product_seo, description),
     .is_nullable = true,
     .is_multiline = true,
     .max = PRODUCT_TEXT_MAX_CHARACTERS,
     .doc = "For search engines."},
};

static const struct schema seo_schema = SCHEMA("ProductSeoBody", struct product_seo, seo_fields);

#define EDIT(member)                                 \
    .offset = offsetof(struct product_edit, member), \
    .given = GIVEN(struct product_edit, member##_given), .name = #member

static const struct field edit_fields[] = {
    {EDIT(name), .type = FIELD_STR, .min = 1, .max = PRODUCT_NAME_MAX_CHARACTERS,
     .doc = "What it is called."},
    {EDIT(slug), .type = FIELD_STR, .min = 1, .max = PRODUCT_SLUG_MAX_BYTES, .format = FORMAT_SLUG,
     .doc = "Unique; made from the name when not given."},
    {EDIT(description), .type = FIELD_STR, .is_nullable = true, .keeps_text = true,
     .is_multiline = true, .max = PRODUCT_DESCRIPTION_MAX_CHARACTERS,
     .doc = "Kept as it is and shown as text."},
    {EDIT(brand), .type = FIELD_STR, .is_nullable = true, .min = 1,
     .max = PRODUCT_LABEL_MAX_CHARACTERS, .doc = "Who makes it."},
    {EDIT(category), .type = FIELD_STR, .is_nullable = true, .max = PRODUCT_SLUG_MAX_BYTES,
     .format = FORMAT_SLUG, .doc = "The slug of a category that exists."},
    {EDIT(currency), .type = FIELD_STR, .format = FORMAT_CURRENCY, .max = 3,
     .doc = "ISO 4217; the shop's own when not given."},
    {EDIT(status), .type = FIELD_STR, .choices = product_status_names,
     .doc = "Only active products are public."},
    {EDIT(tags), .type = FIELD_STRS, .max = PRODUCT_TAGS_MAX, .doc = "Words to find it by."},
    {EDIT(options), .type = FIELD_OBJECTS, .object = &option_schema, .max = PRODUCT_OPTIONS_MAX,
     .doc = "In what the variants differ."},
    {EDIT(variants), .type = FIELD_OBJECTS, .object = &variant_schema, .min = 1,
     .max = PRODUCT_VARIANTS_MAX, .doc = "All of them; one that is left out is removed."},
    {EDIT(images), .type = FIELD_OBJECTS, .object = &image_schema, .max = PRODUCT_IMAGES_MAX,
     .doc = "In the order in which they are shown."},
    {EDIT(attributes), .type = FIELD_PAIRS, .max = PRODUCT_ATTRIBUTES_MAX,
     .doc = "Anything else worth saying."},
    {EDIT(seo), .type = FIELD_OBJECT, .object = &seo_schema, .doc = "What search engines show."},
    {EDIT(price), .type = FIELD_MONEY,
     .doc = "Of the single variant: minor units (1999), or a decimal string (\"19.99\")."},
    {EDIT(compare_at_price), .type = FIELD_MONEY, .is_nullable = true,
     .doc = "Of the single variant: the price before."},
    {EDIT(sku), .type = FIELD_STR, .is_nullable = true, .min = 1, .max = PRODUCT_SKU_MAX_BYTES,
     .doc = "Of the single variant; unique in the shop."},
    {EDIT(stock), .type = FIELD_INT, .max = PRODUCT_STOCK_MAX,
     .doc = "Of the single variant: sets what is on hand."},
    {EDIT(track_stock), .type = FIELD_BOOL, .doc = "Of the single variant: whether it is counted."},
    {EDIT(allow_backorder), .type = FIELD_BOOL,
     .doc = "Of the single variant: may be sold below zero."},
    {EDIT(barcode), .type = FIELD_STR, .is_nullable = true, .max = PRODUCT_LABEL_MAX_CHARACTERS,
     .doc = "Of the single variant: GTIN, EAN, UPC or ISBN."},
    {EDIT(weight_grams), .type = FIELD_INT, .is_nullable = true, .max = PRODUCT_WEIGHT_MAX_GRAMS,
     .doc = "Of the single variant, for shipping."},
};

const struct schema product_edit_schema = SCHEMA("ProductEdit", struct product_edit, edit_fields);

static const char *const create_required[] = {"name", NULL};
static const char *const create_any_of[] = {"price", "variants", NULL};

const struct schema product_create_schema = {.name = "ProductBody",
                                             .size = sizeof(struct product_edit),
                                             .fields = edit_fields,
                                             .field_count = COUNT_OF(edit_fields),
                                             .required = create_required,
                                             .any_of = create_any_of};
