#include "stores/product_images.h"

#include "stores/mongo/mongo_transaction.h"
#include "stores/mongo/product_save.h"

/* One call of this file; every try of its transaction starts with the same. */
struct change {
    struct product_save save;
    struct violations noted_before;
    struct str id;
    const struct expected_versions *expected;
    struct product_record record;
    struct product_edit edit;

    /* What the images become; one of the three that follow is what it goes by. */
    struct fault (*make)(const struct change *change, const struct product_image_list *now,
                         struct product_image_list *wanted);
    const struct product_image_list *added;
    const struct product_image_place_list *places;
    struct str removed_id;
};

static struct product_image_list room_for(const struct change *change, size_t count) {
    return (struct product_image_list){
        arena_alloc_array(change->save.arena, count, sizeof(struct product_image)), 0};
}

static struct fault add(const struct change *change, const struct product_image_list *now,
                        struct product_image_list *wanted) {
    *wanted = room_for(change, now->count + change->added->count);
    for (size_t i = 0; i < now->count; i++) {
        wanted->items[wanted->count++] = now->items[i];
    }
    for (size_t i = 0; i < change->added->count; i++) {
        wanted->items[wanted->count++] = change->added->items[i];
    }
    return fault_none();
}

static const struct product_image *find_image(const struct product_image_list *images,
                                              struct str id) {
    for (size_t i = 0; i < images->count; i++) {
        if (str_equals(images->items[i].id, id)) {
            return &images->items[i];
        }
    }
    return NULL;
}

static struct fault arrange(const struct change *change, const struct product_image_list *now,
                            struct product_image_list *wanted) {
    const struct product_image_place_list *places = change->places;
    struct violations *violations = change->save.violations;
    *wanted = room_for(change, places->count);
    for (size_t i = 0; i < places->count; i++) {
        const struct product_image_place *place = &places->items[i];
        const struct product_image *image = find_image(now, place->id);
        struct str field = arena_printf(change->save.arena, "images[%zu].id", i);
        if (image == NULL) {
            violations_add(violations, field, "is no image of this product");
            continue;
        }
        if (find_image(wanted, place->id) != NULL) {
            violations_add(violations, field, "is there twice");
            continue;
        }
        struct product_image *item = &wanted->items[wanted->count++];
        *item = *image;
        item->alt = place->alt_given ? place->alt : image->alt;
    }
    if (wanted->count < now->count && !violations_any(violations)) {
        violations_add(violations, STR("images"), "must have each of the %zu images", now->count);
    }
    ENSURE(!violations_any(violations), FAULT_INVALID);
    return fault_none();
}

static struct fault drop(const struct change *change, const struct product_image_list *now,
                         struct product_image_list *wanted) {
    ENSURE(find_image(now, change->removed_id) != NULL, FAULT_NOT_FOUND);
    *wanted = room_for(change, now->count);
    for (size_t i = 0; i < now->count; i++) {
        if (!str_equals(now->items[i].id, change->removed_id)) {
            wanted->items[wanted->count++] = now->items[i];
        }
    }
    return fault_none();
}

static struct fault change_body(struct mongo_store *store, void *context) {
    struct change *change = context;
    bool is_changed = false;
    *change->save.violations = change->noted_before;
    ENSURE(!arena_is_exhausted(change->save.arena), FAULT_BUSY);
    TRY(product_record_find_by_id(store, change->save.arena, change->id, &change->record));
    const struct product *product = &change->record.product;
    ENSURE(expected_versions_allow(change->expected, product->version), FAULT_PRECONDITION_FAILED);
    change->edit = (struct product_edit){.images_given = true};
    TRY(change->make(change, &product->images, &change->edit.images));
    return product_save_changed(store, &change->save, &change->record, &is_changed);
}

static struct fault run(struct mongo_store *store, struct change *change, struct product *product) {
    change->save.edit = &change->edit;
    change->noted_before = *change->save.violations;
    TRY(mongo_transaction_run(store, change_body, change));
    *product = change->record.product;
    return fault_none();
}

struct fault product_store_add_images(struct mongo_store *store, struct arena *arena, struct str id,
                                      const struct expected_versions *expected,
                                      const struct product_image_list *images,
                                      const struct product_author *author,
                                      struct violations *violations, struct product *product) {
    struct change change = {
        .save = {.arena = arena, .author = author, .violations = violations},
        .id = id,
        .expected = expected,
        .make = add,
        .added = images,
    };
    return run(store, &change, product);
}

struct fault product_store_arrange_images(struct mongo_store *store, struct arena *arena,
                                          struct str id, const struct expected_versions *expected,
                                          const struct product_image_place_list *places,
                                          const struct product_author *author,
                                          struct violations *violations, struct product *product) {
    struct change change = {
        .save = {.arena = arena, .author = author, .violations = violations},
        .id = id,
        .expected = expected,
        .make = arrange,
        .places = places,
    };
    return run(store, &change, product);
}

struct fault product_store_remove_image(struct mongo_store *store, struct arena *arena,
                                        struct str id, const struct expected_versions *expected,
                                        struct str image_id, const struct product_author *author,
                                        struct violations *violations, struct product *product) {
    struct change change = {
        .save = {.arena = arena, .author = author, .violations = violations},
        .id = id,
        .expected = expected,
        .make = drop,
        .removed_id = image_id,
    };
    return run(store, &change, product);
}
