#include "stores/mongo/mongo_bson.h"

#include <math.h>

#define DATE_MIN_MS (-62167219200000LL) /* 0000-01-01 */
#define DATE_MAX_MS 253402300799999LL   /* 9999-12-31 */
#define ID_DIGITS 24

/* What every list of this project looks like in memory. */
struct any_list {
    void *items;
    size_t count;
};

void mongo_put_str(bson_t *document, const char *key, struct str text) {
    if (!str_is_absent(text)) {
        CHECK(text.size <= INT32_MAX);
        CHECK(bson_append_utf8(document, key, -1, text.data, (int)text.size));
    }
}

void mongo_put_int64(bson_t *document, const char *key, int64_t number) {
    if (number != INT64_ABSENT) {
        CHECK(BSON_APPEND_INT64(document, key, number));
    }
}

void mongo_put_id(bson_t *document, const char *key, struct str id) {
    if (str_is_absent(id)) {
        return;
    }
    CHECK(id.size == ID_DIGITS && bson_oid_is_valid(id.data, id.size));
    char digits[ID_DIGITS + 1] = {0};
    memcpy(digits, id.data, ID_DIGITS);
    bson_oid_t oid;
    bson_oid_init_from_string(&oid, digits);
    CHECK(BSON_APPEND_OID(document, key, &oid));
}

static void put_list(bson_t *document, const char *key, const struct str_list *list,
                     void (*put)(bson_t *array, const char *key, struct str item)) {
    bson_t array;
    CHECK(BSON_APPEND_ARRAY_BEGIN(document, key, &array));
    for (size_t i = 0; i < list->count; i++) {
        char buffer[16];
        const char *index = NULL;
        bson_uint32_to_string((uint32_t)i, &index, buffer, sizeof(buffer));
        put(&array, index, list->items[i]);
    }
    CHECK(bson_append_array_end(document, &array));
}

void mongo_put_strs(bson_t *document, const char *key, const struct str_list *texts) {
    put_list(document, key, texts, mongo_put_str);
}

void mongo_put_ids(bson_t *document, const char *key, const struct str_list *ids) {
    put_list(document, key, ids, mongo_put_id);
}

static struct str id_text(const bson_oid_t *oid, struct arena *arena) {
    char digits[ID_DIGITS + 1];
    bson_oid_to_string(oid, digits);
    return arena_copy(arena, str_of(digits));
}

struct str mongo_new_id(struct arena *arena) {
    bson_oid_t oid;
    bson_oid_init(&oid, NULL);
    return id_text(&oid, arena);
}

static bool read_int64(const bson_iter_t *at, int64_t *number) {
    if (BSON_ITER_HOLDS_INT32(at) || BSON_ITER_HOLDS_INT64(at)) {
        *number = bson_iter_as_int64(at);
        return *number != INT64_ABSENT;
    }
    /* The MongoDB shell writes plain numbers as doubles. */
    double value = BSON_ITER_HOLDS_DOUBLE(at) ? bson_iter_double(at) : NAN;
    if (!(fabs(value) < 9007199254740992.0) || trunc(value) < value || trunc(value) > value) {
        return false;
    }
    *number = (int64_t)value;
    return true;
}

int64_t mongo_get_int64(const bson_t *document, const char *key) {
    bson_iter_t start;
    bson_iter_t at;
    int64_t number = 0;
    bool is_there = bson_iter_init(&start, document) && bson_iter_find_descendant(&start, key, &at);
    return is_there && read_int64(&at, &number) ? number : 0;
}

struct str mongo_get_str(const bson_t *document, const char *key) {
    bson_iter_t start;
    bson_iter_t at;
    if (!bson_iter_init(&start, document) || !bson_iter_find_descendant(&start, key, &at) ||
        !BSON_ITER_HOLDS_UTF8(&at)) {
        return (struct str){0};
    }
    uint32_t size = 0;
    const char *text = bson_iter_utf8(&at, &size);
    return (struct str){text, size};
}

static void encode_items(const struct mongo_field *field, const struct any_list *list,
                         bson_t *array) {
    const struct str *texts = list->items;
    const struct str_pair *pairs = list->items;
    for (size_t i = 0; i < list->count; i++) {
        char buffer[16];
        const char *key = NULL;
        bson_uint32_to_string((uint32_t)i, &key, buffer, sizeof(buffer));
        bson_t item;
        switch (field->kind) {
        case MONGO_FIELD_STR_LIST:
            mongo_put_str(array, key, texts[i]);
            break;
        case MONGO_FIELD_ID_LIST:
            mongo_put_id(array, key, texts[i]);
            break;
        case MONGO_FIELD_PAIR_LIST:
            CHECK(BSON_APPEND_DOCUMENT_BEGIN(array, key, &item));
            mongo_put_str(&item, "name", pairs[i].name);
            mongo_put_str(&item, "value", pairs[i].value);
            CHECK(bson_append_document_end(array, &item));
            break;
        default:
            CHECK(BSON_APPEND_DOCUMENT_BEGIN(array, key, &item));
            mongo_shape_encode(field->shape,
                               (const char *)list->items + i * field->shape->struct_size, &item);
            CHECK(bson_append_document_end(array, &item));
        }
    }
}

static void encode_field(const struct mongo_field *field, const void *member, bson_t *document) {
    bson_t child;
    struct any_list list;
    switch (field->kind) {
    case MONGO_FIELD_STR:
        mongo_put_str(document, field->key, *(const struct str *)member);
        break;
    case MONGO_FIELD_ID:
        mongo_put_id(document, field->key, *(const struct str *)member);
        break;
    case MONGO_FIELD_INT64:
        mongo_put_int64(document, field->key, *(const int64_t *)member);
        break;
    case MONGO_FIELD_BOOL:
        CHECK(BSON_APPEND_BOOL(document, field->key, *(const bool *)member));
        break;
    case MONGO_FIELD_DATE:
        CHECK(BSON_APPEND_DATE_TIME(document, field->key, *(const int64_t *)member));
        break;
    case MONGO_FIELD_ENUM:
        mongo_put_str(document, field->key, str_of(field->names[*(const unsigned *)member]));
        break;
    case MONGO_FIELD_DOCUMENT:
        CHECK(BSON_APPEND_DOCUMENT_BEGIN(document, field->key, &child));
        mongo_shape_encode(field->shape, member, &child);
        CHECK(bson_append_document_end(document, &child));
        break;
    case MONGO_FIELD_STR_LIST:
    case MONGO_FIELD_ID_LIST:
    case MONGO_FIELD_PAIR_LIST:
    case MONGO_FIELD_LIST:
        memcpy(&list, member, sizeof(list));
        CHECK(list.count <= MONGO_LIST_MAX);
        CHECK(BSON_APPEND_ARRAY_BEGIN(document, field->key, &child));
        encode_items(field, &list, &child);
        CHECK(bson_append_array_end(document, &child));
        break;
    }
}

void mongo_shape_encode(const struct mongo_shape *shape, const void *object, bson_t *document) {
    for (size_t i = 0; i < shape->count; i++) {
        const struct mongo_field *field = &shape->fields[i];
        encode_field(field, (const char *)object + field->offset, document);
    }
}

static bool read_str(const bson_iter_t *at, struct arena *arena, struct str *text) {
    if (!BSON_ITER_HOLDS_UTF8(at)) {
        return false;
    }
    uint32_t size = 0;
    const char *data = bson_iter_utf8(at, &size);
    *text = arena_copy(arena, (struct str){data, size});
    return str_is_utf8(*text);
}

static bool read_id(const bson_iter_t *at, struct arena *arena, struct str *id) {
    if (!BSON_ITER_HOLDS_OID(at)) {
        return false;
    }
    *id = id_text(bson_iter_oid(at), arena);
    return true;
}

static bool read_date(const bson_iter_t *at, int64_t *time_ms) {
    if (!BSON_ITER_HOLDS_DATE_TIME(at)) {
        return false;
    }
    *time_ms = bson_iter_date_time(at);
    return *time_ms >= DATE_MIN_MS && *time_ms <= DATE_MAX_MS;
}

static bool read_enum(const bson_iter_t *at, const char *const *names, void *member) {
    if (!BSON_ITER_HOLDS_UTF8(at)) {
        return false;
    }
    const char *text = bson_iter_utf8(at, NULL);
    for (unsigned i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], text) == 0) {
            memcpy(member, &i, sizeof(i));
            return true;
        }
    }
    return false;
}

static bool read_document(const bson_iter_t *at, const struct mongo_shape *shape,
                          struct arena *arena, void *object) {
    uint32_t size = 0;
    const uint8_t *data = NULL;
    bson_t document;
    const char *key = NULL;
    if (!BSON_ITER_HOLDS_DOCUMENT(at)) {
        return false;
    }
    bson_iter_document(at, &size, &data);
    return bson_init_static(&document, data, size) &&
           mongo_shape_decode(shape, &document, arena, object, &key);
}

static const struct mongo_field pair_fields[] = {
    {"name", MONGO_FIELD_STR, offsetof(struct str_pair, name), true, NULL, NULL},
    {"value", MONGO_FIELD_STR, offsetof(struct str_pair, value), true, NULL, NULL},
};
static const struct mongo_shape pair_shape = {pair_fields, COUNT_OF(pair_fields),
                                              sizeof(struct str_pair)};

static bool read_list(const bson_iter_t *at, const struct mongo_field *field, struct arena *arena,
                      void *member) {
    bson_iter_t item;
    bool is_texts = field->kind == MONGO_FIELD_STR_LIST || field->kind == MONGO_FIELD_ID_LIST;
    const struct mongo_shape *shape =
        field->kind == MONGO_FIELD_PAIR_LIST ? &pair_shape : field->shape;
    size_t item_size = is_texts ? sizeof(struct str) : shape->struct_size;
    size_t count = 0;
    if (!BSON_ITER_HOLDS_ARRAY(at) || !bson_iter_recurse(at, &item)) {
        return false;
    }
    while (bson_iter_next(&item)) {
        count++;
    }
    if (count > MONGO_LIST_MAX) {
        return false;
    }
    char *items = arena_alloc_array(arena, count, item_size);
    struct any_list list = {items, count};
    memcpy(member, &list, sizeof(list));
    if (!bson_iter_recurse(at, &item)) {
        return false;
    }
    for (size_t i = 0; i < count && bson_iter_next(&item); i++) {
        void *object = items + i * item_size;
        bool fits = field->kind == MONGO_FIELD_STR_LIST ? read_str(&item, arena, object)
                    : field->kind == MONGO_FIELD_ID_LIST
                        ? read_id(&item, arena, object)
                        : read_document(&item, shape, arena, object);
        if (!fits) {
            return false;
        }
    }
    return true;
}

static bool decode_field(const struct mongo_field *field, const bson_iter_t *at,
                         struct arena *arena, void *member) {
    switch (field->kind) {
    case MONGO_FIELD_STR:
        return read_str(at, arena, member);
    case MONGO_FIELD_ID:
        return read_id(at, arena, member);
    case MONGO_FIELD_INT64:
        return read_int64(at, member);
    case MONGO_FIELD_BOOL:
        *(bool *)member = BSON_ITER_HOLDS_BOOL(at) && bson_iter_bool(at);
        return BSON_ITER_HOLDS_BOOL(at);
    case MONGO_FIELD_DATE:
        return read_date(at, member);
    case MONGO_FIELD_ENUM:
        return read_enum(at, field->names, member);
    case MONGO_FIELD_DOCUMENT:
        return read_document(at, field->shape, arena, member);
    case MONGO_FIELD_STR_LIST:
    case MONGO_FIELD_ID_LIST:
    case MONGO_FIELD_PAIR_LIST:
    case MONGO_FIELD_LIST:
        return read_list(at, field, arena, member);
    }
    return false;
}

bool mongo_shape_decode(const struct mongo_shape *shape, const bson_t *document,
                        struct arena *arena, void *object, const char **key) {
    for (size_t i = 0; i < shape->count; i++) {
        const struct mongo_field *field = &shape->fields[i];
        char *member = (char *)object + field->offset;
        bson_iter_t at;
        *key = field->key;
        if (bson_iter_init_find(&at, document, field->key) && !BSON_ITER_HOLDS_NULL(&at)) {
            if (!decode_field(field, &at, arena, member)) {
                return false;
            }
        } else if (field->is_required) {
            return false;
        } else if (field->kind == MONGO_FIELD_INT64 || field->kind == MONGO_FIELD_DATE) {
            int64_t absent = INT64_ABSENT;
            memcpy(member, &absent, sizeof(absent));
        }
    }
    return true;
}
