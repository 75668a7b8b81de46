#include "stores/mongo/mongo_command.h"
#include "stores/mongo/mongo_transaction.h"
#include "stores/mongo/product_audit.h"
#include "stores/mongo/product_levels.h"
#include "stores/mongo/product_media.h"
#include "stores/mongo/product_save.h"
#include "stores/mongo/product_vocabulary.h"
#include "stores/product_store.h"

/* One call of this file; every try of its transaction starts with the same. */
struct write {
    struct product_save save;
    struct violations noted_before;
    struct str id;
    const struct expected_versions *expected;
    struct product_record record;
};

static struct fault begin_try(struct write *write) {
    *write->save.violations = write->noted_before;
    ENSURE(!arena_is_exhausted(write->save.arena), FAULT_BUSY);
    return fault_none();
}

static struct fault find_expected(struct mongo_store *store, struct write *write) {
    TRY(product_record_find_by_id(store, write->save.arena, write->id, &write->record));
    ENSURE(expected_versions_allow(write->expected, write->record.product.version),
           FAULT_PRECONDITION_FAILED);
    return fault_none();
}

static struct fault create_body(struct mongo_store *store, void *context) {
    struct write *write = context;
    TRY(begin_try(write));
    return product_save_new(store, &write->save, &write->record);
}

struct fault product_store_create(struct mongo_store *store, struct arena *arena,
                                  const struct product_edit *edit,
                                  const struct product_author *author,
                                  struct violations *violations, struct product *product) {
    struct write write = {.save = {arena, edit, author, violations}, .noted_before = *violations};
    TRY(mongo_transaction_run(store, create_body, &write));
    *product = write.record.product;
    return fault_none();
}

struct write_all {
    struct product_save save;
    struct violations noted_before;
    const struct product_edit *edits;
    size_t count;
};

static struct fault create_all_body(struct mongo_store *store, void *context) {
    struct write_all *all = context;
    for (size_t i = 0; i < all->count; i++) {
        struct product_record record;
        all->save.edit = &all->edits[i];
        *all->save.violations = all->noted_before;
        ENSURE(!arena_is_exhausted(all->save.arena), FAULT_BUSY);
        TRY(product_save_new(store, &all->save, &record));
    }
    return fault_none();
}

struct fault product_store_create_all(struct mongo_store *store, struct arena *arena,
                                      const struct product_edit *edits, size_t count,
                                      const struct product_author *author,
                                      struct violations *violations) {
    struct write_all all = {
        .save = {.arena = arena, .author = author, .violations = violations},
        .noted_before = *violations,
        .edits = edits,
        .count = count,
    };
    CHECK(count <= PRODUCT_CREATE_ALL_MAX);
    return mongo_transaction_run(store, create_all_body, &all);
}

static struct fault update_body(struct mongo_store *store, void *context) {
    struct write *write = context;
    bool is_changed = false;
    TRY(begin_try(write));
    TRY(find_expected(store, write));
    return product_save_changed(store, &write->save, &write->record, &is_changed);
}

struct fault product_store_update(struct mongo_store *store, struct arena *arena, struct str id,
                                  const struct expected_versions *expected,
                                  const struct product_edit *edit,
                                  const struct product_author *author,
                                  struct violations *violations, struct product *product) {
    struct write write = {
        .save = {arena, edit, author, violations},
        .noted_before = *violations,
        .id = id,
        .expected = expected,
    };
    TRY(mongo_transaction_run(store, update_body, &write));
    *product = write.record.product;
    return fault_none();
}

static struct fault delete_product(struct mongo_store *store, const struct product *product) {
    MONGO_BSON(filter);
    int64_t removed = 0;
    mongo_put_id(&filter, "_id", product->id);
    mongo_put_int64(&filter, "version", product->version);
    TRY(mongo_command_remove(store, "product.remove", "products", &filter, &removed));
    return removed == 1 ? fault_none() : mongo_transaction_overtaken(store);
}

static struct fault remove_body(struct mongo_store *store, void *context) {
    struct write *write = context;
    const struct product *product = &write->record.product;
    MONGO_BSON(before);
    MONGO_BSON(nothing);
    TRY(find_expected(store, write));
    product_document_encode(&write->record, &before);
    TRY(delete_product(store, product));
    TRY(product_levels_remove(store, &write->save, product->id));
    TRY(product_media_follow(store, product, NULL, NULL));
    TRY(product_vocabulary_forget(store, write->save.arena, product));
    return product_audit_write(store, "product.remove", product, &before, &nothing, false,
                               write->save.author);
}

struct fault product_store_remove(struct mongo_store *store, struct arena *arena, struct str id,
                                  const struct expected_versions *expected,
                                  const struct product_author *author) {
    struct write write = {
        .save = {.arena = arena, .author = author},
        .id = id,
        .expected = expected,
    };
    return mongo_transaction_run(store, remove_body, &write);
}
