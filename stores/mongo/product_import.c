#include <openssl/evp.h>

#include "stores/mongo/category_document.h"
#include "stores/mongo/mongo_transaction.h"
#include "stores/mongo/product_save.h"
#include "stores/product_store.h"

struct import {
    struct product_save save;
    struct product_edit edit; /* with the category's slug */
    struct str category_name;
    struct violations noted_before;
    enum product_import_result result;
};

/* A name without a Latin letter or digit still needs a slug, and the same one each time. */
static struct str category_slug_of(struct str name, struct arena *arena) {
    struct str slug = product_slug_of(name, arena);
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (!str_is_empty(slug)) {
        return slug;
    }
    CHECK(EVP_Digest(name.data, name.size, digest, NULL, EVP_sha256(), NULL) == 1);
    return arena_printf(arena, "category-%02x%02x%02x%02x", digest[0], digest[1], digest[2],
                        digest[3]);
}

static struct fault ensure_category(struct mongo_store *store, struct import *import) {
    struct str slug = import->edit.category;
    struct category_record record;
    if (str_is_absent(slug)) {
        return fault_none();
    }
    struct fault fault = category_record_find(store, import->save.arena, slug, &record);
    if (!fault_is(fault, FAULT_NOT_FOUND)) {
        return fault;
    }
    fault = category_record_insert(store, import->save.arena, NULL, slug, import->category_name, 0,
                                   &record);
    /* Somebody else has just made it: the next try finds it. */
    store->is_transient = store->is_transient || fault_is(fault, FAULT_CONFLICT);
    return fault;
}

static struct fault import_body(struct mongo_store *store, void *context) {
    struct import *import = context;
    struct arena *arena = import->save.arena;
    struct product_record record;
    bool is_changed = false;
    *import->save.violations = import->noted_before;
    ENSURE(!arena_is_exhausted(arena), FAULT_BUSY);
    TRY(ensure_category(store, import));
    struct fault fault = product_record_find_by_slug(store, arena, import->edit.slug, &record);
    if (fault_is(fault, FAULT_NOT_FOUND)) {
        import->result = PRODUCT_IMPORT_CREATED;
        return product_save_new(store, &import->save, &record);
    }
    TRY(fault);
    TRY(product_save_changed(store, &import->save, &record, &is_changed));
    import->result = is_changed ? PRODUCT_IMPORT_UPDATED : PRODUCT_IMPORT_UNCHANGED;
    return fault_none();
}

struct fault product_store_import(struct mongo_store *store, struct arena *arena,
                                  const struct product_edit *edit, struct str category_name,
                                  bool dry_run, const struct product_author *author,
                                  struct violations *violations,
                                  enum product_import_result *result) {
    struct import import = {
        .save = {arena, NULL, author, violations},
        .edit = *edit,
        .category_name = str_trim(category_name),
        .noted_before = *violations,
    };
    bool has_category = !str_is_empty(import.category_name);
    import.save.edit = &import.edit;
    import.edit.category_given = true;
    import.edit.category =
        has_category ? category_slug_of(import.category_name, arena) : (struct str){0};
    bool is_good_name =
        !has_category ||
        (str_is_utf8(import.category_name) && !str_has_control(import.category_name) &&
         str_utf8_length(import.category_name) <= PRODUCT_NAME_MAX_CHARACTERS);
    if (!is_good_name) {
        violations_add(violations, STR("category"), "must be a name of at most %d characters",
                       PRODUCT_NAME_MAX_CHARACTERS);
        return fault_of(FAULT_INVALID);
    }
    TRY(dry_run ? mongo_transaction_rehearse(store, import_body, &import)
                : mongo_transaction_run(store, import_body, &import));
    *result = import.result;
    return fault_none();
}
