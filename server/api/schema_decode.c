#include "server/api/schema.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/money.h"
#include "server/api/schema_access.h"
#include "server/api/schema_json.h"

struct decoding {
    struct schema_decoding *outer;
    struct str currency; /* of the body, or the default one */
};

static bool decode_object(const struct schema *schema, json_t *json, struct str path,
                          struct decoding *decoding, void *object);

static bool complain(struct decoding *decoding, struct str path, const char *message) {
    violations_add(decoding->outer->violations, path, "%s", message);
    return false;
}

static struct str path_of_member(struct decoding *decoding, struct str path, const char *name) {
    return arena_printf(decoding->outer->arena, "%.*s%s%s", STR_ARG(path), path.size ? "." : "",
                        name);
}

static struct str path_of_item(struct decoding *decoding, struct str path, size_t index) {
    return arena_printf(decoding->outer->arena, "%.*s[%zu]", STR_ARG(path), index);
}

static struct str copy_string(struct decoding *decoding, json_t *json) {
    struct str text = {json_string_value(json), json_string_length(json)};
    return arena_copy(decoding->outer->arena, text);
}

static bool count_fits(const struct field *field, size_t count, struct str path,
                       struct decoding *decoding) {
    struct field_bounds bounds = field_bounds(field);
    if ((int64_t)count < bounds.min || (int64_t)count > bounds.max) {
        violations_add(decoding->outer->violations, path,
                       "must have from %" PRId64 " to %" PRId64 " items", bounds.min, bounds.max);
        return false;
    }
    return true;
}

static bool decode_text(const struct field *field, json_t *json, struct str path,
                        struct decoding *decoding, void *object) {
    if (!json_is_string(json)) {
        return complain(decoding, path, "must be a string");
    }
    return field_store_text(field, copy_string(decoding, json), path, object,
                            decoding->outer->violations);
}

static bool decode_int(const struct field *field, json_t *json, struct str path,
                       struct decoding *decoding, void *object) {
    if (!json_is_integer(json)) {
        return complain(decoding, path, "must be a whole number");
    }
    return field_store_int(field, json_integer_value(json), path, object,
                           decoding->outer->violations);
}

static bool decode_bool(const struct field *field, json_t *json, struct str path,
                        struct decoding *decoding, void *object) {
    if (!json_is_boolean(json)) {
        return complain(decoding, path, "must be true or false");
    }
    *(bool *)field_at(field, object) = json_is_true(json);
    return true;
}

static bool decode_time(const struct field *field, json_t *json, struct str path,
                        struct decoding *decoding, void *object) {
    int64_t time_ms = 0;
    if (!json_is_string(json) || !clock_parse(str_of(json_string_value(json)), &time_ms)) {
        return complain(decoding, path, "must be a time such as 2026-02-06T07:51:00Z");
    }
    *(int64_t *)field_at(field, object) = time_ms;
    return true;
}

static bool decode_money(const struct field *field, json_t *json, struct str path,
                         struct decoding *decoding, void *object) {
    struct violations *violations = decoding->outer->violations;
    if (json_is_real(json)) {
        return complain(decoding, path,
                        "must be a whole number of minor units (1999) or a decimal string "
                        "(\"19.99\"), never a fractional number");
    }
    if (json_is_integer(json)) {
        return field_store_int(field, json_integer_value(json), path, object, violations);
    }
    if (!json_is_string(json)) {
        return complain(decoding, path,
                        "must be a whole number of minor units (1999) or a decimal string "
                        "(\"19.99\")");
    }
    int exponent = currency_exponent(decoding->currency);
    if (exponent < 0) {
        return complain(decoding, path, "cannot be read without a valid currency");
    }
    int64_t minor = 0;
    struct str text = {json_string_value(json), json_string_length(json)};
    if (!money_parse(text, exponent, &minor)) {
        violations_add(violations, path,
                       "must be a decimal string with at most %d decimals for %.*s", exponent,
                       STR_ARG(decoding->currency));
        return false;
    }
    decoding->outer->decimal_currency = decoding->currency;
    return field_store_int(field, minor, path, object, violations);
}

/* Each item obeys the bounds of a short text; the row's own bounds are of the count. */
static bool decode_strings(const struct field *field, json_t *json, struct str path,
                           struct decoding *decoding, void *object) {
    static const struct field item_field = {.name = "", .type = FIELD_STR, .min = 1, .max = 200};
    if (!json_is_array(json)) {
        return complain(decoding, path, "must be a list of strings");
    }
    size_t count = json_array_size(json);
    if (!count_fits(field, count, path, decoding)) {
        return false;
    }
    struct str_list *list = field_at(field, object);
    list->items = arena_alloc_array(decoding->outer->arena, count, sizeof(struct str));
    list->count = count;
    bool fits = true;
    for (size_t i = 0; i < count; i++) {
        struct str item_path = path_of_item(decoding, path, i);
        fits &=
            decode_text(&item_field, json_array_get(json, i), item_path, decoding, &list->items[i]);
    }
    return fits;
}

static bool is_there_twice(const struct str_pair_list *list, struct str name) {
    size_t times = 0;
    for (size_t i = 0; i < list->count; i++) {
        times += str_equals(list->items[i].name, name) ? 1 : 0;
    }
    return times > 1;
}

/* Names that JSON tells apart may be the same once the spaces around them are gone. */
static bool decode_pairs(const struct field *field, json_t *json, struct str path,
                         struct decoding *decoding, void *object) {
    static const struct field value_field = {.name = "", .type = FIELD_STR, .max = 1000};
    if (!json_is_object(json)) {
        return complain(decoding, path, "must be an object of strings");
    }
    if (!count_fits(field, json_object_size(json), path, decoding)) {
        return false;
    }
    struct str_pair_list *list = field_at(field, object);
    list->items =
        arena_alloc_array(decoding->outer->arena, json_object_size(json), sizeof(struct str_pair));
    bool fits = true;
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(json, name, value) {
        static const struct field name_field = {
            .name = "", .type = FIELD_STR, .min = 1, .max = 100};
        struct str_pair *pair = &list->items[list->count++];
        struct str member_path = path_of_member(decoding, path, name);
        struct str copy = arena_copy(decoding->outer->arena, str_of(name));
        fits &= field_store_text(&name_field, copy, member_path, &pair->name,
                                 decoding->outer->violations);
        fits &= decode_text(&value_field, value, member_path, decoding, &pair->value);
        if (!str_is_absent(pair->name) && is_there_twice(list, pair->name)) {
            fits = complain(decoding, member_path, "is there twice");
        }
    }
    return fits;
}

static bool decode_objects(const struct field *field, json_t *json, struct str path,
                           struct decoding *decoding, void *object) {
    if (!json_is_array(json)) {
        return complain(decoding, path, "must be a list of objects");
    }
    size_t count = json_array_size(json);
    if (!count_fits(field, count, path, decoding)) {
        return false;
    }
    struct any_list list = {arena_alloc_array(decoding->outer->arena, count, field->object->size),
                            count};
    memcpy(field_at(field, object), &list, sizeof(list));
    bool fits = true;
    for (size_t i = 0; i < count; i++) {
        fits &=
            decode_object(field->object, json_array_get(json, i), path_of_item(decoding, path, i),
                          decoding, (char *)list.items + i * field->object->size);
    }
    return fits;
}

static bool decode_member(const struct field *field, json_t *json, struct str path,
                          struct decoding *decoding, void *object) {
    if (json_is_null(json)) {
        if (!field->is_nullable) {
            return complain(decoding, path, "must not be null");
        }
        field_store_absent(field, object);
        return true;
    }
    switch (field->type) {
    case FIELD_UNSET:
        break;
    case FIELD_STR:
    case FIELD_CHOICE:
        return decode_text(field, json, path, decoding, object);
    case FIELD_INT:
        return decode_int(field, json, path, decoding, object);
    case FIELD_BOOL:
        return decode_bool(field, json, path, decoding, object);
    case FIELD_TIME:
        return decode_time(field, json, path, decoding, object);
    case FIELD_MONEY:
        return decode_money(field, json, path, decoding, object);
    case FIELD_STRS:
        return decode_strings(field, json, path, decoding, object);
    case FIELD_PAIRS:
        return decode_pairs(field, json, path, decoding, object);
    case FIELD_OBJECT:
        return decode_object(field->object, json, path, decoding, field_at(field, object));
    case FIELD_OBJECTS:
        return decode_objects(field, json, path, decoding, object);
    }
    CHECK(false);
}

static const struct field *find_field(const struct schema *schema, const char *name) {
    for (size_t i = 0; i < schema->field_count; i++) {
        if (strcmp(schema->fields[i].name, name) == 0) {
            return &schema->fields[i];
        }
    }
    return NULL;
}

/* The first name stands for all of them: it is what most clients mean to send. */
static bool has_any_of(const struct schema *schema, json_t *json, struct str path,
                       struct decoding *decoding) {
    for (size_t i = 0; schema->any_of[i] != NULL; i++) {
        if (json_object_get(json, schema->any_of[i]) != NULL) {
            return true;
        }
    }
    return complain(decoding, path_of_member(decoding, path, schema->any_of[0]), "is required");
}

static bool decode_object(const struct schema *schema, json_t *json, struct str path,
                          struct decoding *decoding, void *object) {
    schema_clear(schema, object);
    if (!json_is_object(json)) {
        return complain(decoding, path, "must be an object");
    }
    bool fits = true;
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        json_t *member = json_object_get(json, field->name);
        if (member == NULL && !schema_requires(schema, field)) {
            continue;
        }
        struct str member_path = path_of_member(decoding, path, field->name);
        if (member == NULL) {
            fits = complain(decoding, member_path, "is required");
            continue;
        }
        field_mark_given(field, object);
        fits &= decode_member(field, member, member_path, decoding, object);
    }
    if (schema->any_of != NULL) {
        fits &= has_any_of(schema, json, path, decoding);
    }
    const char *name = NULL;
    json_t *member = NULL;
    json_object_foreach(json, name, member) {
        if (!schema->ignores_unknown && find_field(schema, name) == NULL) {
            fits = complain(decoding, path_of_member(decoding, path, name), "is not known here");
        }
    }
    return fits;
}

static struct decoding decoding_begin(struct schema_decoding *outer, json_t *root) {
    json_t *currency = json_object_get(root, "currency");
    outer->decimal_currency = (struct str){NULL, 0};
    struct decoding decoding = {.outer = outer, .currency = outer->default_currency};
    if (json_is_string(currency)) {
        decoding.currency = str_trim(copy_string(&decoding, currency));
    }
    return decoding;
}

struct fault schema_decode(const struct schema *schema, struct str json,
                           struct schema_decoding *outer, void **object) {
    json_t *root = schema_json_parse(json);
    ENSURE(root != NULL, FAULT_MALFORMED_JSON);

    struct decoding decoding = decoding_begin(outer, root);
    *object = arena_alloc(outer->arena, schema->size);
    bool fits = decode_object(schema, root, STR(""), &decoding, *object);
    json_decref(root);
    ENSURE(fits, FAULT_INVALID);
    return fault_none();
}

static bool decode_list(const struct schema *schema, json_t *array, const char *member,
                        struct schema_decoding *outer, struct any_list *list) {
    list->count = json_array_size(array);
    list->items = arena_alloc_array(outer->arena, list->count, schema->size);
    bool fits = true;
    for (size_t i = 0; i < list->count; i++) {
        json_t *item = json_array_get(array, i);
        struct decoding decoding = decoding_begin(outer, item);
        struct str path = path_of_item(&decoding, str_of(member), i);
        fits &=
            decode_object(schema, item, path, &decoding, (char *)list->items + i * schema->size);
    }
    return fits;
}

struct fault schema_decode_list(const struct schema *schema, const char *member, struct str json,
                                struct schema_decoding *outer, struct any_list *list) {
    json_t *root = schema_json_parse(json);
    ENSURE(root != NULL, FAULT_MALFORMED_JSON);

    json_t *array = json_object_get(root, member);
    bool fits = json_is_array(array) && decode_list(schema, array, member, outer, list);
    if (!json_is_array(array)) {
        violations_add(outer->violations, str_of(member), "must be a list of objects");
    }
    json_decref(root);
    ENSURE(fits, FAULT_INVALID);
    return fault_none();
}
