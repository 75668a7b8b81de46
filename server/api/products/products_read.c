#include "server/api/etag.h"
#include "server/api/products/product_schema.h"
#include "server/api/products/products.h"
#include "server/api/reply.h"

static enum product_view view_of(const struct job *job) {
    return job->is_managing ? PRODUCT_VIEW_MANAGING : PRODUCT_VIEW_PUBLIC;
}

static struct product_query store_query(const struct job *job,
                                        const struct product_list_query *query) {
    return (struct product_query){
        .view = view_of(job),
        .status = (enum product_status_filter)query->status,
        .category = query->category,
        .brand = query->brand,
        .tag = query->tag,
        .min_price = query->min_price,
        .max_price = query->max_price,
        .in_stock_only = query->in_stock,
        .q = str_is_empty(query->q) ? (struct str){0} : query->q,
    };
}

struct fault products_list(struct job *job) {
    const struct product_list_query *query = job->query;
    struct product_query wanted = store_query(job, query);
    struct paging_window window;
    struct product_position after;
    struct product_page page;

    TRY(products_search_read(job, query, &wanted));
    TRY(paging_window(job, &query->paging, &window));
    wanted.limit = window.limit;
    wanted.skip = window.skip;
    wanted.with_total = window.with_total;
    if (window.has_position) {
        after = (struct product_position){.number = window.position.number,
                                          .text = window.position.text,
                                          .id = window.position.id};
        wanted.after = &after;
    }
    TRY(product_store_list(job->mongo, &job->arena, &wanted, &page));

    const struct product_list_members members = {page.facets};
    struct any_list items = {page.products.items, page.products.count};
    struct reply_page reply = {
        .items = &items, .total = page.total, .total_is_exact = page.total_is_exact};
    reply.members = wanted.facets == 0 ? NULL : &members;
    if (page.has_more) {
        const struct paging_position last = {
            .number = page.last.number, .id = page.last.id, .text = page.last.text};
        reply.next_cursor = paging_cursor(job, &query->paging, &last);
    }
    return reply_list(job, &reply);
}

struct fault product_show(struct job *job) {
    const struct product_get_query *query = job->query;
    struct str id_or_slug = job->path_values[0];
    struct product product;
    TRY(product_store_find(job->mongo, &job->arena, id_or_slug, view_of(job), &product));

    bool status_fits = !job->is_managing || query->status == (int)PRODUCT_STATUS_ANY ||
                       query->status == (int)product.status;
    ENSURE(status_fits, FAULT_NOT_FOUND);
    if (!str_equals(id_or_slug, product.id) && !str_equals(id_or_slug, product.slug)) {
        return reply_moved(job,
                           arena_printf(&job->arena, "/api/products/%.*s", STR_ARG(product.slug)));
    }
    job->cache_subject = product.id;
    TRY(reply_object_with_etag(job, &product, product.version, product.stock_seq));
    /* A category that gets another slug is no new version of its products. */
    etag_add(job, product.category);
    return fault_none();
}
