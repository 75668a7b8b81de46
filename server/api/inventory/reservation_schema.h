/*
 * reservation_schema: what reservations look like from outside.
 */
#ifndef AIZY_SERVER_API_INVENTORY_RESERVATION_SCHEMA_H
#define AIZY_SERVER_API_INVENTORY_RESERVATION_SCHEMA_H

#include "server/api/schema.h"
#include "stores/reservation_store.h"

struct reservation_body {
    struct reservation_line_list lines; /* sku and quantity */
    int64_t ttl_seconds;
};

struct reservation_view {
    struct str id;
    struct reservation_line_list lines;
    int status; /* enum reservation_status */
    int64_t expires_at_ms;
    struct str cart_token; /* absent unless it was made just now */
};

extern const struct schema reservation_body_schema;
extern const struct schema reservation_schema; /* struct reservation_view */

#endif
