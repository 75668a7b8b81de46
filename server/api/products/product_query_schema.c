#include "server/api/products/product_schema.h"

/* By enum product_status_filter. */
static const char *const status_filter_names[] = {"draft", "active", "archived", "any", NULL};

#define PRODUCT_Q_MAX_CHARACTERS 200

#define LIST(member) .name = #member, .offset = offsetof(struct product_list_query, member)

static const struct field list_fields[] = {
    {LIST(q), .type = FIELD_STR, .max = PRODUCT_Q_MAX_CHARACTERS,
     .doc = "Words to search for, of which the first 10 count: each must be in the name, brand, "
            "category, tags, SKUs or description, whole, as a beginning, or with one typo."},
    {LIST(facets), .type = FIELD_STR, .max = 100,
     .doc = "true, or some of category, brand, tag, price, separated by commas: counts what is "
            "found by these."},
    {LIST(category), .type = FIELD_STR, .format = FORMAT_SLUG, .max = PRODUCT_SLUG_MAX_BYTES,
     .doc = "The slug of a category; its descendants are included."},
    {LIST(brand), .type = FIELD_STR, .min = 1, .max = 200, .doc = "Exactly this brand."},
    {LIST(tag), .type = FIELD_STR, .min = 1, .max = 200, .doc = "Exactly this tag."},
    {LIST(min_price), .type = FIELD_INT, .max = PRODUCT_PRICE_MAX,
     .doc = "Minor units, of the lowest price."},
    {LIST(max_price), .type = FIELD_INT, .max = PRODUCT_PRICE_MAX,
     .doc = "Minor units, of the lowest price."},
    {LIST(in_stock), .type = FIELD_BOOL, .doc = "true: only what can be bought now."},
    {LIST(status), .type = FIELD_CHOICE, .choices = status_filter_names,
     .given = GIVEN(struct product_list_query, status_given),
     .doc = "The managing view of products with this status; needs products:write."},
    {LIST(sort), .type = FIELD_STR, .choices = product_sort_names,
     .doc = "relevance of a search and else newest, unless given. relevance needs q and has pages "
            "only, 2,000 items deep."},
    PAGING_FIELDS(struct product_list_query),
};

const struct schema product_list_query_schema =
    SCHEMA("ProductListQuery", struct product_list_query, list_fields);

#define SUGGEST(member) .name = #member, .offset = offsetof(struct product_suggest_query, member)

static const struct field suggest_fields[] = {
    {SUGGEST(q), .type = FIELD_STR, .is_required = true, .max = PRODUCT_Q_MAX_CHARACTERS,
     .doc = "What has been typed so far."},
    {SUGGEST(limit), .type = FIELD_INT, .min = 1, .max = PRODUCT_SUGGESTIONS_MAX,
     .doc = "How many products, 5 unless given."},
};

const struct schema product_suggest_query_schema =
    SCHEMA("ProductSuggestQuery", struct product_suggest_query, suggest_fields);

static const struct field get_fields[] = {
    {.name = "status",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct product_get_query, status),
     .choices = status_filter_names,
     .given = GIVEN(struct product_get_query, status_given),
     .doc = "The managing view, if the product has this status; needs products:write."},
};

const struct schema product_get_query_schema =
    SCHEMA("ProductQuery", struct product_get_query, get_fields);

static const struct field delete_fields[] = {
    {.name = "hard",
     .type = FIELD_BOOL,
     .offset = offsetof(struct product_delete_query, hard),
     .doc = "true: remove it for good; else it is archived."},
};

const struct schema product_delete_query_schema =
    SCHEMA("ProductDeleteQuery", struct product_delete_query, delete_fields);
