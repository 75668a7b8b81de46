#include "server/api/auth/auth.h"
#include "server/api/debug/debug.h"
#include "server/api/health/health.h"
#include "server/api/inventory/inventory.h"
#include "server/api/inventory/inventory_schema.h"
#include "server/api/inventory/reservation_schema.h"
#include "server/api/media/media.h"
#include "server/api/metrics/metrics.h"
#include "server/api/products/product_schema.h"
#include "server/api/products/products.h"
#include "server/api/route.h"
#include "server/catalogue/product_import_schema.h"
#include "server/media/media.h"

/* clang-format off */
const struct route routes[] = {
    /* People and sessions */
    {.method = HTTP_POST, .path = "/auth/register", .id = "register", .tag = "Sessions",
     .summary = "Make an account and log in.",
     .access = ACCESS_ANYONE,
     .body = &register_body_schema, .body_max_bytes = 64 * 1024,
     .status = 201, .reply = &session_schema,
     .faults = {FAULT_EMAIL_TAKEN},
     .stages = {{POOL_HASH, register_hash}, {POOL_MYSQL, register_store}}},

    {.method = HTTP_POST, .path = "/auth/login", .id = "login", .tag = "Sessions",
     .summary = "Log in by e-mail and password.",
     .access = ACCESS_ANYONE,
     .body = &login_body_schema, .body_max_bytes = 64 * 1024,
     .status = 200, .reply = &session_schema,
     .faults = {FAULT_BAD_CREDENTIALS, FAULT_ACCOUNT_INACTIVE},
     .stages = {{POOL_MYSQL, login_find}, {POOL_HASH, login_verify}, {POOL_MYSQL, login_begin}}},

    {.method = HTTP_GET, .path = "/auth/me", .id = "me", .tag = "Sessions",
     .summary = "Who is calling, with role and permissions.",
     .access = ACCESS_USER,
     .status = 200, .reply = &user_schema,
     .stages = {{POOL_MYSQL, me_show}}},

    /* The catalogue */
    {.method = HTTP_GET, .path = "/api/products", .id = "list_products", .tag = "Catalogue",
     .summary = "List or search products, filtered, sorted and counted.",
     .access = ACCESS_ANYONE, .managing = PERMISSION_PRODUCTS_WRITE,
     .query = &product_list_query_schema,
     .status = 200, .reply_kind = REPLY_LIST, .reply = &product_public_schema,
     .managing_reply = &product_managing_schema, .list_members = &product_list_members_schema,
     .is_public = true, .is_cached = true,
     .faults = {FAULT_BAD_CURSOR, FAULT_TOO_DEEP},
     .stages = {{POOL_MONGO, products_list}}},

    {.method = HTTP_POST, .path = "/api/products", .id = "create_product", .tag = "Catalogue",
     .summary = "Make a product; name and price are enough.",
     .access = ACCESS_PERMISSION, .permission = PERMISSION_PRODUCTS_WRITE,
     .body = &product_create_schema,
     .status = 201, .reply = &product_managing_schema, .has_etag = true,
     .faults = {FAULT_SLUG_TAKEN, FAULT_SKU_TAKEN},
     .is_idempotent = true, .drops = DROPS_PATH_VALUE,
     .stages = {{POOL_MONGO, product_create}}},

    {.method = HTTP_GET, .path = "/api/products/suggest", .id = "suggest_products",
     .tag = "Catalogue",
     .summary = "Words and products that what has been typed may become.",
     .access = ACCESS_ANYONE, .query = &product_suggest_query_schema,
     .status = 200, .reply = &product_suggestions_schema, .is_public = true, .is_cached = true,
     .stages = {{POOL_MONGO, products_suggest}}},

    {.method = HTTP_GET, .path = "/api/products/:id_or_slug", .id = "get_product",
     .tag = "Catalogue",
     .summary = "One product, by id or slug; by a slug that it had before: 301.",
     .access = ACCESS_ANYONE, .managing = PERMISSION_PRODUCTS_WRITE,
     .query = &product_get_query_schema,
     .status = 200, .reply = &product_public_schema, .managing_reply = &product_managing_schema,
     .has_etag = true, .is_public = true, .is_cached = true, .moves = true,
     .faults = {FAULT_NOT_FOUND},
     .stages = {{POOL_MONGO, product_show}}},

    {.method = HTTP_PUT, .path = "/api/products/:id", .id = "replace_product", .tag = "Catalogue",
     .summary = "Replace a product: what is not given is reset, but slug, SKUs and stock.",
     .access = ACCESS_PERMISSION, .permission = PERMISSION_PRODUCTS_WRITE,
     .body = &product_create_schema,
     .status = 200, .reply = &product_managing_schema, .has_etag = true,
     .faults = {FAULT_NOT_FOUND, FAULT_PRECONDITION_FAILED, FAULT_SLUG_TAKEN, FAULT_SKU_TAKEN},
     .drops = DROPS_PATH_VALUE,
     .stages = {{POOL_MONGO, product_replace}}},

    {.method = HTTP_PATCH, .path = "/api/products/:id", .id = "update_product", .tag = "Catalogue",
     .summary = "Change members of a product; the others stay.",
     .access = ACCESS_PERMISSION, .permission = PERMISSION_PRODUCTS_WRITE,
     .body = &product_edit_schema,
     .status = 200, .reply = &product_managing_schema, .has_etag = true,
     .faults = {FAULT_NOT_FOUND, FAULT_PRECONDITION_FAILED, FAULT_SLUG_TAKEN, FAULT_SKU_TAKEN},
     .drops = DROPS_PATH_VALUE,
     .stages = {{POOL_MONGO, product_update}}},

    {.method = HTTP_DELETE, .path = "/api/products/:id", .id = "delete_product",
     .tag = "Catalogue",
     .summary = "Archive a product, or remove it for good.",
     .access = ACCESS_PERMISSION, .permission = PERMISSION_PRODUCTS_WRITE,
     .query = &product_delete_query_schema,
     .status = 204, .has_etag = true,
     .faults = {FAULT_NOT_FOUND, FAULT_PRECONDITION_FAILED},
     .drops = DROPS_PATH_VALUE,
     .stages = {{POOL_MONGO, product_delete}}},

    {.method = HTTP_POST, .path = "/api/products/:id/images", .id = "add_product_images",
     .tag = "Catalogue",
     .summary = "Upload images of a product, behind those that it has.",
     .access = ACCESS_PERMISSION, .permission = PERMISSION_PRODUCTS_WRITE,
     .upload = &product_images_upload, .body_max_bytes = 12UL * 1024 * 1024,
     .status = 201, .reply = &product_managing_schema, .has_etag = true,
     .faults = {FAULT_NOT_FOUND, FAULT_PRECONDITION_FAILED},
     .drops = DROPS_PATH_VALUE,
     .stages = {{POOL_BULK, product_images_add}}},

    {.method = HTTP_PATCH, .path = "/api/products/:id/images", .id = "arrange_product_images",
     .tag = "Catalogue",
     .summary = "Put the images of a product in another order, or say what they show.",
     .access = ACCESS_PERMISSION, .permission = PERMISSION_PRODUCTS_WRITE,
     .body = &product_images_schema,
     .status = 200, .reply = &product_managing_schema, .has_etag = true,
     .faults = {FAULT_NOT_FOUND, FAULT_PRECONDITION_FAILED},
     .drops = DROPS_PATH_VALUE,
     .stages = {{POOL_MONGO, product_images_arrange}}},

    {.method = HTTP_DELETE, .path = "/api/products/:id/images/:image_id",
     .id = "remove_product_image", .tag = "Catalogue",
     .summary = "Remove an image of a product.",
     .access = ACCESS_PERMISSION, .permission = PERMISSION_PRODUCTS_WRITE,
     .status = 200, .reply = &product_managing_schema, .has_etag = true,
     .faults = {FAULT_NOT_FOUND, FAULT_PRECONDITION_FAILED},
     .drops = DROPS_PATH_VALUE,
     .stages = {{POOL_MONGO, product_image_remove}}},

    {.method = HTTP_GET, .path = "/media/:name", .id = "get_media", .tag = "Catalogue",
     .summary = "The file of an uploaded image.",
     .access = ACCESS_ANYONE,
     .status = 200, .reply_kind = REPLY_FILE, .reply_types = media_content_types,
     .has_etag = true, .is_public = true, .is_immutable = true,
     .faults = {FAULT_NOT_FOUND},
     .stages = {{POOL_FILES, media_show}}},

    {.method = HTTP_POST, .path = "/api/products/import", .id = "import_products",
     .tag = "Catalogue",
     .summary = "Load products from a CSV file in the layout of Shopify's product export.",
     .access = ACCESS_PERMISSION, .permission = PERMISSION_PRODUCTS_WRITE,
     .query = &product_import_query_schema, .upload = &product_import_upload,
     .body_max_bytes = PRODUCT_IMPORT_BODY_MAX_BYTES,
     .status = 200, .reply = &product_import_report_schema,
     .drops = DROPS_ALL,
     .stages = {{POOL_BULK, products_import}}},

    {.method = HTTP_GET, .path = "/api/products/import/:request_id", .id = "get_product_import",
     .tag = "Catalogue",
     .summary = "How far an import is, by the X-Request-Id that it was sent with.",
     .access = ACCESS_PERMISSION, .permission = PERMISSION_PRODUCTS_WRITE,
     .status = 200, .reply = &product_import_record_schema,
     .faults = {FAULT_NOT_FOUND},
     .stages = {{POOL_MONGO, product_import_show}}},

    {.method = HTTP_GET, .path = "/api/products/export", .id = "export_products",
     .tag = "Catalogue",
     .summary = "All products as a CSV file in the layout of Shopify's product export.",
     .access = ACCESS_PERMISSION, .permission = PERMISSION_PRODUCTS_WRITE,
     .status = 200, .reply_kind = REPLY_FILE, .reply_types = product_file_types,
     .stages = {{POOL_BULK, products_export}}},

    /* Inventory */
    {.method = HTTP_GET, .path = "/api/inventory", .id = "list_inventory", .tag = "Inventory",
     .summary = "List levels of stock, all or the low ones.",
     .access = ACCESS_PERMISSION, .permission = PERMISSION_INVENTORY_READ,
     .query = &inventory_list_query_schema,
     .status = 200, .reply_kind = REPLY_LIST, .reply = &inventory_level_schema,
     .faults = {FAULT_BAD_CURSOR, FAULT_TOO_DEEP},
     .stages = {{POOL_MONGO, inventory_list}}},

    {.method = HTTP_GET, .path = "/api/inventory/:sku", .id = "get_level", .tag = "Inventory",
     .summary = "The level of one SKU.",
     .access = ACCESS_PERMISSION, .permission = PERMISSION_INVENTORY_READ,
     .status = 200, .reply = &inventory_level_schema,
     .faults = {FAULT_NOT_FOUND},
     .stages = {{POOL_MONGO, inventory_show}}},

    {.method = HTTP_PATCH, .path = "/api/inventory/:sku", .id = "update_level",
     .tag = "Inventory",
     .summary = "Say from when on the level is low.",
     .access = ACCESS_PERMISSION, .permission = PERMISSION_INVENTORY_WRITE,
     .body = &inventory_edit_schema, .body_max_bytes = 64 * 1024,
     .status = 200, .reply = &inventory_level_schema,
     .faults = {FAULT_NOT_FOUND},
     .stages = {{POOL_MONGO, inventory_update}}},

    {.method = HTTP_GET, .path = "/api/inventory/:sku/movements", .id = "list_movements",
     .tag = "Inventory",
     .summary = "What has changed the level, the latest first.",
     .access = ACCESS_PERMISSION, .permission = PERMISSION_INVENTORY_READ,
     .query = &inventory_movements_query_schema,
     .status = 200, .reply_kind = REPLY_LIST, .reply = &inventory_movement_schema,
     .faults = {FAULT_NOT_FOUND, FAULT_BAD_CURSOR, FAULT_TOO_DEEP},
     .stages = {{POOL_MONGO, inventory_movements}}},

    {.method = HTTP_POST, .path = "/api/inventory/:sku/adjust", .id = "adjust_level",
     .tag = "Inventory",
     .summary = "Change the stock on hand by some pieces.",
     .access = ACCESS_PERMISSION, .permission = PERMISSION_INVENTORY_WRITE,
     .body = &inventory_adjust_schema, .body_max_bytes = 64 * 1024,
     .status = 200, .reply = &inventory_level_schema,
     .faults = {FAULT_NOT_FOUND, FAULT_NOT_TRACKED, FAULT_INSUFFICIENT_STOCK},
     .is_idempotent = true, .drops = DROPS_NOTED,
     .stages = {{POOL_MONGO, inventory_adjust}}, .around = inventory_holding_sku},

    {.method = HTTP_POST, .path = "/api/inventory/reservations", .id = "reserve",
     .tag = "Inventory",
     .summary = "Hold stock for a while, all lines or none; a guest is given a cart's token.",
     .access = ACCESS_USER_OR_CART, .gives_cart = true,
     .body = &reservation_body_schema, .body_max_bytes = 64 * 1024,
     .status = 201, .reply = &reservation_schema,
     .faults = {FAULT_INSUFFICIENT_STOCK, FAULT_TOO_MANY_RESERVATIONS},
     .is_idempotent = true, .drops = DROPS_NOTED,
     .stages = {{POOL_MONGO, reservation_create}}, .around = reservation_holding_lines},

    {.method = HTTP_GET, .path = "/api/inventory/reservations/:id", .id = "get_reservation",
     .tag = "Inventory",
     .summary = "A reservation, for whoever made it or reads the inventory.",
     .access = ACCESS_USER_OR_CART,
     .status = 200, .reply = &reservation_schema,
     .faults = {FAULT_NOT_FOUND},
     .stages = {{POOL_MONGO, reservation_show}}},

    {.method = HTTP_POST, .path = "/api/inventory/reservations/:id/release",
     .id = "release_reservation", .tag = "Inventory",
     .summary = "Give back what is reserved; again is the same.",
     .access = ACCESS_USER_OR_CART,
     .status = 200, .reply = &reservation_schema,
     .faults = {FAULT_NOT_FOUND, FAULT_RESERVATION_ENDED},
     .is_idempotent = true, .drops = DROPS_NOTED,
     .stages = {{POOL_MONGO, reservation_release}}, .around = reservation_holding_found},

    {.method = HTTP_POST, .path = "/api/inventory/reservations/:id/commit",
     .id = "commit_reservation", .tag = "Inventory",
     .summary = "Sell what is reserved, once it is paid; again is the same.",
     .access = ACCESS_PERMISSION, .permission = PERMISSION_INVENTORY_WRITE,
     .status = 200, .reply = &reservation_schema,
     .faults = {FAULT_NOT_FOUND, FAULT_RESERVATION_ENDED},
     .is_idempotent = true, .drops = DROPS_NOTED,
     .stages = {{POOL_MONGO, reservation_commit}}, .around = reservation_holding_found},

    /* Running it */
    {.method = HTTP_GET, .path = "/healthz", .id = "liveness", .tag = "Operations",
     .summary = "Whether the process answers.",
     .access = ACCESS_ANYONE,
     .status = 200, .reply = &liveness_schema,
     .stages = {{POOL_LOOP, health_live}}},

    {.method = HTTP_GET, .path = "/readyz", .id = "readiness", .tag = "Operations",
     .summary = "Which stores can be reached; 200 while at least one can.",
     .access = ACCESS_ANYONE,
     .status = 200, .other_status = 503, .reply = &readiness_schema,
     .stages = {{POOL_LOOP, health_ready}}},

    {.method = HTTP_GET, .path = "/metrics", .id = "metrics", .tag = "Operations",
     .summary = "Figures of this process in Prometheus' text format.",
     .access = ACCESS_METRICS,
     .status = 200, .reply_kind = REPLY_TEXT,
     .stages = {{POOL_LOOP, metrics_show}}},

    {.method = HTTP_GET, .path = "/openapi.json", .id = "openapi", .tag = "Operations",
     .summary = "This document.",
     .access = ACCESS_ANYONE,
     .status = 200, .reply = &any_object_schema,
     .stages = {{POOL_LOOP, health_openapi}}},

#ifdef AIZY_DEBUG
    {.method = HTTP_GET, .path = "/debug/stream", .id = "debug_stream", .tag = "Debugging",
     .summary = "Streams as many bytes as are asked for.",
     .access = ACCESS_ANYONE, .is_for_tests = true,
     .query = &debug_stream_query_schema,
     .status = 200, .reply_kind = REPLY_TEXT,
     .faults = {FAULT_NOT_FOUND},
     .stages = {{POOL_HASH, debug_stream}}},
#endif
};
/* clang-format on */

const size_t route_count = COUNT_OF(routes);
