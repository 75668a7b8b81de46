#include "server/api/categories/categories.h"
#include "server/api/author.h"

#include "server/api/categories/category_schema.h"
#include "server/api/etag.h"
#include "server/api/reply.h"
#include "stores/product_store.h"

static struct str address_of(struct job *job, struct str slug) {
    return arena_printf(&job->arena, "/api/categories/%.*s", STR_ARG(slug));
}

struct fault categories_show(struct job *job) {
    struct category_list roots;
    TRY(category_store_read_tree(job->mongo, &job->arena, &roots));
    struct any_list items = {roots.items, roots.count};
    const struct reply_page page = {.items = &items, .total = INT64_ABSENT};
    return reply_list(job, &page);
}

struct fault category_show(struct job *job) {
    struct str slug = job->path_values[0];
    struct category_node node;
    TRY(category_store_find(job->mongo, &job->arena, slug, &node));
    if (!str_equals(slug, node.slug)) {
        return reply_moved(job, address_of(job, node.slug));
    }
    return reply_object_with_content_etag(job, &node, node.version);
}

struct fault category_create(struct job *job) {
    const struct product_author author = author_of_job(job);
    struct category_node node;
    TRY(category_store_create(job->mongo, &job->arena, job->body, &author, &job->violations,
                              &node));
    reply_header(job, "location", address_of(job, node.slug));
    return reply_object_with_content_etag(job, &node, node.version);
}

struct fault category_update(struct job *job) {
    const struct product_author author = author_of_job(job);
    struct expected_versions expected;
    struct category_node node;
    TRY(etag_expected_versions(job, &expected));
    TRY(category_store_update(job->mongo, &job->arena, job->path_values[0], &expected, job->body,
                              &author, &job->violations, &node));
    return reply_object_with_content_etag(job, &node, node.version);
}

struct fault category_delete(struct job *job) {
    const struct category_delete_query *query = job->query;
    const struct product_author author = author_of_job(job);
    struct expected_versions expected;
    TRY(etag_expected_versions(job, &expected));
    TRY(category_store_remove(job->mongo, &job->arena, job->path_values[0], &expected,
                              query->move_to, &author, &job->violations));
    return reply_empty(job);
}
