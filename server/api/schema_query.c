#include "server/api/schema.h"

#include "base/clock.h"
#include "server/api/schema_access.h"
#include "server/api/url.h"

/* More than any route has names; what comes after them is not read, for this is the loop thread. */
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

static void store_time(const struct field *field, struct str text, struct str path, void *object,
                       struct violations *violations) {
    int64_t time_ms = 0;
    if (!clock_parse(text, &time_ms)) {
        violations_add(violations, path, "must be a time such as 2026-02-06T07:51:00Z");
        return;
    }
    *(int64_t *)field_at(field, object) = time_ms;
}

bool schema_is_for_queries(const struct schema *schema) {
    for (size_t i = 0; i < schema->field_count; i++) {
        switch (schema->fields[i].type) {
        case FIELD_STR:
        case FIELD_CHOICE:
        case FIELD_INT:
        case FIELD_BOOL:
        case FIELD_TIME:
            break;
        default:
            return false;
        }
    }
    return schema->field_count <= QUERY_MAX_PAIRS;
}

static void store_value(const struct field *field, struct str text, void *object,
                        struct violations *violations) {
    struct str path = str_of(field->name);
    switch (field->type) {
    case FIELD_BOOL:
        store_bool(field, text, path, object, violations);
        return;
    case FIELD_INT:
        store_number(field, text, path, object, violations);
        return;
    case FIELD_TIME:
        store_time(field, text, path, object, violations);
        return;
    case FIELD_STR:
    case FIELD_CHOICE:
        field_store_text(field, text, path, object, violations);
        return;
    default:
        CHECK(false);
    }
}

/* Which rows have had their pair, by index. */
struct seen {
    bool rows[QUERY_MAX_PAIRS];
};

static void take_pair(const struct schema *schema, struct str pair, struct seen *seen,
                      struct schema_decoding *decoding, void *object) {
    size_t equals = str_find_byte(pair, '=');
    struct str name;
    struct str value;
    if (!decode_component(str_slice(pair, 0, equals), decoding->arena, &name) ||
        !decode_component(str_slice(pair, equals + 1, pair.size), decoding->arena, &value)) {
        violations_add(decoding->violations, STR("query"), "is not valid percent-encoded UTF-8");
        return;
    }
    const struct field *field = find_field(schema, name);
    if (field == NULL) {
        violations_add(decoding->violations, name, "is not known here");
        return;
    }
    bool *is_seen = &seen->rows[field - schema->fields];
    if (*is_seen) {
        violations_add(decoding->violations, name, "must be given once");
        return;
    }
    *is_seen = true;
    field_mark_given(field, object);
    store_value(field, value, object, decoding->violations);
}

struct fault schema_decode_query(const struct schema *schema, struct str query,
                                 struct schema_decoding *decoding, void **object) {
    struct violations *violations = decoding->violations;
    struct seen seen = {0};
    size_t pair_count = 0;
    struct str rest = query;
    struct str pair;

    CHECK(schema_is_for_queries(schema));
    *object = arena_alloc(decoding->arena, schema->size);
    schema_clear(schema, *object);
    while (pair_count <= QUERY_MAX_PAIRS && str_next(&rest, '&', &pair)) {
        if (++pair_count > QUERY_MAX_PAIRS) {
            violations_add(violations, STR("query"), "has more than %d members", QUERY_MAX_PAIRS);
        } else if (pair.size > 0) {
            take_pair(schema, pair, &seen, decoding, *object);
        }
    }
    for (size_t i = 0; i < schema->field_count; i++) {
        if (!seen.rows[i] && schema_requires(schema, &schema->fields[i])) {
            violations_add(violations, str_of(schema->fields[i].name), "is required");
        }
    }
    ENSURE(!violations_any(violations), FAULT_INVALID);
    return fault_none();
}
