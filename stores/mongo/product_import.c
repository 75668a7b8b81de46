#include "stores/mongo/category_document.h"
#include "stores/mongo/mongo_transaction.h"
#include "stores/mongo/product_save.h"
#include "stores/product_store.h"

struct import {
    struct product_save save;
    const struct product_import_order *order;
    struct violations noted_before;
    bool is_new; /* was not there when it was looked for */
    enum product_import_result result;
};

static struct fault ensure_category(struct mongo_store *store, const struct import *import) {
    const struct product_import_order *order = import->order;
    struct category_record record;
    if (!order->edit->category_given || str_is_absent(order->edit->category)) {
        return fault_none();
    }
    struct fault fault =
        category_record_find(store, import->save.arena, order->edit->category, &record);
    if (!fault_is(fault, FAULT_NOT_FOUND)) {
        return fault;
    }
    fault = category_record_insert(store, import->save.arena, NULL, order->edit->category,
                                   str_trim(order->category_name), 0, &record);
    /* Somebody else has just made it: the next try finds it. */
    store->is_transient = store->is_transient || fault_is(fault, FAULT_SLUG_TAKEN);
    if (fault_is(fault, FAULT_CATEGORY_LIMIT)) {
        violations_add(import->save.violations, STR("category"),
                       "is not there, and there are as many categories as there may be");
        return fault_of(FAULT_INVALID);
    }
    return fault;
}

static void complete(const struct import *import, const struct product_record *record,
                     struct product_edit *edit) {
    if (import->order->fill != NULL) {
        import->order->fill(import->order->fill_context, &record->product, import->save.arena,
                            edit);
    }
}

/* One that others have made meanwhile is found by the next try. */
static struct fault save_new(struct mongo_store *store, struct import *import,
                             const struct product_save *save) {
    struct product_record record;
    struct fault fault = product_save_new(store, save, &record);
    if (fault_is(fault, FAULT_SLUG_TAKEN)) {
        store->is_transient = import->is_new;
        import->is_new = false;
    }
    import->result = PRODUCT_IMPORT_CREATED;
    return fault;
}

static struct fault import_body(struct mongo_store *store, void *context) {
    struct import *import = context;
    struct product_save save = import->save;
    struct product_edit edit = *import->order->edit;
    struct product_record record;
    bool is_changed = false;
    save.edit = &edit;
    *save.violations = import->noted_before;
    ENSURE(!arena_is_exhausted(save.arena), FAULT_BUSY);
    TRY(ensure_category(store, import));
    if (import->is_new) {
        return save_new(store, import, &save);
    }
    struct fault fault = product_record_find_by_slug(store, save.arena, edit.slug, &record);
    if (fault_is(fault, FAULT_NOT_FOUND)) {
        return save_new(store, import, &save);
    }
    TRY(fault);
    complete(import, &record, &edit);
    TRY(product_save_changed(store, &save, &record, &is_changed));
    import->result = is_changed ? PRODUCT_IMPORT_UPDATED : PRODUCT_IMPORT_UNCHANGED;
    return fault_none();
}

/* Whether the edit names a category that has yet to be made. */
static struct fault look_for_category(struct mongo_store *store, const struct import *import,
                                      const struct product *product, bool *is_missing) {
    const struct product_edit *edit = import->order->edit;
    struct category_record record;
    bool is_named = edit->category_given && !str_is_absent(edit->category);
    *is_missing = false;
    if (!is_named || str_equals(edit->category, product->category)) {
        return fault_none();
    }
    struct fault fault = category_record_find(store, import->save.arena, edit->category, &record);
    *is_missing = fault_is(fault, FAULT_NOT_FOUND);
    return *is_missing ? fault_none() : fault;
}

/*
 * What there is to do, without a transaction: most of a file is as a rule unchanged, and a
 * rehearsal ends here.
 */
static struct fault look(struct mongo_store *store, struct import *import) {
    struct product_save save = import->save;
    struct product_edit edit = *import->order->edit;
    struct product_record record;
    bool is_changed = false;
    bool is_category_missing = false;
    save.edit = &edit;
    struct fault fault = product_record_find_by_slug(store, save.arena, edit.slug, &record);
    import->is_new = fault_is(fault, FAULT_NOT_FOUND);
    import->result = PRODUCT_IMPORT_CREATED;
    if (import->is_new && !import->order->is_rehearsal) {
        return fault_none();
    }
    if (!import->is_new) {
        TRY(fault);
        complete(import, &record, &edit);
    } else {
        record = (struct product_record){0};
    }
    TRY(look_for_category(store, import, &record.product, &is_category_missing));
    /* One that is missing will be made, and is no reason to refuse the product. */
    edit.category_given = edit.category_given && !is_category_missing;
    TRY(product_save_check(store, &save, &record, &is_changed));
    bool is_same = !import->is_new && !is_changed && !is_category_missing;
    if (!import->is_new) {
        import->result = is_same ? PRODUCT_IMPORT_UNCHANGED : PRODUCT_IMPORT_UPDATED;
    }
    return fault_none();
}

/* Of the category that may have to be made. */
static bool is_good_category(const struct product_import_order *order) {
    struct str name = str_trim(order->category_name);
    return !order->edit->category_given || str_is_absent(order->edit->category) ||
           (product_slug_is_valid(order->edit->category) && !str_is_empty(name) &&
            str_is_utf8(name) && !str_has_control(name) &&
            str_utf8_length(name) <= PRODUCT_NAME_MAX_CHARACTERS);
}

struct fault product_store_import(struct mongo_store *store, struct arena *arena,
                                  const struct product_import_order *order,
                                  const struct product_author *author,
                                  struct violations *violations,
                                  enum product_import_result *result) {
    struct import import = {
        .save = {arena, order->edit, author, violations},
        .order = order,
        .noted_before = *violations,
    };
    if (!is_good_category(order)) {
        violations_add(violations, STR("category"), "must be a name of at most %d characters",
                       PRODUCT_NAME_MAX_CHARACTERS);
        return fault_of(FAULT_INVALID);
    }
    TRY(look(store, &import));
    if (!order->is_rehearsal && import.result != PRODUCT_IMPORT_UNCHANGED) {
        TRY(mongo_transaction_run(store, import_body, &import));
    }
    *result = import.result;
    return fault_none();
}
