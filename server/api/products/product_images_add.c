#include <inttypes.h>

#include "server/api/etag.h"
#include "server/api/products/product_schema.h"
#include "server/api/products/products.h"
#include "server/api/reply.h"
#include "server/media/image.h"
#include "server/media/media_sweeper.h"

#define FILES_MAX 20
#define FILE_MAX_BYTES (10UL * 1024 * 1024)
#define PIXELS_PER_MEGAPIXEL 1000000LL
/* A blank picture of any size is a small file: a request has so many times what one may have. */
#define REQUEST_MEGAPIXELS_FACTOR 5

const struct upload product_images_upload = {
    .field = "file",
    .files_max = FILES_MAX,
    .file_max_bytes = FILE_MAX_BYTES,
    .doc = "JPEG, PNG, WebP or GIF images of at most 10 MiB each, and 12 MiB together. What they "
           "are is seen from their bytes."};

/* What has been made of the files so far: records whose files may be there, and the images. */
struct uploaded {
    struct media_record *records;
    struct product_image_list images;
};

/* Before any work is done for a product that is not there, has moved on, or has no room. */
static struct fault check_product(struct job *job, const struct product_images_change *change) {
    struct product product;
    TRY(product_store_find(job->mongo, &job->arena, change->id, PRODUCT_VIEW_MANAGING, &product));
    ENSURE(str_equals(product.id, change->id), FAULT_NOT_FOUND);
    ENSURE(expected_versions_allow(&change->expected, product.version), FAULT_PRECONDITION_FAILED);
    if (product.images.count + job->files.count > PRODUCT_IMAGES_MAX) {
        violations_add(&job->violations, STR("file"),
                       "would be too many: a product has at most %d images", PRODUCT_IMAGES_MAX);
        return fault_of(FAULT_INVALID);
    }
    return fault_none();
}

static struct str field_at(struct job *job, size_t index) {
    return arena_printf(&job->arena, "file[%zu]", index);
}

static void check_file(struct job *job, size_t index, struct image_header *header) {
    int64_t megapixels = job->app->config->image_max_megapixels;
    const char *problem = image_header_read(job->files.items[index].bytes, header);
    if (problem != NULL) {
        violations_add(&job->violations, field_at(job, index), "%s", problem);
        header->width = header->height = 0;
    } else if (header->width > IMAGE_SIDE_MAX || header->height > IMAGE_SIDE_MAX ||
               header->width * header->height > megapixels * PIXELS_PER_MEGAPIXEL) {
        violations_add(&job->violations, field_at(job, index),
                       "has %" PRId64 " x %" PRId64 " pixels; at most %" PRId64
                       " megapixels are taken, and %d pixels on a side",
                       header->width, header->height, megapixels, IMAGE_SIDE_MAX);
        header->width = header->height = 0;
    }
}

/* All of them, before the first is decoded. */
static struct fault check_files(struct job *job, struct image_header *headers) {
    int64_t megapixels = job->app->config->image_max_megapixels * REQUEST_MEGAPIXELS_FACTOR;
    int64_t pixels = 0;
    for (size_t i = 0; i < job->files.count; i++) {
        check_file(job, i, &headers[i]);
        pixels += headers[i].width * headers[i].height;
    }
    if (pixels > megapixels * PIXELS_PER_MEGAPIXEL) {
        violations_add(&job->violations, STR("file"),
                       "may have at most %" PRId64 " megapixels, all images together", megapixels);
    }
    ENSURE(!violations_any(&job->violations), FAULT_INVALID);
    return fault_none();
}

static struct str url_of(struct job *job, struct str name) {
    return arena_printf(&job->arena, MEDIA_URL_PREFIX "%.*s", STR_ARG(name));
}

static struct media_record record_of(struct job *job, const struct image *image) {
    struct media_record record = {
        .id = media_new_id(&job->arena),
        .names = {arena_alloc_array(&job->arena, image->file_count, sizeof(struct str)),
                  image->file_count},
    };
    for (size_t i = 0; i < image->file_count; i++) {
        record.names.items[i] =
            media_name(&job->arena, record.id, image->files[i].size, image->format);
    }
    return record;
}

static struct product_image image_of(struct job *job, const struct image *image,
                                     const struct media_record *record) {
    struct str_pair *thumbnails =
        arena_alloc_array(&job->arena, image->file_count, sizeof(*thumbnails));
    for (size_t i = 1; i < image->file_count; i++) {
        thumbnails[i - 1] =
            (struct str_pair){str_of(image->files[i].size), url_of(job, record->names.items[i])};
    }
    return (struct product_image){
        .url = url_of(job, record->names.items[0]),
        .width = image->width,
        .height = image->height,
        .thumbnails = {thumbnails, image->file_count - 1},
    };
}

/* The record first, so that there is never a file that nothing knows of. */
static struct fault put_image(struct job *job, const struct image *image,
                              struct uploaded *uploaded) {
    const struct media_storage *media = &job->app->media;
    size_t index = uploaded->images.count;
    const struct media_record record = record_of(job, image);
    TRY(media_store_begin(job->mongo, &record));
    uploaded->records[index] = record;
    uploaded->images.items[index] = image_of(job, image, &record);
    uploaded->images.count++;
    for (size_t i = 0; i < image->file_count; i++) {
        TRY(media->calls->put(media->self, record.names.items[i], image->files[i].bytes));
    }
    return fault_none();
}

static struct fault take_file(struct job *job, size_t index, const struct image_header *header,
                              struct uploaded *uploaded) {
    struct image image;
    const char *problem = image_make(job->files.items[index].bytes, header, &image);
    if (problem != NULL) {
        violations_add(&job->violations, field_at(job, index), "%s", problem);
        return fault_of(FAULT_INVALID);
    }
    struct fault fault = put_image(job, &image, uploaded);
    image_release(&image);
    return fault;
}

/* The product names the images only once all their files are there. */
static struct fault take_files(struct job *job, const struct image_header *headers,
                               const struct product_images_change *change,
                               struct uploaded *uploaded, struct product *product) {
    for (size_t i = 0; i < job->files.count; i++) {
        TRY(take_file(job, i, &headers[i], uploaded));
    }
    return product_store_add_images(job->mongo, &job->arena, change, &uploaded->images, product);
}

/* What may have been done after all stays until its grace is over. */
static void clear(struct job *job, const struct uploaded *uploaded, struct fault fault) {
    for (size_t i = 0; i < uploaded->images.count && !fault_is(fault, FAULT_OUTCOME_UNKNOWN); i++) {
        media_sweeper_clear(job->mongo, &job->app->media, &uploaded->records[i]);
    }
}

struct fault product_images_add(struct job *job) {
    size_t count = job->files.count;
    struct image_header *headers = arena_alloc_array(&job->arena, count, sizeof(*headers));
    struct uploaded uploaded = {
        .records = arena_alloc_array(&job->arena, count, sizeof(struct media_record)),
        .images = {arena_alloc_array(&job->arena, count, sizeof(struct product_image)), 0},
    };
    struct product_images_change change;
    struct product product;

    TRY(product_images_change_of(job, &change));
    TRY(check_product(job, &change));
    TRY(check_files(job, headers));
    struct fault fault = take_files(job, headers, &change, &uploaded, &product);
    if (fault_occurred(fault)) {
        clear(job, &uploaded, fault);
        return fault;
    }
    return reply_object_with_etag(job, &product, product.version, product.stock_seq);
}
