#include "stores/mongo/category_document.h"

#include "base/clock.h"
#include "base/log.h"

static const struct mongo_field category_fields[] = {
    {"_id", MONGO_FIELD_ID, offsetof(struct category_record, id), true, NULL, NULL},
    {"slug", MONGO_FIELD_STR, offsetof(struct category_record, slug), true, NULL, NULL},
    {"name", MONGO_FIELD_STR, offsetof(struct category_record, name), true, NULL, NULL},
    {"parent_id", MONGO_FIELD_ID, offsetof(struct category_record, parent_id), false, NULL, NULL},
    {"path", MONGO_FIELD_ID_LIST, offsetof(struct category_record, path), true, NULL, NULL},
    {"position", MONGO_FIELD_INT64, offsetof(struct category_record, position), true, NULL, NULL},
    {"created_at", MONGO_FIELD_DATE, offsetof(struct category_record, created_at_ms), true, NULL,
     NULL},
    {"updated_at", MONGO_FIELD_DATE, offsetof(struct category_record, updated_at_ms), true, NULL,
     NULL},
};
static const struct mongo_shape category_shape = {category_fields, COUNT_OF(category_fields),
                                                  sizeof(struct category_record)};

struct found {
    struct arena *arena;
    struct category_record *record;
    bool is_there;
};

static struct fault read_found(void *context, const bson_t *document) {
    struct found *found = context;
    const char *key = NULL;
    if (!mongo_shape_decode(&category_shape, document, found->arena, found->record, &key)) {
        log_error("mongo.document_damaged", LOG_TEXT("collection", "categories"),
                  LOG_STR("id", found->record->id), LOG_TEXT("member", key));
        return fault_of(FAULT_INTERNAL);
    }
    found->is_there = true;
    return fault_none();
}

struct fault category_record_find(struct mongo_store *store, struct arena *arena, struct str slug,
                                  struct category_record *record) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    struct found found = {arena, record, false};
    *record = (struct category_record){0};
    ENSURE(product_slug_is_valid(slug), FAULT_NOT_FOUND);
    mongo_put_str(&filter, "slug", slug);
    mongo_put_int64(&options, "limit", 1);
    TRY(mongo_connection_find(store, "category.find", "categories", &filter, &options, read_found,
                              &found));
    ENSURE(found.is_there, FAULT_NOT_FOUND);
    return fault_none();
}

/* The path of whatever lies directly in this category. */
static struct str_list path_below(const struct category_record *category, struct arena *arena) {
    if (category == NULL) {
        return (struct str_list){0};
    }
    size_t count = category->path.count;
    struct str *items = arena_alloc_array(arena, count + 1, sizeof(*items));
    for (size_t i = 0; i < count; i++) {
        items[i] = category->path.items[i];
    }
    items[count] = category->id;
    return (struct str_list){items, count + 1};
}

struct fault category_record_insert(struct mongo_store *store, struct arena *arena,
                                    const struct category_record *parent, struct str slug,
                                    struct str name, int64_t position,
                                    struct category_record *record) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    bson_t documents;
    bson_t document;
    int64_t now_ms = clock_now_ms();
    *record = (struct category_record){
        .id = mongo_new_id(arena),
        .slug = slug,
        .name = name,
        .parent_id = parent == NULL ? (struct str){0} : parent->id,
        .path = path_below(parent, arena),
        .position = position,
        .created_at_ms = now_ms,
        .updated_at_ms = now_ms,
    };
    ENSURE(record->path.count < CATEGORY_DEPTH_MAX, FAULT_CONFLICT);
    mongo_put_str(&command, "insert", STR("categories"));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&command, "documents", &documents));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&documents, "0", &document));
    mongo_shape_encode(&category_shape, record, &document);
    CHECK(bson_append_document_end(&documents, &document));
    CHECK(bson_append_array_end(&command, &documents));
    return mongo_connection_write(store, "category.insert", &command, &reply);
}

void category_set_of_product(const struct category_record *category, struct arena *arena,
                             struct product_record *record) {
    record->category_id = category == NULL ? (struct str){0} : category->id;
    record->category_path = path_below(category, arena);
}

struct slug_reader {
    struct arena *arena;
    struct product_record *records;
    size_t count;
};

static struct fault read_slug(void *context, const bson_t *document) {
    const struct slug_reader *reader = context;
    bson_iter_t at;
    if (!bson_iter_init_find(&at, document, "_id") || !BSON_ITER_HOLDS_OID(&at)) {
        return fault_none();
    }
    char digits[PRODUCT_ID_BYTES + 1];
    bson_oid_to_string(bson_iter_oid(&at), digits);
    struct str slug = arena_copy(reader->arena, mongo_get_str(document, "slug"));
    for (size_t i = 0; i < reader->count; i++) {
        if (str_equals(reader->records[i].category_id, str_of(digits))) {
            reader->records[i].product.category = slug;
        }
    }
    return fault_none();
}

static bool is_first_of_category(const struct product_record *records, size_t index) {
    for (size_t other = 0; other < index; other++) {
        if (str_equals(records[other].category_id, records[index].category_id)) {
            return false;
        }
    }
    return !str_is_absent(records[index].category_id);
}

struct fault category_slugs_read(struct mongo_store *store, struct arena *arena,
                                 struct product_record *records, size_t count) {
    MONGO_BSON(filter);
    bson_t condition;
    bson_t ids;
    uint32_t size = 0;
    struct slug_reader reader = {arena, records, count};
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&filter, "_id", &condition));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&condition, "$in", &ids));
    for (size_t i = 0; i < count; i++) {
        if (is_first_of_category(records, i)) {
            char buffer[16];
            const char *key = NULL;
            bson_uint32_to_string(size++, &key, buffer, sizeof(buffer));
            mongo_put_id(&ids, key, records[i].category_id);
        }
    }
    CHECK(bson_append_array_end(&condition, &ids));
    CHECK(bson_append_document_end(&filter, &condition));
    return size == 0 ? fault_none()
                     : mongo_connection_find(store, "category.slugs", "categories", &filter, NULL,
                                             read_slug, &reader);
}
