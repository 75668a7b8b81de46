#include "server/api/author.h"
#include "server/api/etag.h"
#include "server/api/products/product_schema.h"
#include "server/api/products/products.h"
#include "server/api/reply.h"

struct fault product_create(struct job *job) {
    struct product_edit *edit = job->body;
    const struct product_author author = author_of_job(job);
    struct product product;

    edit->decimal_currency = job->decimal_currency;
    TRY(product_store_create(job->mongo, &job->arena, edit, &author, &job->violations, &product));
    reply_header(job, "location",
                 arena_printf(&job->arena, "/api/products/%.*s", STR_ARG(product.id)));
    return reply_object_with_etag(job, &product, product.version, product.stock_seq);
}

static struct fault update(struct job *job) {
    struct product_edit *edit = job->body;
    const struct product_author author = author_of_job(job);
    struct expected_versions expected;
    struct product product;

    ENSURE(product_id_is_valid(job->path_values[0]), FAULT_NOT_FOUND);
    TRY(etag_expected_versions(job, &expected));
    edit->decimal_currency = job->decimal_currency;
    TRY(product_store_update(job->mongo, &job->arena, job->path_values[0], &expected, edit, &author,
                             &job->violations, &product));
    return reply_object_with_etag(job, &product, product.version, product.stock_seq);
}

struct fault product_update(struct job *job) {
    return update(job);
}

struct fault product_replace(struct job *job) {
    product_edit_make_whole(job->body);
    return update(job);
}

struct fault product_delete(struct job *job) {
    const struct product_delete_query *query = job->query;
    const struct product_author author = author_of_job(job);
    struct product_edit archive;
    struct expected_versions expected;
    struct product product;

    ENSURE(product_id_is_valid(job->path_values[0]), FAULT_NOT_FOUND);
    TRY(etag_expected_versions(job, &expected));
    if (query->hard) {
        TRY(product_store_remove(job->mongo, &job->arena, job->path_values[0], &expected, &author));
        return reply_empty(job);
    }
    schema_clear(&product_edit_schema, &archive);
    archive.status = str_of(product_status_names[PRODUCT_ARCHIVED]);
    archive.status_given = true;
    TRY(product_store_update(job->mongo, &job->arena, job->path_values[0], &expected, &archive,
                             &author, &job->violations, &product));
    return reply_empty(job);
}
