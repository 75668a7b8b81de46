#include "stores/mongo/category_document.h"

#include <openssl/evp.h>

#include "base/clock.h"
#include "stores/mongo/category_guard.h"
#include "stores/mongo/mongo_command.h"
#include "stores/mongo/mongo_document.h"

#define FIELD(member, key, kind, is_required) \
    { key, MONGO_FIELD_##kind, offsetof(struct category_record, member), is_required, NULL, NULL }

static const struct mongo_field category_fields[] = {
    FIELD(id, "_id", ID, true),
    FIELD(slug, "slug", STR, true),
    FIELD(old_slugs, "old_slugs", STR_LIST, false),
    FIELD(name, "name", STR, true),
    FIELD(parent_id, "parent_id", ID, false),
    FIELD(path, "path", ID_LIST, true),
    FIELD(position, "position", INT64, true),
    FIELD(version, "version", INT64, true),
    FIELD(due, "due", ID, false),
    FIELD(removal.to_id, "removal_to", ID, false),
    FIELD(removal.due, "removal_due", ID, false),
    FIELD(removal.user_id, "removal_user_id", INT64, false),
    FIELD(removal.address, "removal_address", STR, false),
    FIELD(removal.request_id, "removal_request_id", STR, false),
    FIELD(created_at_ms, "created_at", DATE, true),
    FIELD(updated_at_ms, "updated_at", DATE, true),
};
static const struct mongo_shape category_shape = {category_fields, COUNT_OF(category_fields),
                                                  sizeof(struct category_record)};

void category_record_encode(const struct category_record *record, bson_t *document) {
    mongo_shape_encode(&category_shape, record, document);
}

static struct fault decode(const bson_t *document, struct arena *arena,
                           struct category_record *record) {
    *record = (struct category_record){0};
    return mongo_document_decode("categories", &category_shape, document, arena, record);
}

struct found {
    struct arena *arena;
    struct category_record *record;
    bool is_there;
};

static struct fault read_found(void *context, const bson_t *document) {
    struct found *found = context;
    TRY(decode(document, found->arena, found->record));
    found->is_there = true;
    return fault_none();
}

static struct fault find_one(struct mongo_store *store, struct arena *arena, const bson_t *filter,
                             struct category_record *record) {
    MONGO_BSON(options);
    struct found found = {arena, record, false};
    *record = (struct category_record){0};
    mongo_put_int64(&options, "limit", 1);
    TRY(mongo_connection_find(store, "category.find", "categories", filter, &options, read_found,
                              &found));
    ENSURE(found.is_there, FAULT_NOT_FOUND);
    return fault_none();
}

static struct fault find_by_text(struct mongo_store *store, struct arena *arena, const char *key,
                                 struct str slug, struct category_record *record) {
    MONGO_BSON(filter);
    ENSURE(product_slug_is_valid(slug), FAULT_NOT_FOUND);
    mongo_put_str(&filter, key, slug);
    return find_one(store, arena, &filter, record);
}

struct fault category_record_find(struct mongo_store *store, struct arena *arena, struct str slug,
                                  struct category_record *record) {
    return find_by_text(store, arena, "slug", slug, record);
}

struct fault category_record_find_any(struct mongo_store *store, struct arena *arena,
                                      struct str slug, struct category_record *record) {
    struct fault fault = category_record_find(store, arena, slug, record);
    return fault_is(fault, FAULT_NOT_FOUND) ? find_by_text(store, arena, "old_slugs", slug, record)
                                            : fault;
}

struct fault category_record_find_by_id(struct mongo_store *store, struct arena *arena,
                                        struct str id, struct category_record *record) {
    MONGO_BSON(filter);
    ENSURE(product_id_is_valid(id), FAULT_NOT_FOUND);
    mongo_put_id(&filter, "_id", id);
    return find_one(store, arena, &filter, record);
}

struct list_reader {
    struct arena *arena;
    struct category_record_list *list;
    size_t capacity;
};

static void make_room(struct list_reader *reader) {
    struct category_record_list *list = reader->list;
    if (list->count < reader->capacity) {
        return;
    }
    reader->capacity = reader->capacity == 0 ? 16 : 2 * reader->capacity;
    struct category_record *items =
        arena_alloc_array(reader->arena, reader->capacity, sizeof(*items));
    for (size_t i = 0; i < list->count; i++) {
        items[i] = list->items[i];
    }
    list->items = items;
}

static struct fault read_record(void *context, const bson_t *document) {
    struct list_reader *reader = context;
    make_room(reader);
    ENSURE(!arena_is_exhausted(reader->arena), FAULT_ANSWER_TOO_LARGE);
    if (!fault_occurred(
            decode(document, reader->arena, &reader->list->items[reader->list->count]))) {
        reader->list->count++;
    }
    return fault_none();
}

struct fault category_records_read(struct mongo_store *store, struct arena *arena,
                                   const bson_t *filter, const bson_t *options,
                                   struct category_record_list *list) {
    MONGO_BSON(all_options);
    struct list_reader reader = {arena, list, 0};
    *list = (struct category_record_list){0};
    CHECK(options == NULL || bson_concat(&all_options, options));
    mongo_put_int64(&all_options, "limit", CATEGORY_COUNT_MAX);
    return mongo_connection_find(store, "category.list", "categories", filter, &all_options,
                                 read_record, &reader);
}

struct str_list category_path_below(const struct category_record *category, struct arena *arena) {
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

struct str category_slug_of(struct str name, struct arena *arena) {
    struct str slug = product_slug_of(name, arena);
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (!str_is_empty(slug)) {
        return slug;
    }
    CHECK(EVP_Digest(name.data, name.size, digest, NULL, EVP_sha256(), NULL) == 1);
    return arena_printf(arena, "category-%02x%02x%02x%02x", digest[0], digest[1], digest[2],
                        digest[3]);
}

static struct fault ensure_room(struct mongo_store *store) {
    MONGO_BSON(everything);
    int64_t count = 0;
    TRY(mongo_command_count(store, "category.count", "categories", &everything, &count));
    ENSURE(count < CATEGORY_COUNT_MAX, FAULT_CATEGORY_LIMIT);
    return fault_none();
}

struct fault category_record_insert(struct mongo_store *store, struct arena *arena,
                                    const struct category_record *parent, struct str slug,
                                    struct str name, int64_t position,
                                    struct category_record *record) {
    MONGO_BSON(document);
    int64_t now_ms = clock_now_ms();
    *record = (struct category_record){
        .id = mongo_new_id(arena),
        .slug = slug,
        .name = name,
        .parent_id = parent == NULL ? (struct str){0} : parent->id,
        .path = category_path_below(parent, arena),
        .position = position,
        .version = 1,
        .created_at_ms = now_ms,
        .updated_at_ms = now_ms,
        .removal = {.user_id = INT64_ABSENT},
    };
    ENSURE(record->path.count < CATEGORY_DEPTH_MAX, FAULT_CONFLICT);
    TRY(category_guard_close(store));
    TRY(ensure_room(store));
    TRY(category_claim_slug(store, slug));
    category_record_encode(record, &document);
    return mongo_command_insert(store, "category.insert", "categories", &document);
}

struct fault category_claim_slug(struct mongo_store *store, struct str slug) {
    return mongo_command_pull(store, "category.claim_slug", "categories", "old_slugs", slug);
}

void category_set_of_product(const struct category_record *category, struct arena *arena,
                             struct product_record *record) {
    record->category_id = category == NULL ? (struct str){0} : category->id;
    record->category_path = category_path_below(category, arena);
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
