/*
 * inventory_schema: what levels and movements look like from outside.
 */
#ifndef AIZY_SERVER_API_INVENTORY_INVENTORY_SCHEMA_H
#define AIZY_SERVER_API_INVENTORY_INVENTORY_SCHEMA_H

#include "server/api/paging.h"
#include "server/api/schema.h"
#include "stores/inventory_store.h"

struct inventory_list_query {
    struct str low; /* "true", or a whole number */
    struct paging paging;
};

struct inventory_movements_query {
    struct paging paging;
};

struct inventory_adjust_body {
    int64_t delta;
    struct str reason;
    struct str reference;
};

struct inventory_edit {
    int64_t low_at;
    bool low_at_given;
};

extern const struct schema inventory_level_schema; /* struct inventory_level */
extern const struct schema inventory_movement_schema;
extern const struct schema inventory_list_query_schema;
extern const struct schema inventory_movements_query_schema;
extern const struct schema inventory_adjust_schema;
extern const struct schema inventory_edit_schema;

#endif
