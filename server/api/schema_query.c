#include "server/api/schema.h"

#include "server/api/route.h"
#include "server/api/schema_access.h"

/* More pairs than any route has names; further ones are a violation of their own. */
#define QUERY_MAX_PAIRS 64

static const struct field *find_field(const struct schema *schema, struct str name) {
    for (size_t i = 0; i < schema->field_count; i++) {
        if (str_equals(name, str_of(schema->fields[i].name))) {
            return &schema->fields[i];
        }
    }
    return NULL;
}

/* In a form '+' is a space; a literal one comes as %2B. */
static bool decode_component(struct str text, struct arena *arena, struct str *decoded) {
    char *copy = arena_alloc(arena, text.size + 1);
    for (size_t i = 0; i < text.size; i++) {
        copy[i] = text.data[i] == '+' ? ' ' : text.data[i];
    }
    return url_decode((struct str){copy, text.size}, arena, decoded);
}

static void store_bool(const struct field *field, struct str text, struct str path, void *object,
                       struct violations *violations) {
    bool is_true = str_equals(text, STR("true"));
    if (!is_true && !str_equals(text, STR("false"))) {
        violations_add(violations, path, "must be true or false");
        return;
    }
    *(bool *)field_at(field, object) = is_true;
}

static void store_number(const struct field *field, struct str text, struct str path, void *object,
                         struct violations *violations) {
    int64_t number = 0;
    if (!str_to_int64(text, &number)) {
        violations_add(violations, path, "must be a whole number");
        return;
    }
    field_store_int(field, number, path, object, violations);
}

static void store_value(const struct field *field, struct str text, void *object,
                        struct violations *violations) {
    struct str path = str_of(field->name);
    field_mark_given(field, object);
    switch (field->type) {
    case FIELD_BOOL:
        store_bool(field, text, path, object, violations);
        return;
    case FIELD_INT:
    case FIELD_MONEY:
        store_number(field, text, path, object, violations);
        return;
    case FIELD_STR:
    case FIELD_CHOICE:
        field_store_text(field, text, path, object, violations);
        return;
    default:
        CHECK(false);
    }
}

struct fault schema_decode_query(const struct schema *schema, struct str query,
                                 struct schema_decoding *decoding, void **object) {
    struct violations *violations = decoding->violations;
    const struct field *seen[QUERY_MAX_PAIRS];
    size_t seen_count = 0;
    struct str rest = query;
    struct str pair;

    *object = arena_alloc(decoding->arena, schema->size);
    schema_clear(schema, *object);
    while (str_next(&rest, '&', &pair)) {
        size_t equals = str_find_byte(pair, '=');
        struct str name;
        struct str value;
        if (pair.size == 0) {
            continue;
        }
        ENSURE(seen_count < QUERY_MAX_PAIRS, FAULT_INVALID);
        if (!decode_component(str_slice(pair, 0, equals), decoding->arena, &name) ||
            !decode_component(str_slice(pair, equals + 1, pair.size), decoding->arena, &value)) {
            violations_add(violations, STR("query"), "is not valid percent-encoded UTF-8");
            continue;
        }
        const struct field *field = find_field(schema, name);
        if (field == NULL) {
            violations_add(violations, name, "is not known here");
            continue;
        }
        bool is_repeated = false;
        for (size_t i = 0; i < seen_count; i++) {
            is_repeated |= seen[i] == field;
        }
        if (is_repeated) {
            violations_add(violations, name, "must be given once");
            continue;
        }
        seen[seen_count++] = field;
        store_value(field, value, *object, violations);
    }
    ENSURE(!violations_any(violations), FAULT_INVALID);
    return fault_none();
}
