#include "stores/mongo/product_save.h"

#include "base/clock.h"
#include "stores/mongo/category_document.h"
#include "stores/mongo/category_guard.h"
#include "stores/mongo/mongo_command.h"
#include "stores/mongo/mongo_transaction.h"
#include "stores/mongo/product_audit.h"
#include "stores/mongo/product_levels.h"
#include "stores/mongo/product_media.h"
#include "stores/mongo/product_view.h"
#include "stores/mongo/product_vocabulary.h"

/* Whether the slug is to be made from the name: a made one that is taken gives way. */
static bool makes_slug(const struct product_edit *edit, bool is_new) {
    return edit->slug_given ? str_is_empty(edit->slug) : is_new;
}

static struct fault apply(struct mongo_store *store, const struct product_save *save,
                          struct product *product) {
    struct product_edit edit = *save->edit;
    if (makes_slug(&edit, product->version == 0)) {
        struct str name = edit.name_given ? edit.name : product->name;
        struct str base = product_slug_of(name, save->arena);
        base = str_is_empty(base) ? STR("product") : base;
        TRY(product_free_slug(store, save->arena, base, product->id, &edit.slug));
        edit.slug_given = true;
    }
    return product_apply(product, &edit, save->author->default_currency, save->arena,
                         save->violations);
}

/* `known` is the slug of the category that the record is in. */
static struct fault resolve_category(struct mongo_store *store, const struct product_save *save,
                                     struct str known, struct product_record *record) {
    struct str slug = record->product.category;
    struct category_record category;
    if (!str_is_absent(known) && str_equals(slug, known)) {
        return fault_none();
    }
    if (!save->edit->category_given || str_is_absent(slug)) {
        if (save->edit->category_given) {
            category_set_of_product(NULL, save->arena, record);
        }
        return fault_none();
    }
    struct fault fault = category_record_find(store, save->arena, slug, &category);
    if (fault_is(fault, FAULT_NOT_FOUND)) {
        violations_add(save->violations, STR("category"), "does not exist");
        return fault_of(FAULT_INVALID);
    }
    TRY(fault);
    category_set_of_product(&category, save->arena, record);
    return fault_none();
}

static void give_ids(struct product *product, struct arena *arena) {
    for (size_t i = 0; i < product->variants.count; i++) {
        struct str *id = &product->variants.items[i].id;
        *id = str_is_absent(*id) ? mongo_new_id(arena) : *id;
    }
    for (size_t i = 0; i < product->images.count; i++) {
        struct str *id = &product->images.items[i].id;
        *id = str_is_absent(*id) ? mongo_new_id(arena) : *id;
    }
}

/* The slug that it gives up leads to it from now on; one that it takes back is no former one. */
static void remember_slug(struct str before, struct product_record *record, struct arena *arena) {
    const struct str_list known = record->old_slugs;
    struct str slug = record->product.slug;
    if (str_is_absent(before) || str_equals(before, slug)) {
        return;
    }
    struct str *items = arena_alloc_array(arena, PRODUCT_OLD_SLUGS_MAX, sizeof(*items));
    size_t count = 0;
    items[count++] = before;
    for (size_t i = 0; i < known.count && count < PRODUCT_OLD_SLUGS_MAX; i++) {
        if (!str_equals(known.items[i], slug) && !str_equals(known.items[i], before)) {
            items[count++] = known.items[i];
        }
    }
    record->old_slugs = (struct str_list){items, count};
}

/* What a product has no other can have. */
static bool has_other_skus(const struct product_variant_list *before,
                           const struct product_variant_list *after) {
    bool is_known = true;
    for (size_t i = 0; i < after->count && is_known; i++) {
        is_known = false;
        for (size_t at = 0; at < before->count && !is_known; at++) {
            is_known = str_equals(before->items[at].sku, after->items[i].sku);
        }
    }
    return !is_known;
}

/* Everything but version and times, which depend on what the rest turns out to be. */
static struct fault prepare(struct mongo_store *store, const struct product_save *save,
                            struct product_record *record) {
    struct product *product = &record->product;
    const struct product before = *product;
    TRY(apply(store, save, product));
    remember_slug(before.slug, record, save->arena);
    TRY(resolve_category(store, save, before.category, record));
    if (has_other_skus(&before.variants, &product->variants)) {
        TRY(product_free_skus(store, save->arena, product));
    }
    give_ids(product, save->arena);
    record->sort_name = product_sort_name(product->name, save->arena);
    return fault_none();
}

static struct fault ensure_size(const bson_t *document, struct violations *violations) {
    if (document->len > PRODUCT_MAX_BYTES) {
        violations_add(violations, STR("description"),
                       "makes, with all the rest, a product that is larger than %d bytes",
                       PRODUCT_MAX_BYTES);
        return fault_of(FAULT_INVALID);
    }
    return fault_none();
}

static struct fault insert(struct mongo_store *store, const bson_t *document) {
    return mongo_command_insert(store, "product.insert", "products", document);
}

/* A path that the product has got comes from a category that nobody moves meanwhile. */
static struct fault guard_path(struct mongo_store *store, const struct product_record *before,
                               const struct product_record *record) {
    bool is_kept = before->category_path.count == record->category_path.count;
    for (size_t i = 0; i < record->category_path.count && is_kept; i++) {
        is_kept = str_equals(before->category_path.items[i], record->category_path.items[i]);
    }
    bool is_new = !is_kept && record->category_path.count > 0;
    return is_new ? category_guard_enter(store) : fault_none();
}

struct fault product_save_new(struct mongo_store *store, const struct product_save *save,
                              struct product_record *record) {
    MONGO_BSON(nothing);
    MONGO_BSON(document);
    struct product *product = &record->product;
    *record = (struct product_record){0};
    TRY(prepare(store, save, record));
    product->id = mongo_new_id(save->arena);
    product->version = 1;
    product->created_at_ms = product->updated_at_ms = clock_now_ms();
    product_document_encode(record, &document);
    TRY(ensure_size(&document, save->violations));
    TRY(product_vocabulary_write(store, save->arena, NULL, product, &document));
    TRY(product_claim_slug(store, product->slug));
    struct fault fault = insert(store, &document);
    if (fault_is(fault, FAULT_SLUG_TAKEN) && makes_slug(save->edit, true)) {
        store->is_transient = true;
    }
    TRY(fault);
    TRY(product_levels_write(store, save, NULL, product));
    TRY(product_media_follow(store, NULL, product, save->violations));
    TRY(product_audit_write(store, "product.create", product, &nothing, &document, false,
                            save->author));
    return guard_path(store, &(struct product_record){0}, record);
}

static bool is_level_changed(const struct product *before, const struct product *after) {
    for (size_t i = 0; i < after->variants.count; i++) {
        const struct product_variant *variant = &after->variants.items[i];
        for (size_t at = 0; at < before->variants.count; at++) {
            const struct product_variant *old = &before->variants.items[at];
            if (variant->stock_given && str_equals(old->id, variant->id) &&
                old->stock != variant->stock) {
                return true;
            }
        }
    }
    return false;
}

/* Version and stock_seq too: also where isolation is weaker, no change gets lost. */
static void put_as_it_was(const struct product *before, bson_t *filter) {
    mongo_put_id(filter, "_id", before->id);
    mongo_put_int64(filter, "version", before->version);
    mongo_put_int64(filter, "stock_seq", before->stock_seq);
}

static struct fault update(struct mongo_store *store, const struct product *before,
                           const bson_t *document) {
    MONGO_BSON(filter);
    int64_t matched = 0;
    put_as_it_was(before, &filter);
    TRY(mongo_command_update(store, "product.replace", "products", &filter, document,
                             MONGO_UPDATE_ONE, &matched));
    return matched == 1 ? fault_none() : mongo_transaction_overtaken(store);
}

static struct fault take_away(struct mongo_store *store, const struct product *before) {
    MONGO_BSON(filter);
    int64_t removed = 0;
    put_as_it_was(before, &filter);
    TRY(mongo_command_remove(store, "product.replace", "products", &filter, &removed));
    return removed == 1 ? fault_none() : mongo_transaction_overtaken(store);
}

static bool gives_up_key(const struct product *before, const struct product *after) {
    bool is_kept = str_equals(before->slug, after->slug);
    for (size_t i = 0; i < before->variants.count && is_kept; i++) {
        is_kept = false;
        for (size_t at = 0; at < after->variants.count && !is_kept; at++) {
            is_kept = str_equals(before->variants.items[i].sku, after->variants.items[at].sku);
        }
    }
    return !is_kept;
}

/*
 * A product that gives up its slug or a SKU is removed and inserted, because SecantusDB (0.5.3)
 * keeps a unique key taken after an update has given it up; nobody outside of the transaction sees
 * more than a change.
 */
static struct fault replace(struct mongo_store *store, const struct product *before,
                            const struct product *after, const bson_t *document) {
    if (!gives_up_key(before, after)) {
        return update(store, before, document);
    }
    TRY(take_away(store, before));
    return insert(store, document);
}

static struct fault write_changed(struct mongo_store *store, const struct product_save *save,
                                  const struct product_record *before, const bson_t *old,
                                  struct product_record *record) {
    MONGO_BSON(document);
    struct product *product = &record->product;
    int64_t now_ms = clock_now_ms();
    product->version++;
    product->stock_seq += product_view_shows_other_stock(&before->product, product) ? 1 : 0;
    product->updated_at_ms = now_ms > product->updated_at_ms ? now_ms : product->updated_at_ms;
    product_document_encode(record, &document);
    TRY(ensure_size(&document, save->violations));
    TRY(product_vocabulary_write(store, save->arena, &before->product, product, &document));
    if (!str_equals(before->product.slug, product->slug)) {
        TRY(product_claim_slug(store, product->slug));
    }
    struct fault fault = replace(store, &before->product, product, &document);
    if (fault_is(fault, FAULT_SLUG_TAKEN) && makes_slug(save->edit, false)) {
        store->is_transient = true;
    }
    TRY(fault);
    TRY(product_levels_write(store, save, &before->product, product));
    TRY(product_media_follow(store, &before->product, product, save->violations));
    TRY(product_audit_write(store, "product.update", product, old, &document,
                            is_level_changed(&before->product, product), save->author));
    return guard_path(store, before, record);
}

struct fault product_save_changed(struct mongo_store *store, const struct product_save *save,
                                  struct product_record *record, bool *is_changed) {
    MONGO_BSON(old);
    MONGO_BSON(new);
    const struct product_record before = *record;
    product_document_encode(&before, &old);
    TRY(prepare(store, save, record));
    product_document_encode(record, &new);
    *is_changed = !bson_equal(&old, &new) || is_level_changed(&before.product, &record->product);
    return *is_changed ? write_changed(store, save, &before, &old, record) : fault_none();
}

struct fault product_save_check(struct mongo_store *store, const struct product_save *save,
                                struct product_record *record, bool *is_changed) {
    MONGO_BSON(old);
    MONGO_BSON(new);
    const struct product_record before = *record;
    bool is_new = before.product.version == 0;
    if (!is_new) {
        product_document_encode(&before, &old);
    }
    TRY(prepare(store, save, record));
    record->product.id = is_new ? mongo_new_id(save->arena) : record->product.id;
    product_document_encode(record, &new);
    *is_changed =
        is_new || !bson_equal(&old, &new) || is_level_changed(&before.product, &record->product);
    return ensure_size(&new, save->violations);
}
