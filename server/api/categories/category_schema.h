/*
 * category_schema: what a category looks like from outside.
 *
 * Answers are three schemas over `struct category_node`: alone, with its breadcrumb and children,
 * and with all that is below it.
 */
#ifndef AIZY_SERVER_API_CATEGORIES_CATEGORY_SCHEMA_H
#define AIZY_SERVER_API_CATEGORIES_CATEGORY_SCHEMA_H

#include "server/api/schema.h"
#include "stores/category_store.h"

struct category_delete_query {
    struct str move_to;
};

extern const struct schema category_create_schema; /* struct category_edit: name is required */
extern const struct schema category_edit_schema;   /* struct category_edit: nothing is */
extern const struct schema category_detail_schema;
extern const struct schema category_tree_schema;
extern const struct schema category_delete_query_schema;

#endif
