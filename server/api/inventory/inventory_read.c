#include "server/api/inventory/inventory.h"
#include "server/api/inventory/inventory_schema.h"
#include "server/api/reply.h"
#include "stores/product.h"

static struct fault read_low(struct job *job, struct str low, struct inventory_query *query) {
    int64_t most = 0;
    if (str_is_absent(low)) {
        query->filter = INVENTORY_ALL;
        return fault_none();
    }
    if (str_equals(low, STR("true"))) {
        query->filter = INVENTORY_LOW;
        return fault_none();
    }
    if (!str_to_int64(low, &most) || most < 0 || most > PRODUCT_STOCK_MAX) {
        violations_add(&job->violations, STR("low"), "must be true or a number from 0 to %lld",
                       PRODUCT_STOCK_MAX);
        return fault_of(FAULT_INVALID);
    }
    query->filter = INVENTORY_AT_MOST;
    query->available_max = most;
    return fault_none();
}

struct fault inventory_list(struct job *job) {
    const struct inventory_list_query *asked = job->query;
    struct inventory_query query = {0};
    struct paging_window window;
    struct inventory_position after;
    struct inventory_page page;

    TRY(read_low(job, asked->low, &query));
    TRY(paging_window(job, &asked->paging, &window));
    query.limit = window.limit;
    query.skip = window.skip;
    query.with_total = window.with_total;
    if (window.has_position) {
        after = (struct inventory_position){window.position.number, window.position.text};
        query.after = &after;
    }
    TRY(inventory_store_list(job->mongo, &job->arena, &query, &page));

    struct any_list items = {page.levels.items, page.levels.count};
    struct reply_page reply = {
        .items = &items, .total = page.total, .total_is_exact = page.total_is_exact};
    if (page.has_more) {
        const struct inventory_level *last = &page.levels.items[page.levels.count - 1];
        const struct paging_position position = {
            .number = last->available, .id = last->variant_id, .text = last->sku};
        reply.next_cursor = paging_cursor(job, &asked->paging, &position);
    }
    return reply_list(job, &reply);
}

struct fault inventory_show(struct job *job) {
    struct inventory_level level;
    TRY(inventory_store_find(job->mongo, &job->arena, job->path_values[0], &level));
    return reply_object(job, &level);
}

struct fault inventory_movements(struct job *job) {
    const struct inventory_movements_query *asked = job->query;
    struct movement_query query = {.before_seq = INT64_ABSENT};
    struct paging_window window;
    struct movement_page page;

    TRY(paging_window(job, &asked->paging, &window));
    query.limit = window.limit;
    query.skip = window.skip;
    query.with_total = window.with_total;
    if (window.has_position) {
        query.before_seq = window.position.number;
        /* The query does not name the SKU that the cursor belongs to: the path does. */
        ENSURE(str_equals(window.position.text, job->path_values[0]), FAULT_BAD_CURSOR);
    }
    TRY(inventory_store_movements(job->mongo, &job->arena, job->path_values[0], &query, &page));

    struct any_list items = {page.movements.items, page.movements.count};
    struct reply_page reply = {
        .items = &items, .total = page.total, .total_is_exact = page.total_is_exact};
    if (page.has_more) {
        const struct movement *last = &page.movements.items[page.movements.count - 1];
        const struct paging_position position = {
            .number = last->seq, .id = last->id, .text = job->path_values[0]};
        reply.next_cursor = paging_cursor(job, &asked->paging, &position);
    }
    return reply_list(job, &reply);
}
