#include "base/clock.h"
#include "stores/category_store.h"
#include "stores/mongo/category_change.h"
#include "stores/mongo/category_guard.h"
#include "stores/mongo/category_products.h"
#include "stores/mongo/category_removal.h"
#include "stores/mongo/mongo_command.h"
#include "stores/mongo/mongo_transaction.h"

/* Products keep coming into a category that is being emptied, but not for ever. */
#define ROUNDS_MAX 10

struct removal {
    struct arena *arena;
    struct str slug;
    const struct expected_versions *expected;
    struct str move_to; /* absent: nowhere */
    const struct category_pace *pace;
    const struct product_author *author;
    struct violations *violations;
    struct violations noted_before;
    bool is_settled; /* what an earlier call left due in the target has been done by this one */

    /* Of the latest try: */
    struct category_record record;
    struct category_record target;
    struct category_record_list children;
    int64_t products; /* directly in it */
    bool is_removed;
};

static struct fault find_target(struct mongo_store *store, struct removal *removal) {
    if (str_is_absent(removal->move_to)) {
        return fault_none();
    }
    TRY(category_find_named(store, removal->arena, STR("move_to"), removal->move_to,
                            removal->violations, &removal->target));
    if (category_contains(&removal->record, &removal->target)) {
        violations_add(removal->violations, STR("move_to"),
                       "must not be the category itself or one below it");
        return fault_of(FAULT_INVALID);
    }
    return fault_none();
}

static struct fault read_contents(struct mongo_store *store, struct removal *removal) {
    MONGO_BSON(of_category);
    MONGO_BSON(of_parent);
    MONGO_BSON(options);
    bson_t order;
    mongo_put_id(&of_category, "category_id", removal->record.id);
    TRY(mongo_command_count(store, "category.count_products", "products", &of_category,
                            &removal->products));
    mongo_put_id(&of_parent, "parent_id", removal->record.id);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&options, "sort", &order));
    CHECK(BSON_APPEND_INT32(&order, "position", 1));
    CHECK(BSON_APPEND_INT32(&order, "_id", 1));
    CHECK(bson_append_document_end(&options, &order));
    return category_records_read(store, removal->arena, &of_parent, &options, &removal->children);
}

static struct fault refuse_contents(const struct removal *removal) {
    if (removal->products > 0) {
        violations_add(removal->violations, STR("products"), "%lld %s in it",
                       (long long)removal->products, removal->products == 1 ? "is" : "are");
    }
    if (removal->children.count > 0) {
        violations_add(removal->violations, STR("children"), "%zu %s directly below it",
                       removal->children.count, removal->children.count == 1 ? "is" : "are");
    }
    return fault_of(FAULT_CATEGORY_NOT_EMPTY);
}

/* The same parent for all, behind the children that it has, in the order in which they are. */
static struct fault give_child(struct mongo_store *store, const struct removal *removal,
                               const struct category_record *child, int64_t position) {
    MONGO_BSON(filter);
    MONGO_BSON(update);
    bson_t part;
    mongo_put_id(&filter, "_id", child->id);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "$set", &part));
    mongo_put_id(&part, "parent_id", removal->target.id);
    mongo_put_int64(&part, "position",
                    position < CATEGORY_POSITION_MAX ? position : CATEGORY_POSITION_MAX);
    CHECK(BSON_APPEND_DATE_TIME(&part, "updated_at", clock_now_ms()));
    CHECK(bson_append_document_end(&update, &part));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "$inc", &part));
    mongo_put_int64(&part, "version", 1);
    CHECK(bson_append_document_end(&update, &part));
    return mongo_command_update(store, "category.give", "categories", &filter, &update,
                                MONGO_UPDATE_ONE, NULL);
}

static struct fault give_children(struct mongo_store *store, const struct removal *removal) {
    const struct category_record *record = &removal->record;
    const struct str_list prefix = category_path_below(&removal->target, removal->arena);
    size_t levels = 0;
    int64_t position = 0;
    TRY(category_levels(store, removal->arena, record, &levels));
    TRY(category_ensure_depth(&removal->target, levels - 1, STR("move_to"), removal->violations));
    TRY(category_last_position(store, removal->target.id, &position));
    for (size_t i = 0; i < removal->children.count; i++) {
        TRY(give_child(store, removal, &removal->children.items[i], position + (int64_t)i));
    }
    return category_move_descendants(store, record, record->path.count + 1, &prefix,
                                     mongo_new_id(removal->arena));
}

/* Links to what is removed lead to where its products are. */
static struct fault inherit_slugs(struct mongo_store *store, const struct removal *removal) {
    MONGO_BSON(filter);
    MONGO_BSON(update);
    bson_t set;
    const struct category_record *target = &removal->target;
    struct str_list slugs = target->old_slugs;
    if (str_is_absent(removal->move_to)) {
        return fault_none();
    }
    for (size_t i = removal->record.old_slugs.count; i > 0; i--) {
        slugs = category_remember_slug(&slugs, removal->record.old_slugs.items[i - 1], target->slug,
                                       removal->arena);
    }
    slugs = category_remember_slug(&slugs, removal->record.slug, target->slug, removal->arena);
    mongo_put_id(&filter, "_id", target->id);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "$set", &set));
    mongo_put_strs(&set, "old_slugs", &slugs);
    CHECK(bson_append_document_end(&update, &set));
    return mongo_command_update(store, "category.inherit", "categories", &filter, &update,
                                MONGO_UPDATE_ONE, NULL);
}

static struct fault remove_empty(struct mongo_store *store, struct removal *removal) {
    TRY(category_take_away(store, &removal->record));
    TRY(inherit_slugs(store, removal));
    TRY(category_audit(store, "category.remove", &removal->record, NULL, removal->author));
    removal->is_removed = true;
    return fault_none();
}

/* Whoever comes when this process has ended knows what it was about. */
static struct fault note_removal(struct mongo_store *store, const struct removal *removal) {
    MONGO_BSON(filter);
    MONGO_BSON(update);
    bson_t set;
    const struct product_author *author = removal->author;
    mongo_put_id(&filter, "_id", removal->record.id);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "$set", &set));
    mongo_put_id(&set, "removal_to", removal->target.id);
    mongo_put_id(&set, "removal_due", mongo_new_id(removal->arena));
    mongo_put_int64(&set, "removal_user_id", author->user_id);
    mongo_put_str(&set, "removal_address", author->address);
    mongo_put_str(&set, "removal_request_id", author->request_id);
    CHECK(bson_append_document_end(&update, &set));
    return mongo_command_update(store, "category.note_removal", "categories", &filter, &update,
                                MONGO_UPDATE_ONE, NULL);
}

/* The guard comes first: nobody adds products or children to what was counted here. */
static struct fault removal_body(struct mongo_store *store, void *context) {
    struct removal *removal = context;
    *removal->violations = removal->noted_before;
    removal->is_removed = false;
    ENSURE(!arena_is_exhausted(removal->arena), FAULT_BUSY);
    TRY(category_record_find(store, removal->arena, removal->slug, &removal->record));
    ENSURE(expected_versions_allow(removal->expected, removal->record.version),
           FAULT_PRECONDITION_FAILED);
    TRY(category_guard_close(store));
    TRY(find_target(store, removal));
    TRY(read_contents(store, removal));
    bool is_empty = removal->products == 0 && removal->children.count == 0;
    if (str_is_absent(removal->move_to)) {
        return is_empty ? remove_empty(store, removal) : refuse_contents(removal);
    }
    if (is_empty && removal->is_settled) {
        return remove_empty(store, removal);
    }
    TRY(note_removal(store, removal));
    return removal->children.count > 0 ? give_children(store, removal) : fault_none();
}

/*
 * Children have gone with the first round; products go in batches until none is left. The category
 * itself goes last, so that as long as anything is to be done the same call finds it.
 */
static struct fault empty_and_remove(struct mongo_store *store, struct removal *removal) {
    for (int round = 0; round < ROUNDS_MAX && !removal->is_removed; round++) {
        TRY(category_products_move(store, removal->arena, removal->record.id, removal->target.id,
                                   removal->pace));
        TRY(category_products_settle(store, removal->arena, removal->target.id, removal->pace));
        removal->is_settled = true;
        struct fault fault = mongo_transaction_run(store, removal_body, removal);
        /* Whoever took it for left behind has made an end of it. */
        if (fault_is(fault, FAULT_NOT_FOUND)) {
            return fault_none();
        }
        TRY(fault);
    }
    ENSURE(removal->is_removed, FAULT_BUSY);
    return fault_none();
}

struct fault category_store_remove(struct mongo_store *store, struct arena *arena, struct str slug,
                                   const struct expected_versions *expected, struct str move_to,
                                   const struct product_author *author,
                                   struct violations *violations) {
    struct removal removal = {
        .arena = arena,
        .slug = slug,
        .expected = expected,
        .move_to = move_to,
        .author = author,
        .violations = violations,
        .noted_before = *violations,
    };
    TRY(mongo_transaction_run(store, removal_body, &removal));
    if (removal.is_removed) {
        return fault_none();
    }
    struct fault fault = empty_and_remove(store, &removal);
    return fault_occurred(fault) ? fault_of(FAULT_OUTCOME_UNKNOWN) : fault;
}

struct fault category_removal_go_on(struct mongo_store *store, struct arena *arena,
                                    const struct category_record *category,
                                    const struct category_pace *pace) {
    const struct product_author author = {.user_id = category->removal.user_id,
                                          .address = category->removal.address,
                                          .request_id = category->removal.request_id};
    struct violations violations;
    struct category_record target;
    violations_init(&violations, arena);
    TRY(category_record_find_by_id(store, arena, category->removal.to_id, &target));
    struct removal removal = {
        .arena = arena,
        .slug = category->slug,
        .move_to = target.slug,
        .pace = pace,
        .author = &author,
        .violations = &violations,
        .noted_before = violations,
    };
    TRY(mongo_transaction_run(store, removal_body, &removal));
    return removal.is_removed ? fault_none() : empty_and_remove(store, &removal);
}
