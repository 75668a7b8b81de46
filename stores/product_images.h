/*
 * product_images: the images of a product, one change at a time.
 *
 * Each is a product_store_update that looks at the images only: one transaction, which moves the
 * version, writes an audit row and has the records of stores/media_store.h follow. Faults are as
 * there. *product is what it is now.
 */
#ifndef AIZY_STORES_PRODUCT_IMAGES_H
#define AIZY_STORES_PRODUCT_IMAGES_H

#include "stores/product_store.h"

/* Which product is changed, by whom; all of it as product_store_update takes it. */
struct product_images_change {
    struct str id;
    struct expected_versions expected;
    struct product_author author;
    struct violations *violations;
};

/* Adds images without ids behind those that are there. */
MUST_USE struct fault product_store_add_images(struct mongo_store *store, struct arena *arena,
                                               const struct product_images_change *change,
                                               const struct product_image_list *images,
                                               struct product *product);

/* Where an image is to be, by its place in a list; `alt` counts when it is given. */
struct product_image_place {
    struct str id;
    struct str alt;
    bool alt_given;
};

struct product_image_place_list {
    struct product_image_place *items;
    size_t count;
};

/* Puts the images in this order. The list has each of the product's images once. */
MUST_USE struct fault product_store_arrange_images(struct mongo_store *store, struct arena *arena,
                                                   const struct product_images_change *change,
                                                   const struct product_image_place_list *places,
                                                   struct product *product);

/* FAULT_NOT_FOUND also when the product has no such image. */
MUST_USE struct fault product_store_remove_image(struct mongo_store *store, struct arena *arena,
                                                 const struct product_images_change *change,
                                                 struct str image_id, struct product *product);

#endif
