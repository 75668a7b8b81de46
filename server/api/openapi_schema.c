#include "server/api/openapi_schema.h"

#include "server/api/format.h"
#include "server/api/schema_access.h"

void openapi_set(json_t *object, const char *name, json_t *value) {
    CHECK(json_object_set_new(object, name, value) == 0);
}

static json_t *typed(const char *type) {
    json_t *object = json_object();
    openapi_set(object, "type", json_string(type));
    return object;
}

static void set_bounds(json_t *object, const struct field *field, const char *min_name,
                       const char *max_name) {
    struct field_bounds bounds = field_bounds(field);
    if (bounds.min != 0) {
        openapi_set(object, min_name, json_integer(bounds.min));
    }
    openapi_set(object, max_name, json_integer(bounds.max));
}

static json_t *text_schema(const struct field *field, bool is_reply) {
    json_t *object = typed("string");
    if (field->choices != NULL) {
        json_t *names = json_array();
        for (size_t i = 0; field->choices[i] != NULL; i++) {
            json_array_append_new(names, json_string(field->choices[i]));
        }
        openapi_set(object, "enum", names);
        return object;
    }
    if (field->format != FORMAT_NONE) {
        openapi_set(object, "format", json_string(format_name(field->format)));
    }
    if (!is_reply) {
        set_bounds(object, field, "minLength", "maxLength");
    }
    return object;
}

static json_t *number_schema(const struct field *field, bool is_reply) {
    json_t *object = typed("integer");
    if (!is_reply) {
        openapi_set(object, "minimum", json_integer(field_bounds(field).min));
        openapi_set(object, "maximum", json_integer(field_bounds(field).max));
    }
    return object;
}

/* A request may also give a decimal string. */
static json_t *money_schema(const struct field *field, bool is_reply) {
    json_t *number = number_schema(field, is_reply);
    if (is_reply) {
        return number;
    }
    json_t *text = typed("string");
    openapi_set(text, "pattern", json_string("^[0-9]+(\\.[0-9]+)?$"));
    json_t *object = json_object();
    openapi_set(object, "anyOf", json_pack("[o,o]", number, text));
    return object;
}

static json_t *list_schema(const struct field *field, bool is_reply, json_t *items) {
    json_t *object = typed("array");
    openapi_set(object, "items", items);
    if (!is_reply) {
        set_bounds(object, field, "minItems", "maxItems");
    }
    return object;
}

static json_t *plain_schema(const struct field *field, bool is_reply, json_t *components) {
    json_t *object = NULL;
    switch (field->type) {
    case FIELD_UNSET:
        break;
    case FIELD_STR:
    case FIELD_CHOICE:
        return text_schema(field, is_reply);
    case FIELD_INT:
        return number_schema(field, is_reply);
    case FIELD_BOOL:
        return typed("boolean");
    case FIELD_TIME:
        object = typed("string");
        openapi_set(object, "format", json_string("date-time"));
        return object;
    case FIELD_MONEY:
        return money_schema(field, is_reply);
    case FIELD_STRS:
        return list_schema(field, is_reply, typed("string"));
    case FIELD_PAIRS:
        object = typed("object");
        openapi_set(object, "additionalProperties", typed("string"));
        return object;
    case FIELD_OBJECT:
        return openapi_schema_reference(field->object, is_reply, components);
    case FIELD_OBJECTS:
        return list_schema(field, is_reply,
                           openapi_schema_reference(field->object, is_reply, components));
    }
    CHECK(false);
}

json_t *openapi_field_schema(const struct field *field, bool is_reply, json_t *components) {
    json_t *object = plain_schema(field, is_reply, components);
    if (field->is_nullable) {
        object = json_pack("{s:[o,o]}", "anyOf", object, typed("null"));
    }
    openapi_set(object, "description", json_string(field->doc));
    return object;
}

static json_t *any_of_schema(const struct schema *schema) {
    json_t *alternatives = json_array();
    for (size_t i = 0; schema->any_of[i] != NULL; i++) {
        json_array_append_new(alternatives, json_pack("{s:s,s:[s]}", "type", "object", "required",
                                                      schema->any_of[i]));
    }
    return alternatives;
}

static json_t *object_schema(const struct schema *schema, bool is_reply, json_t *components) {
    json_t *object = typed("object");
    json_t *properties = json_object();
    json_t *required = json_array();
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        openapi_set(properties, field->name, openapi_field_schema(field, is_reply, components));
        bool is_always_there = is_reply ? !field->omit_absent : schema_requires(schema, field);
        if (is_always_there) {
            json_array_append_new(required, json_string(field->name));
        }
    }
    openapi_set(object, "properties", properties);
    openapi_set(object, "required", required);
    if (schema->any_of != NULL && !is_reply) {
        openapi_set(object, "anyOf", any_of_schema(schema));
    }
    bool is_closed = schema->field_count > 0 && !is_reply && !schema->ignores_unknown;
    if (is_closed) {
        openapi_set(object, "additionalProperties", json_false());
    }
    return object;
}

json_t *openapi_schema_reference(const struct schema *schema, bool is_reply, json_t *components) {
    if (json_object_get(components, schema->name) == NULL) {
        openapi_set(components, schema->name, json_object());
        openapi_set(components, schema->name, object_schema(schema, is_reply, components));
    }
    return json_pack("{s:o}", "$ref", json_sprintf("#/components/schemas/%s", schema->name));
}
