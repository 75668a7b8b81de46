#include "base/clock.h"
#include "stores/category_store.h"
#include "stores/mongo/category_change.h"
#include "stores/mongo/category_guard.h"
#include "stores/mongo/category_products.h"
#include "stores/mongo/category_tree.h"
#include "stores/mongo/mongo_command.h"
#include "stores/mongo/mongo_transaction.h"

/* Beyond, the end of a new id is put behind the slug: that is free at once. */
#define SLUG_NUMBER_MAX 50
#define SLUG_ENDING_BYTES 8

/* One call of this file; every try of its transaction starts with the same. */
struct write {
    struct arena *arena;
    const struct category_edit *edit;
    const struct product_author *author;
    struct violations *violations;
    struct violations noted_before;
    struct str slug; /* of the category that is changed */
    const struct expected_versions *expected;
    struct category_record record;
    struct category_node *node; /* what is answered */
};

static struct fault begin_try(struct write *write) {
    *write->violations = write->noted_before;
    ENSURE(!arena_is_exhausted(write->arena), FAULT_BUSY);
    return fault_none();
}

/* *parent: NULL at the root. */
static struct fault find_parent(struct mongo_store *store, const struct write *write,
                                struct category_record *record,
                                const struct category_record **parent) {
    *parent = NULL;
    if (str_is_absent(write->edit->parent)) {
        return fault_none();
    }
    TRY(category_find_named(store, write->arena, STR("parent"), write->edit->parent,
                            write->violations, record));
    *parent = record;
    return fault_none();
}

/* Room for what is put behind it, and no '-' in front of that. */
static struct str cut_slug(struct str base, size_t room) {
    struct str cut = str_slice(base, 0, PRODUCT_SLUG_MAX_BYTES - room);
    while (cut.size > 0 && cut.data[cut.size - 1] == '-') {
        cut.size--;
    }
    return cut;
}

static struct fault free_slug(struct mongo_store *store, struct arena *arena, struct str name,
                              struct str *slug) {
    struct str base = category_slug_of(name, arena);
    struct str cut = cut_slug(base, STR("-50").size);
    struct category_record other;
    *slug = base;
    for (int number = 2; number <= SLUG_NUMBER_MAX; number++) {
        struct fault fault = category_record_find(store, arena, *slug, &other);
        if (fault_occurred(fault)) {
            return fault_is(fault, FAULT_NOT_FOUND) ? fault_none() : fault;
        }
        *slug = arena_printf(arena, "%.*s-%d", STR_ARG(cut), number);
    }
    struct str id = mongo_new_id(arena);
    struct str ending = str_slice(id, id.size - SLUG_ENDING_BYTES, SLUG_ENDING_BYTES);
    cut = cut_slug(base, 1 + SLUG_ENDING_BYTES);
    *slug = arena_printf(arena, "%.*s-%.*s", STR_ARG(cut), STR_ARG(ending));
    return fault_none();
}

static struct fault create_body(struct mongo_store *store, void *context) {
    struct write *write = context;
    const struct category_edit *edit = write->edit;
    const struct category_record *parent = NULL;
    struct category_record found;
    struct str slug = edit->slug;
    int64_t position = edit->position;
    bool makes_slug = !edit->slug_given || str_is_empty(edit->slug);
    TRY(begin_try(write));
    TRY(find_parent(store, write, &found, &parent));
    TRY(category_ensure_depth(parent, 1, STR("parent"), write->violations));
    if (makes_slug) {
        TRY(free_slug(store, write->arena, edit->name, &slug));
    }
    if (!edit->position_given) {
        struct str parent_id = parent == NULL ? (struct str){0} : parent->id;
        TRY(category_last_position(store, parent_id, &position));
    }
    struct fault fault = category_record_insert(store, write->arena, parent, slug, edit->name,
                                                position, &write->record);
    /* Somebody has just taken the made one: the next try finds another. */
    if (fault_is(fault, FAULT_SLUG_TAKEN) && makes_slug) {
        store->is_transient = true;
    }
    TRY(fault);
    TRY(category_audit(store, "category.create", NULL, &write->record, write->author));
    return category_tree_show(store, write->arena, &write->record, write->node);
}

struct fault category_store_create(struct mongo_store *store, struct arena *arena,
                                   const struct category_edit *edit,
                                   const struct product_author *author,
                                   struct violations *violations, struct category_node *node) {
    struct write write = {.arena = arena,
                          .edit = edit,
                          .author = author,
                          .violations = violations,
                          .noted_before = *violations,
                          .node = node};
    return mongo_transaction_run(store, create_body, &write);
}

static struct fault replace(struct mongo_store *store, const struct category_record *before,
                            const struct category_record *after) {
    MONGO_BSON(filter);
    MONGO_BSON(document);
    int64_t matched = 0;
    category_record_encode(after, &document);
    if (!str_equals(before->slug, after->slug)) {
        /* Removed and inserted, as product_save.c says of a unique key that is given up. */
        TRY(category_claim_slug(store, after->slug));
        TRY(category_take_away(store, before));
        return mongo_command_insert(store, "category.insert", "categories", &document);
    }
    mongo_put_id(&filter, "_id", before->id);
    mongo_put_int64(&filter, "version", before->version);
    TRY(mongo_command_update(store, "category.update", "categories", &filter, &document,
                             MONGO_UPDATE_ONE, &matched));
    return matched == 1 ? fault_none() : mongo_transaction_overtaken(store);
}

/* Under its new parent; *is_moved tells whether it was under another one. */
static struct fault move(struct mongo_store *store, const struct write *write,
                         struct category_record *record, bool *is_moved) {
    const struct category_edit *edit = write->edit;
    const struct category_record *parent = NULL;
    struct category_record found;
    size_t levels = 0;
    TRY(find_parent(store, write, &found, &parent));
    struct str parent_id = parent == NULL ? (struct str){0} : parent->id;
    *is_moved = !str_equals(parent_id, record->parent_id);
    if (!*is_moved) {
        return fault_none();
    }
    if (parent != NULL && category_contains(record, parent)) {
        violations_add(write->violations, STR("parent"),
                       "must not be the category itself or one below it");
        return fault_of(FAULT_INVALID);
    }
    TRY(category_guard_close(store));
    TRY(category_levels(store, write->arena, record, &levels));
    TRY(category_ensure_depth(parent, levels, STR("parent"), write->violations));
    if (!edit->position_given) {
        TRY(category_last_position(store, parent_id, &record->position));
    }
    record->parent_id = parent_id;
    record->path = category_path_below(parent, write->arena);
    return fault_none();
}

static bool is_same(const struct category_record *before, const struct category_record *after) {
    return str_equals(before->slug, after->slug) && str_equals(before->name, after->name) &&
           str_equals(before->parent_id, after->parent_id) && before->position == after->position;
}

static struct fault update_body(struct mongo_store *store, void *context) {
    struct write *write = context;
    const struct category_edit *edit = write->edit;
    struct category_record *record = &write->record;
    bool is_moved = false;
    TRY(begin_try(write));
    TRY(category_record_find(store, write->arena, write->slug, record));
    ENSURE(expected_versions_allow(write->expected, record->version), FAULT_PRECONDITION_FAILED);

    const struct category_record before = *record;
    record->name = edit->name_given ? edit->name : record->name;
    record->slug = edit->slug_given ? edit->slug : record->slug;
    record->position = edit->position_given ? edit->position : record->position;
    if (edit->parent_given) {
        TRY(move(store, write, record, &is_moved));
    }
    if (is_same(&before, record)) {
        return fault_none();
    }
    bool has_other_slug = !str_equals(before.slug, record->slug);
    int64_t now_ms = clock_now_ms();
    record->version++;
    record->removal = (struct category_removal){.user_id = INT64_ABSENT};
    record->updated_at_ms = now_ms > record->updated_at_ms ? now_ms : record->updated_at_ms;
    if (is_moved || has_other_slug) {
        record->due = mongo_new_id(write->arena);
    }
    if (has_other_slug) {
        record->old_slugs =
            category_remember_slug(&before.old_slugs, before.slug, record->slug, write->arena);
    }
    TRY(replace(store, &before, record));
    if (is_moved) {
        TRY(category_move_descendants(store, record, before.path.count, &record->path,
                                      record->due));
    }
    return category_audit(store, "category.update", &before, record, write->author);
}

/* What is done is done, so whatever goes wrong with the rest, the caller cannot tell how far. */
static struct fault finish(struct mongo_store *store, const struct write *write) {
    struct fault fault = category_products_settle(store, write->arena, write->record.id, NULL);
    if (!fault_occurred(fault)) {
        fault = category_tree_show(store, write->arena, &write->record, write->node);
    }
    return fault_occurred(fault) ? fault_of(FAULT_OUTCOME_UNKNOWN) : fault;
}

struct fault category_store_update(struct mongo_store *store, struct arena *arena, struct str slug,
                                   const struct expected_versions *expected,
                                   const struct category_edit *edit,
                                   const struct product_author *author,
                                   struct violations *violations, struct category_node *node) {
    struct write write = {
        .arena = arena,
        .edit = edit,
        .author = author,
        .violations = violations,
        .noted_before = *violations,
        .slug = slug,
        .expected = expected,
        .node = node,
    };
    TRY(mongo_transaction_run(store, update_body, &write));
    return finish(store, &write);
}
