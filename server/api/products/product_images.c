#include "server/api/author.h"
#include "server/api/etag.h"
#include "server/api/products/product_schema.h"
#include "server/api/products/products.h"
#include "server/api/reply.h"

static const struct field place_fields[] = {
    {.name = "id",
     .type = FIELD_STR,
     .offset = offsetof(struct product_image_place, id),
     .is_required = true,
     .format = FORMAT_ID,
     .max = PRODUCT_ID_BYTES,
     .doc = "An image of this product."},
    {.name = "alt",
     .type = FIELD_STR,
     .offset = offsetof(struct product_image_place, alt),
     .given = GIVEN(struct product_image_place, alt_given),
     .is_nullable = true,
     .max = PRODUCT_TEXT_MAX_CHARACTERS,
     .doc = "What it shows; stays as it is when not given."},
};

static const struct schema place_schema =
    SCHEMA("ProductImagePlace", struct product_image_place, place_fields);

static const struct field images_fields[] = {
    {.name = "images",
     .type = FIELD_OBJECTS,
     .offset = offsetof(struct product_images_body, images),
     .is_required = true,
     .object = &place_schema,
     .max = PRODUCT_IMAGES_MAX,
     .doc = "All of the product's images, in the order in which they are to be shown."},
};

const struct schema product_images_schema =
    SCHEMA("ProductImagesBody", struct product_images_body, images_fields);

struct fault product_images_change_of(struct job *job, struct product_images_change *change) {
    *change = (struct product_images_change){
        .id = job->path_values[0], .author = author_of_job(job), .violations = &job->violations};
    ENSURE(product_id_is_valid(change->id), FAULT_NOT_FOUND);
    return etag_expected_versions(job, &change->expected);
}

struct fault product_images_arrange(struct job *job) {
    const struct product_images_body *body = job->body;
    struct product_images_change change;
    struct product product;

    TRY(product_images_change_of(job, &change));
    TRY(product_store_arrange_images(job->mongo, &job->arena, &change, &body->images, &product));
    return reply_object_with_etag(job, &product, product.version, product.stock_seq);
}

struct fault product_image_remove(struct job *job) {
    struct product_images_change change;
    struct product product;

    TRY(product_images_change_of(job, &change));
    TRY(product_store_remove_image(job->mongo, &job->arena, &change, job->path_values[1],
                                   &product));
    return reply_object_with_etag(job, &product, product.version, product.stock_seq);
}
