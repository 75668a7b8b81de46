#include "server/api/products/product_schema.h"

/* By enum product_status_filter. */
static const char *const status_filter_names[] = {"draft", "active", "archived", "any", NULL};

#define LIST(member) .name = #member, .offset = offsetof(struct product_list_query, member)

static const struct field list_fields[] = {
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
    {LIST(sort), .type = FIELD_CHOICE, .choices = product_sort_names,
     .doc = "newest unless given."},
    PAGING_FIELDS(struct product_list_query),
};

const struct schema product_list_query_schema =
    SCHEMA("ProductListQuery", struct product_list_query, list_fields);

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
