#include "server/api/products/product_schema.h"

static const struct field option_fields[] = {
    {.name = "name",
     .type = FIELD_STR,
     .offset = offsetof(struct product_option, name),
     .doc = "Such as Size."},
    {.name = "values",
     .type = FIELD_STRS,
     .offset = offsetof(struct product_option, values),
     .doc = "Such as Small, Medium, Large."},
};

static const struct schema option_schema =
    SCHEMA("ProductOption", struct product_option, option_fields);

#define VARIANT(member, field_type, ...)                                                           \
    {                                                                                              \
        .name = #member, .type = (field_type), .offset = offsetof(struct product_variant, member), \
        __VA_ARGS__                                                                                \
    }

/* What everybody sees of a variant. */
#define VARIANT_PUBLIC_FIELDS                                                                     \
    VARIANT(id, FIELD_STR, .doc = "Never changes."),                                              \
        VARIANT(sku, FIELD_STR, .doc = "Unique in the shop."),                                    \
        VARIANT(title, FIELD_STR, .doc = "Its options, or \"Default\"."),                         \
        VARIANT(options, FIELD_PAIRS, .doc = "One value of each option."),                        \
        VARIANT(price, FIELD_MONEY, .doc = "Minor units of the product's currency."),             \
        VARIANT(compare_at_price, FIELD_MONEY, .is_nullable = true, .doc = "The price before."),  \
        VARIANT(in_stock, FIELD_BOOL, .doc = "Can be bought now."),                               \
        VARIANT(available, FIELD_INT, .is_nullable = true,                                        \
                .doc = "What can still be reserved, in public counted up to 10; null when stock " \
                       "is not tracked."),                                                        \
        VARIANT(barcode, FIELD_STR, .is_nullable = true, .doc = "GTIN, EAN, UPC or ISBN."),       \
        VARIANT(weight_grams, FIELD_INT, .is_nullable = true, .doc = "For shipping.")

static const struct field variant_public_fields[] = {VARIANT_PUBLIC_FIELDS};

static const struct field variant_managing_fields[] = {
    VARIANT_PUBLIC_FIELDS,
    VARIANT(track_stock, FIELD_BOOL, .doc = "Whether stock is counted."),
    VARIANT(allow_backorder, FIELD_BOOL, .doc = "May be sold below zero."),
    VARIANT(stock, FIELD_INT, .is_nullable = true, .doc = "What is on hand; null: not tracked."),
};

static const struct schema variant_public_schema =
    SCHEMA("ProductVariant", struct product_variant, variant_public_fields);
static const struct schema variant_managing_schema =
    SCHEMA("ManagedProductVariant", struct product_variant, variant_managing_fields);

#define IMAGE(member, field_type, text)                                                          \
    {                                                                                            \
        .name = #member, .type = (field_type), .offset = offsetof(struct product_image, member), \
        .is_nullable = true, .doc = (text)                                                       \
    }

static const struct field image_fields[] = {
    IMAGE(id, FIELD_STR, "Never changes."),
    IMAGE(url, FIELD_STR, "Where the picture is."),
    IMAGE(alt, FIELD_STR, "What it shows."),
    IMAGE(width, FIELD_INT, "Pixels; null when not known."),
    IMAGE(height, FIELD_INT, "Pixels; null when not known."),
    IMAGE(thumbnails, FIELD_PAIRS, "Smaller ones, by width."),
};

static const struct schema image_schema =
    SCHEMA("ProductImage", struct product_image, image_fields);

static const struct field seo_fields[] = {
    {.name = "title",
     .type = FIELD_STR,
     .offset = offsetof(struct product_seo, title),
     .is_nullable = true,
     .doc = "For search engines."},
    {.name = "description",
     .type = FIELD_STR,
     .offset = offsetof(struct product_seo, description),
     .is_nullable = true,
     .doc = "For search engines."},
};

static const struct schema seo_schema = SCHEMA("ProductSeo", struct product_seo, seo_fields);

#define PRODUCT(member, field_type, ...)                                                   \
    {                                                                                      \
        .name = #member, .type = (field_type), .offset = offsetof(struct product, member), \
        __VA_ARGS__                                                                        \
    }

#define PRODUCT_FIELDS(variants_schema)                                                            \
    PRODUCT(id, FIELD_STR, .doc = "Never changes."),                                               \
        PRODUCT(slug, FIELD_STR, .doc = "Unique; for addresses of pages."),                        \
        PRODUCT(name, FIELD_STR, .doc = "What it is called."),                                     \
        PRODUCT(description, FIELD_STR, .is_nullable = true, .doc = "To be shown as text."),       \
        PRODUCT(brand, FIELD_STR, .is_nullable = true, .doc = "Who makes it."),                    \
        PRODUCT(category, FIELD_STR, .is_nullable = true, .doc = "The slug of its category."),     \
        PRODUCT(tags, FIELD_STRS, .doc = "Words to find it by."),                                  \
        PRODUCT(status, FIELD_CHOICE, .choices = product_status_names,                             \
                .doc = "Only active products are public."),                                        \
        PRODUCT(options, FIELD_OBJECTS, .object = &option_schema,                                  \
                .doc = "In what the variants differ."),                                            \
        PRODUCT(variants, FIELD_OBJECTS, .object = &(variants_schema), .doc = "At least one."),    \
        PRODUCT(price, FIELD_MONEY, .doc = "The lowest of the variants', in minor units."),        \
        PRODUCT(price_max, FIELD_MONEY, .doc = "The highest of the variants'."),                   \
        PRODUCT(currency, FIELD_STR, .doc = "ISO 4217."),                                          \
        PRODUCT(in_stock, FIELD_BOOL, .doc = "Any of the variants can be bought now."),            \
        PRODUCT(images, FIELD_OBJECTS, .object = &image_schema, .doc = "The first is the cover."), \
        PRODUCT(attributes, FIELD_PAIRS, .doc = "Anything else worth saying."),                    \
        PRODUCT(seo, FIELD_OBJECT, .object = &seo_schema, .doc = "What search engines show."),     \
        PRODUCT(version, FIELD_INT, .doc = "Moves with every edit."),                              \
        {.name = "created_at",                                                                     \
         .type = FIELD_TIME,                                                                       \
         .offset = offsetof(struct product, created_at_ms),                                        \
         .doc = "When it was made."},                                                              \
    {                                                                                              \
        .name = "updated_at", .type = FIELD_TIME,                                                  \
        .offset = offsetof(struct product, updated_at_ms), .doc = "When it was edited last."       \
    }

#define FACET_VALUE(member, field_type, ...)                                \
    {                                                                       \
        .name = #member, .type = (field_type),                              \
        .offset = offsetof(struct product_facet_value, member), __VA_ARGS__ \
    }

static const struct field facet_value_fields[] = {
    FACET_VALUE(value, FIELD_STR, .doc = "What the filter takes; of a category its slug."),
    FACET_VALUE(name, FIELD_STR, .omit_absent = true, .doc = "Of a category."),
    FACET_VALUE(count, FIELD_INT, .doc = "How many products have it."),
};
static const struct schema facet_value_schema =
    SCHEMA("FacetValue", struct product_facet_value, facet_value_fields);

#define PRICE_RANGE(member, text)                                             \
    {                                                                         \
        .name = #member, .type = FIELD_INT,                                   \
        .offset = offsetof(struct product_price_range, member), .doc = (text) \
    }

static const struct field price_range_fields[] = {
    PRICE_RANGE(min_price, "Minor units; as the filter min_price."),
    PRICE_RANGE(max_price, "Minor units; as the filter max_price."),
    PRICE_RANGE(count, "How many products have their lowest price in it."),
};
static const struct schema price_range_schema =
    SCHEMA("PriceRange", struct product_price_range, price_range_fields);

#define FACET(text, member, item_schema, says)                                                    \
    {                                                                                             \
        .name = (text), .type = FIELD_OBJECTS, .offset = offsetof(struct product_facets, member), \
        .object = &(item_schema), .omit_absent = true, .doc = (says)                              \
    }

static const struct field facets_fields[] = {
    FACET("category", categories, facet_value_schema,
          "With the categories above; the 50 most frequent."),
    FACET("brand", brands, facet_value_schema, "The 50 most frequent."),
    FACET("tag", tags, facet_value_schema, "The 50 most frequent."),
    FACET("price", prices, price_range_schema, "Ranges that have any, the cheapest first."),
    {.name = "estimated",
     .type = FIELD_BOOL,
     .offset = offsetof(struct product_facets, is_estimated),
     .doc = "Only 2,000 of the products that were found have been counted."},
};
static const struct schema facets_schema = SCHEMA("Facets", struct product_facets, facets_fields);

static const struct field list_members_fields[] = {
    {.name = "facets",
     .type = FIELD_OBJECT,
     .offset = offsetof(struct product_list_members, facets),
     .object = &facets_schema,
     .doc = "Those that were asked for; not there unless any were."},
};
const struct schema product_list_members_schema =
    SCHEMA("ProductListMembers", struct product_list_members, list_members_fields);

#define SUGGESTION(member, field_type, ...)                                \
    {                                                                      \
        .name = #member, .type = (field_type),                             \
        .offset = offsetof(struct product_suggestion, member), __VA_ARGS__ \
    }

static const struct field suggestion_fields[] = {
    SUGGESTION(id, FIELD_STR, .doc = "Never changes."),
    SUGGESTION(slug, FIELD_STR, .doc = "For addresses of pages."),
    SUGGESTION(name, FIELD_STR, .doc = "What it is called."),
    SUGGESTION(price, FIELD_MONEY, .doc = "The lowest of the variants', in minor units."),
    SUGGESTION(currency, FIELD_STR, .doc = "ISO 4217."),
    SUGGESTION(in_stock, FIELD_BOOL, .doc = "Any of the variants can be bought now."),
    SUGGESTION(image, FIELD_STR, .is_nullable = true, .doc = "Where the cover is."),
};
static const struct schema suggestion_schema =
    SCHEMA("ProductSuggestion", struct product_suggestion, suggestion_fields);

static const struct field suggestions_fields[] = {
    {.name = "words",
     .type = FIELD_STRS,
     .offset = offsetof(struct product_suggestions, words),
     .doc = "Of products' names, that the last word may become; the most frequent first."},
    {.name = "products",
     .type = FIELD_OBJECTS,
     .offset = offsetof(struct product_suggestions, products),
     .object = &suggestion_schema,
     .doc = "The most relevant first."},
};
const struct schema product_suggestions_schema =
    SCHEMA("ProductSuggestions", struct product_suggestions, suggestions_fields);

static const struct field public_fields[] = {PRODUCT_FIELDS(variant_public_schema)};
static const struct field managing_fields[] = {PRODUCT_FIELDS(variant_managing_schema)};

const struct schema product_public_schema = SCHEMA("Product", struct product, public_fields);
const struct schema product_managing_schema =
    SCHEMA("ManagedProduct", struct product, managing_fields);
