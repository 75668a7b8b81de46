#include "stores/product_images.h"

#include "stores/mongo/mongo_transaction.h"
#include "stores/mongo/product_save.h"

/* One call of this file; every try of its transaction starts with the same. */
struct write {
    struct product_save save;
    struct violations noted_before;
    const struct product_images_change *change;
    struct product_record record;
    struct product_edit edit;

    /* What the images become; one of the three that follow is what it goes by. */
    struct fault (*make)(const struct write *write, const struct product_image_list *now,
                         struct product_image_list *wanted);
    const struct product_image_list *added;
    const struct product_image_place_list *places;
    struct str removed_id;
};

static struct product_image_list room_for(const struct write *write, size_t count) {
    return (struct product_image_list){
        arena_alloc_array(write->save.arena, count, sizeof(struct product_image)), 0};
}

static struct fault add(const struct write *write, const struct product_image_list *now,
                        struct product_image_list *wanted) {
    *wanted = room_for(write, now->count + write->added->count);
    for (size_t i = 0; i < now->count; i++) {
        wanted->items[wanted->count++] = now->items[i];
    }
    for (size_t i = 0; i < write->added->count; i++) {
        wanted->items[wanted->count++] = write->added->items[i];
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

static struct fault arrange(const struct write *write, const struct product_image_list *now,
                            struct product_image_list *wanted) {
    const struct product_image_place_list *places = write->places;
    struct violations *violations = write->save.violations;
    *wanted = room_for(write, places->count);
    for (size_t i = 0; i < places->count; i++) {
        const struct product_image_place *place = &places->items[i];
        const struct product_image *image = find_image(now, place->id);
        struct str field = arena_printf(write->save.arena, "images[%zu].id", i);
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

static struct fault drop(const struct write *write, const struct product_image_list *now,
                         struct product_image_list *wanted) {
    ENSURE(find_image(now, write->removed_id) != NULL, FAULT_NOT_FOUND);
    *wanted = room_for(write, now->count);
    for (size_t i = 0; i < now->count; i++) {
        if (!str_equals(now->items[i].id, write->removed_id)) {
            wanted->items[wanted->count++] = now->items[i];
        }
    }
    return fault_none();
}

static struct fault write_body(struct mongo_store *store, void *context) {
    struct write *write = context;
    const struct product_images_change *change = write->change;
    bool is_changed = false;
    *write->save.violations = write->noted_before;
    ENSURE(!arena_is_exhausted(write->save.arena), FAULT_BUSY);
    TRY(product_record_find_by_id(store, write->save.arena, change->id, &write->record));
    const struct product *product = &write->record.product;
    ENSURE(expected_versions_allow(&change->expected, product->version), FAULT_PRECONDITION_FAILED);
    write->edit = (struct product_edit){.images_given = true};
    TRY(write->make(write, &product->images, &write->edit.images));
    return product_save_changed(store, &write->save, &write->record, &is_changed);
}

static struct fault run(struct mongo_store *store, struct arena *arena,
                        const struct product_images_change *change, struct write *write,
                        struct product *product) {
    write->change = change;
    write->save = (struct product_save){arena, &write->edit, &change->author, change->violations};
    write->noted_before = *change->violations;
    TRY(mongo_transaction_run(store, write_body, write));
    *product = write->record.product;
    return fault_none();
}

struct fault product_store_add_images(struct mongo_store *store, struct arena *arena,
                                      const struct product_images_change *change,
                                      const struct product_image_list *images,
                                      struct product *product) {
    struct write write = {.make = add, .added = images};
    return run(store, arena, change, &write, product);
}

struct fault product_store_arrange_images(struct mongo_store *store, struct arena *arena,
                                          const struct product_images_change *change,
                                          const struct product_image_place_list *places,
                                          struct product *product) {
    struct write write = {.make = arrange, .places = places};
    return run(store, arena, change, &write, product);
}

struct fault product_store_remove_image(struct mongo_store *store, struct arena *arena,
                                        const struct product_images_change *change,
                                        struct str image_id, struct product *product) {
    struct write write = {.make = drop, .removed_id = image_id};
    return run(store, arena, change, &write, product);
}
