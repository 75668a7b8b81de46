#include "stores/mongo/category_change.h"

#include "stores/mongo/catalogue_audit.h"
#include "stores/mongo/mongo_command.h"
#include "stores/mongo/mongo_transaction.h"

struct fault category_find_named(struct mongo_store *store, struct arena *arena, struct str field,
                                 struct str slug, struct violations *violations,
                                 struct category_record *record) {
    struct fault fault = category_record_find(store, arena, slug, record);
    if (fault_is(fault, FAULT_NOT_FOUND)) {
        violations_add(violations, field, "does not exist");
        return fault_of(FAULT_INVALID);
    }
    return fault;
}

/* Roots have no parent_id, which null finds. */
static void put_parent(bson_t *filter, struct str parent_id) {
    mongo_put_id(filter, "parent_id", parent_id);
    if (str_is_absent(parent_id)) {
        CHECK(BSON_APPEND_NULL(filter, "parent_id"));
    }
}

static struct fault read_position(void *context, const bson_t *document) {
    int64_t *position = context;
    *position = mongo_get_int64(document, "position");
    return fault_none();
}

struct fault category_last_position(struct mongo_store *store, struct str parent_id,
                                    int64_t *position) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    bson_t order;
    int64_t last = -1;
    put_parent(&filter, parent_id);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&options, "sort", &order));
    CHECK(BSON_APPEND_INT32(&order, "position", -1));
    CHECK(bson_append_document_end(&options, &order));
    mongo_put_int64(&options, "limit", 1);
    TRY(mongo_connection_find(store, "category.last", "categories", &filter, &options,
                              read_position, &last));
    *position = last < CATEGORY_POSITION_MAX ? last + 1 : CATEGORY_POSITION_MAX;
    return fault_none();
}

struct fault category_ensure_depth(const struct category_record *parent, size_t levels,
                                   struct str field, struct violations *violations) {
    size_t above = parent == NULL ? 0 : parent->path.count + 1;
    if (above + levels > CATEGORY_DEPTH_MAX) {
        violations_add(violations, field, "would make the tree deeper than %d levels",
                       CATEGORY_DEPTH_MAX);
        return fault_of(FAULT_INVALID);
    }
    return fault_none();
}

struct fault category_levels(struct mongo_store *store, struct arena *arena,
                             const struct category_record *record, size_t *levels) {
    MONGO_BSON(filter);
    struct category_record_list list;
    size_t deepest = record->path.count;
    mongo_put_id(&filter, "path", record->id);
    TRY(category_records_read(store, arena, &filter, NULL, &list));
    for (size_t i = 0; i < list.count; i++) {
        size_t depth = list.items[i].path.count;
        deepest = depth > deepest ? depth : deepest;
    }
    *levels = deepest - record->path.count + 1;
    return fault_none();
}

bool category_contains(const struct category_record *category,
                       const struct category_record *other) {
    bool is_in = str_equals(category->id, other->id);
    for (size_t i = 0; i < other->path.count; i++) {
        is_in = is_in || str_equals(other->path.items[i], category->id);
    }
    return is_in;
}

/* path: {$concatArrays: [prefix, {$slice: ["$path", from, all]}]} */
static void put_path(bson_t *set, size_t from, const struct str_list *prefix) {
    bson_t path;
    bson_t parts;
    bson_t slice;
    bson_t arguments;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(set, "path", &path));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&path, "$concatArrays", &parts));
    mongo_put_ids(&parts, "0", prefix);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&parts, "1", &slice));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&slice, "$slice", &arguments));
    mongo_put_str(&arguments, "0", STR("$path"));
    CHECK(BSON_APPEND_INT32(&arguments, "1", (int32_t)from));
    CHECK(BSON_APPEND_INT32(&arguments, "2", CATEGORY_DEPTH_MAX));
    CHECK(bson_append_array_end(&slice, &arguments));
    CHECK(bson_append_document_end(&parts, &slice));
    CHECK(bson_append_array_end(&path, &parts));
    CHECK(bson_append_document_end(set, &path));
}

struct fault category_move_descendants(struct mongo_store *store,
                                       const struct category_record *category, size_t from,
                                       const struct str_list *prefix, struct str due) {
    MONGO_BSON(filter);
    MONGO_BSON(stages);
    bson_t stage;
    bson_t set;
    mongo_put_id(&filter, "path", category->id);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&stages, "0", &stage));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&stage, "$set", &set));
    put_path(&set, from, prefix);
    mongo_put_id(&set, "due", due);
    CHECK(bson_append_document_end(&stage, &set));
    CHECK(bson_append_document_end(&stages, &stage));
    return mongo_command_update(store, "category.move", "categories", &filter, &stages,
                                MONGO_UPDATE_BY_PIPELINE, NULL);
}

struct str_list category_remember_slug(const struct str_list *known, struct str slug,
                                       struct str current, struct arena *arena) {
    struct str *items = arena_alloc_array(arena, CATEGORY_OLD_SLUGS_MAX, sizeof(*items));
    size_t count = 0;
    items[count++] = slug;
    for (size_t i = 0; i < known->count && count < CATEGORY_OLD_SLUGS_MAX; i++) {
        if (!str_equals(known->items[i], slug) && !str_equals(known->items[i], current)) {
            items[count++] = known->items[i];
        }
    }
    return (struct str_list){items, count};
}

struct fault category_take_away(struct mongo_store *store, const struct category_record *record) {
    MONGO_BSON(filter);
    int64_t removed = 0;
    mongo_put_id(&filter, "_id", record->id);
    mongo_put_int64(&filter, "version", record->version);
    TRY(mongo_command_remove(store, "category.remove", "categories", &filter, &removed));
    return removed == 1 ? fault_none() : mongo_transaction_overtaken(store);
}

struct fault category_audit(struct mongo_store *store, const char *action,
                            const struct category_record *before,
                            const struct category_record *after,
                            const struct product_author *author) {
    MONGO_BSON(old);
    MONGO_BSON(new);
    const struct category_record *subject = after == NULL ? before : after;
    const struct catalogue_change change = {
        .action = action,
        .subject = "category",
        .id = subject->id,
        .name = subject->slug,
        .before = &old,
        .after = &new,
    };
    if (before != NULL) {
        category_record_encode(before, &old);
    }
    if (after != NULL) {
        category_record_encode(after, &new);
    }
    return catalogue_audit_write(store, &change, author);
}
