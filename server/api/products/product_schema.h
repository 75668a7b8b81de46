/*
 * product_schema: what a product looks like from outside.
 *
 * Bodies (also of fixtures) decode into `struct product_edit`; answers encode `struct product`, the
 * public ones without what only managers see.
 */
#ifndef AIZY_SERVER_API_PRODUCTS_PRODUCT_SCHEMA_H
#define AIZY_SERVER_API_PRODUCTS_PRODUCT_SCHEMA_H

#include "server/api/paging.h"
#include "server/api/schema.h"
#include "stores/product_images.h"

/* The query of a list: `status` asks for the managing view. */
struct product_list_query {
    struct str q, facets, sort;
    struct str category, brand, tag;
    int64_t min_price, max_price;
    bool in_stock;
    int status; /* enum product_status_filter */
    bool status_given;
    struct paging paging;
};

struct product_suggest_query {
    struct str q;
    int64_t limit;
};

/* What the answer of a list says beside its products. */
struct product_list_members {
    struct product_facets facets;
};

/* Of a single product. */
struct product_get_query {
    int status;
    bool status_given;
};

struct product_delete_query {
    bool hard;
};

/* The order of a product's images. */
struct product_images_body {
    struct product_image_place_list images;
};

enum product_import_stock { PRODUCT_IMPORT_STOCK_KEEP, PRODUCT_IMPORT_STOCK_SET };

struct product_import_query {
    bool dry_run;
    int stock; /* enum product_import_stock */
};

extern const struct schema product_create_schema; /* struct product_edit: name is required */
extern const struct schema product_edit_schema;   /* struct product_edit: nothing is */
extern const struct schema product_images_schema; /* struct product_images_body */
extern const struct schema product_public_schema;
extern const struct schema product_managing_schema;
extern const struct schema product_list_query_schema;
extern const struct schema product_list_members_schema;
extern const struct schema product_suggest_query_schema;
extern const struct schema product_suggestions_schema; /* struct product_suggestions */
extern const struct schema product_get_query_schema;
extern const struct schema product_delete_query_schema;
extern const struct schema product_import_query_schema;
extern const struct schema product_import_record_schema; /* struct import_record */

#endif
