#include "stores/mongo/category_tree.h"

#include <stdlib.h>

#include "stores/mongo/mongo_transaction.h"

struct count {
    char id[PRODUCT_ID_BYTES + 1];
    int64_t products;
};

struct reading {
    struct arena *arena;
    const struct category_record *only;  /* NULL: all */
    struct category_record_list records; /* by parent, then in the order of siblings */
    struct count *counts;                /* by id */
    size_t count_count;
};

/* What lies below the category, or is on the way down to it. */
static void put_family(const struct category_record *category, struct arena *arena,
                       bson_t *filter) {
    const struct str_list line = category_path_below(category, arena);
    bson_t either;
    bson_t side;
    bson_t condition;
    CHECK(BSON_APPEND_ARRAY_BEGIN(filter, "$or", &either));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&either, "0", &side));
    mongo_put_id(&side, "path", category->id);
    CHECK(bson_append_document_end(&either, &side));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&either, "1", &side));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&side, "_id", &condition));
    mongo_put_ids(&condition, "$in", &line);
    CHECK(bson_append_document_end(&side, &condition));
    CHECK(bson_append_document_end(&either, &side));
    CHECK(bson_append_array_end(filter, &either));
}

static struct fault read_records(struct mongo_store *store, struct reading *reading) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    bson_t order;
    if (reading->only != NULL) {
        put_family(reading->only, reading->arena, &filter);
    }
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&options, "sort", &order));
    CHECK(BSON_APPEND_INT32(&order, "parent_id", 1));
    CHECK(BSON_APPEND_INT32(&order, "position", 1));
    CHECK(BSON_APPEND_INT32(&order, "_id", 1));
    CHECK(bson_append_document_end(&options, &order));
    return category_records_read(store, reading->arena, &filter, &options, &reading->records);
}

static void put_wanted(const struct reading *reading, bson_t *condition) {
    const struct category_record_list *records = &reading->records;
    struct str_list ids = {arena_alloc_array(reading->arena, records->count, sizeof(struct str)),
                           0};
    if (reading->only == NULL) {
        mongo_put_id(condition, "$gt", MONGO_ID_FIRST);
        return;
    }
    for (size_t i = 0; i < records->count; i++) {
        if (records->items[i].path.count >= reading->only->path.count) {
            ids.items[ids.count++] = records->items[i].id;
        }
    }
    mongo_put_ids(condition, "$in", &ids);
}

/* {$match: {status, category_id}}, {$group: {_id: "$category_id", n: {$sum: 1}}} */
static void put_pipeline(const struct reading *reading, bson_t *command) {
    bson_t pipeline;
    bson_t stage;
    bson_t part;
    bson_t inner;
    CHECK(BSON_APPEND_ARRAY_BEGIN(command, "pipeline", &pipeline));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&pipeline, "0", &stage));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&stage, "$match", &part));
    mongo_put_str(&part, "status", str_of(product_status_names[PRODUCT_ACTIVE]));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&part, "category_id", &inner));
    put_wanted(reading, &inner);
    CHECK(bson_append_document_end(&part, &inner));
    CHECK(bson_append_document_end(&stage, &part));
    CHECK(bson_append_document_end(&pipeline, &stage));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&pipeline, "1", &stage));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&stage, "$group", &part));
    mongo_put_str(&part, "_id", STR("$category_id"));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&part, "n", &inner));
    mongo_put_int64(&inner, "$sum", 1);
    CHECK(bson_append_document_end(&part, &inner));
    CHECK(bson_append_document_end(&stage, &part));
    CHECK(bson_append_document_end(&pipeline, &stage));
    CHECK(bson_append_array_end(command, &pipeline));
}

static int compare_counts(const void *left, const void *right) {
    return strcmp(((const struct count *)left)->id, ((const struct count *)right)->id);
}

static void take_counts(struct reading *reading, const bson_t *reply) {
    bson_iter_t start;
    bson_iter_t batch;
    bson_iter_t item;
    reading->counts = arena_alloc_array(reading->arena, CATEGORY_COUNT_MAX, sizeof(struct count));
    reading->count_count = 0;
    if (!bson_iter_init(&start, reply) ||
        !bson_iter_find_descendant(&start, "cursor.firstBatch", &batch) ||
        !bson_iter_recurse(&batch, &item)) {
        return;
    }
    while (bson_iter_next(&item) && reading->count_count < CATEGORY_COUNT_MAX) {
        struct count *count = &reading->counts[reading->count_count];
        bson_iter_t member;
        if (bson_iter_recurse(&item, &member) && bson_iter_find(&member, "_id") &&
            BSON_ITER_HOLDS_OID(&member)) {
            bson_oid_to_string(bson_iter_oid(&member), count->id);
            bool has_number = bson_iter_recurse(&item, &member) && bson_iter_find(&member, "n");
            count->products = has_number ? bson_iter_as_int64(&member) : 0;
            reading->count_count++;
        }
    }
    qsort(reading->counts, reading->count_count, sizeof(struct count), compare_counts);
}

/* One answer holds them all: there are no more groups than categories. */
static struct fault read_counts(struct mongo_store *store, struct reading *reading) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    bson_t cursor;
    mongo_put_str(&command, "aggregate", STR("products"));
    put_pipeline(reading, &command);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&command, "cursor", &cursor));
    CHECK(BSON_APPEND_INT32(&cursor, "batchSize", CATEGORY_COUNT_MAX + 1));
    CHECK(bson_append_document_end(&command, &cursor));
    TRY(mongo_connection_read(store, "category.product_counts", &command, &reply));
    take_counts(reading, &reply);
    return fault_none();
}

/* Both in one transaction: of one moment. */
static struct fault read_body(struct mongo_store *store, void *context) {
    struct reading *reading = context;
    ENSURE(!arena_is_exhausted(reading->arena), FAULT_BUSY);
    TRY(read_records(store, reading));
    return read_counts(store, reading);
}

static int compare_ids(struct str left, struct str right) {
    size_t size = left.size < right.size ? left.size : right.size;
    int order = size == 0 ? 0 : memcmp(left.data, right.data, size);
    return order != 0 ? order : (left.size > right.size) - (left.size < right.size);
}

/* The first record that does not lie under a smaller parent; roots have the smallest, none. */
static size_t first_child(const struct category_record_list *records, struct str parent_id) {
    size_t low = 0;
    size_t high = records->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool is_before = compare_ids(records->items[middle].parent_id, parent_id) < 0;
        low = is_before ? middle + 1 : low;
        high = is_before ? high : middle;
    }
    return low;
}

static int64_t products_in(const struct reading *reading, struct str id) {
    struct count wanted = {.products = 0};
    memcpy(wanted.id, id.data, PRODUCT_ID_BYTES);
    const struct count *found = reading->count_count == 0
                                    ? NULL
                                    : bsearch(&wanted, reading->counts, reading->count_count,
                                              sizeof(wanted), compare_counts);
    return found == NULL ? 0 : found->products;
}

static struct str_list path_of(const struct category_node *parent, struct str slug,
                               struct arena *arena) {
    size_t above = parent == NULL ? 0 : parent->path.count;
    struct str *items = arena_alloc_array(arena, above + 1, sizeof(*items));
    for (size_t i = 0; i < above; i++) {
        items[i] = parent->path.items[i];
    }
    items[above] = slug;
    return (struct str_list){items, above + 1};
}

/*
 * The children of a node, and theirs. Built from the roots down, so that a category whose ancestors
 * go in a circle is never reached.
 */
static struct category_list build(const struct reading *reading, const struct category_node *parent,
                                  struct str parent_id) {
    const struct category_record_list *records = &reading->records;
    size_t first = first_child(records, parent_id);
    size_t count = 0;
    while (first + count < records->count &&
           str_equals(records->items[first + count].parent_id, parent_id)) {
        count++;
    }
    struct category_list list = {
        arena_alloc_array(reading->arena, count, sizeof(struct category_node)), count};
    for (size_t i = 0; i < count; i++) {
        const struct category_record *record = &records->items[first + i];
        struct category_node *node = &list.items[i];
        *node = (struct category_node){
            .id = record->id,
            .slug = record->slug,
            .name = record->name,
            .parent = parent == NULL ? (struct str){0} : parent->slug,
            .path = path_of(parent, record->slug, reading->arena),
            .product_count = products_in(reading, record->id),
            .position = record->position,
            .version = record->version,
        };
        node->children = build(reading, node, record->id);
        for (size_t child = 0; child < node->children.count; child++) {
            node->product_count += node->children.items[child].product_count;
        }
    }
    return list;
}

struct fault category_tree_read(struct mongo_store *store, struct arena *arena,
                                const struct category_record *only, struct category_list *roots) {
    struct reading reading = {.arena = arena, .only = only};
    TRY(mongo_transaction_run(store, read_body, &reading));
    *roots = build(&reading, NULL, (struct str){0});
    return fault_none();
}

static const struct category_node *find_below(const struct category_list *list, struct str id) {
    const struct category_node *found = NULL;
    for (size_t i = 0; i < list->count && found == NULL; i++) {
        const struct category_node *node = &list->items[i];
        found = str_equals(node->id, id) ? node : find_below(&node->children, id);
    }
    return found;
}

static const struct category_node *find_child(const struct category_list *list, struct str slug) {
    for (size_t i = 0; i < list->count; i++) {
        if (str_equals(list->items[i].slug, slug)) {
            return &list->items[i];
        }
    }
    return NULL;
}

static struct category_crumb_list breadcrumb_of(const struct category_list *roots,
                                                const struct category_node *node,
                                                struct arena *arena) {
    const struct category_list *level = roots;
    size_t count = node->path.count;
    struct category_crumb *items = arena_alloc_array(arena, count, sizeof(*items));
    for (size_t i = 0; i < count; i++) {
        const struct category_node *step = find_child(level, node->path.items[i]);
        CHECK(step != NULL);
        items[i] = (struct category_crumb){step->slug, step->name};
        level = &step->children;
    }
    return (struct category_crumb_list){items, count};
}

struct fault category_tree_show(struct mongo_store *store, struct arena *arena,
                                const struct category_record *record, struct category_node *node) {
    struct category_list roots;
    TRY(category_tree_read(store, arena, record, &roots));
    const struct category_node *found = find_below(&roots, record->id);
    ENSURE(found != NULL, FAULT_NOT_FOUND);
    *node = *found;
    node->breadcrumb = breadcrumb_of(&roots, node, arena);
    return fault_none();
}
