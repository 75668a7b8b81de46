#include "server/api/categories/category_schema.h"

#include "stores/product.h"

#define NODE(member, field_type, ...)                                                            \
    {                                                                                            \
        .name = #member, .type = (field_type), .offset = offsetof(struct category_node, member), \
        __VA_ARGS__                                                                              \
    }

#define NODE_FIELDS                                                                               \
    NODE(id, FIELD_STR, .doc = "Never changes."),                                                 \
        NODE(slug, FIELD_STR, .doc = "Unique; for addresses of pages."),                          \
        NODE(name, FIELD_STR, .doc = "What it is called; others may be called the same."),        \
        NODE(parent, FIELD_STR, .is_nullable = true, .doc = "A slug; null at the root."),         \
        NODE(path, FIELD_STRS, .doc = "The slugs from the root down to its own."),                \
        NODE(product_count, FIELD_INT, .doc = "Active products in it and in all that is below."), \
        NODE(position, FIELD_INT, .doc = "Siblings stand in the order of their positions.")

static const struct field node_fields[] = {NODE_FIELDS};
static const struct schema node_schema = SCHEMA("Category", struct category_node, node_fields);

static const struct field crumb_fields[] = {
    {.name = "slug",
     .type = FIELD_STR,
     .offset = offsetof(struct category_crumb, slug),
     .doc = "Of a category on the way."},
    {.name = "name",
     .type = FIELD_STR,
     .offset = offsetof(struct category_crumb, name),
     .doc = "What it is called."},
};
static const struct schema crumb_schema =
    SCHEMA("CategoryCrumb", struct category_crumb, crumb_fields);

static const struct field detail_fields[] = {
    NODE_FIELDS,
    NODE(breadcrumb, FIELD_OBJECTS, .object = &crumb_schema, .doc = "The path, with names."),
    NODE(children, FIELD_OBJECTS, .object = &node_schema, .doc = "Directly below it, in order."),
};
const struct schema category_detail_schema =
    SCHEMA("CategoryDetail", struct category_node, detail_fields);

static const struct field tree_fields[] = {
    NODE_FIELDS,
    NODE(children, FIELD_OBJECTS, .object = &category_tree_schema,
         .doc = "Directly below it, in order, each with its own."),
};
const struct schema category_tree_schema =
    SCHEMA("CategoryTree", struct category_node, tree_fields);

#define EDIT(member)                                  \
    .offset = offsetof(struct category_edit, member), \
    .given = GIVEN(struct category_edit, member##_given), .name = #member

static const struct field edit_fields[] = {
    {EDIT(name), .type = FIELD_STR, .min = 1, .max = PRODUCT_NAME_MAX_CHARACTERS,
     .doc = "What it is called."},
    {EDIT(slug), .type = FIELD_STR, .min = 1, .max = PRODUCT_SLUG_MAX_BYTES, .format = FORMAT_SLUG,
     .doc = "Unique; made from the name when not given. A former one leads here by 301."},
    {EDIT(parent), .type = FIELD_STR, .is_nullable = true, .max = PRODUCT_SLUG_MAX_BYTES,
     .format = FORMAT_SLUG,
     .doc = "The slug of a category; null: at the root. At most 20 levels deep in all."},
    {EDIT(position), .type = FIELD_INT, .max = CATEGORY_POSITION_MAX,
     .doc = "Among its siblings; behind the last of them when not given."},
};

const struct schema category_edit_schema =
    SCHEMA("CategoryEdit", struct category_edit, edit_fields);

static const char *const create_required[] = {"name", NULL};

const struct schema category_create_schema = {.name = "CategoryBody",
                                              .size = sizeof(struct category_edit),
                                              .fields = edit_fields,
                                              .field_count = COUNT_OF(edit_fields),
                                              .required = create_required};

static const struct field delete_fields[] = {
    {.name = "move_to",
     .type = FIELD_STR,
     .offset = offsetof(struct category_delete_query, move_to),
     .format = FORMAT_SLUG,
     .min = 1,
     .max = PRODUCT_SLUG_MAX_BYTES,
     .omit_absent = true,
     .doc = "The slug of the category that its products and children go to first."},
};

const struct schema category_delete_query_schema =
    SCHEMA("CategoryDeleteQuery", struct category_delete_query, delete_fields);
