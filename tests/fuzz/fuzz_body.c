/* schema_decode: what a body says is told in the same words by its encoding; and product_apply. */
#include <jansson.h>
#include <stdlib.h>

#include "server/api/auth/auth.h"
#include "server/api/products/product_schema.h"
#include "tests/fuzz/fuzz_schema.h"

static struct fault decode(const struct schema *schema, struct str json, struct arena *arena,
                           void **object, struct str *currency) {
    struct violations violations;
    violations_init(&violations, arena);
    struct schema_decoding decoding = {
        .arena = arena, .violations = &violations, .default_currency = STR("USD")};
    struct fault fault = schema_decode(schema, json, &decoding, object);
    CHECK(violations_any(&violations) == fault_is(fault, FAULT_INVALID));
    for (size_t i = 0; i < violations.count; i++) {
        CHECK(fuzz_is_text(violations.items[i].field) && fuzz_is_text(violations.items[i].message));
    }
    *currency = decoding.decimal_currency;
    return fault;
}

/* An answer says null of what is absent; a body leaves it out. */
static void remove_nulls(json_t *value) {
    size_t index = 0;
    const char *name = NULL;
    void *next = NULL;
    json_t *inner = NULL;
    json_array_foreach(value, index, inner) {
        remove_nulls(inner);
    }
    json_object_foreach_safe(value, next, name, inner) {
        if (json_is_null(inner)) {
            (void)json_object_del(value, name);
        } else {
            remove_nulls(inner);
        }
    }
}

/* The body that gives what the object was given. */
static struct str body_of(const struct schema *schema, const void *object, struct str encoded,
                          struct arena *arena) {
    json_error_t error;
    json_t *root = json_loadb(encoded.data, encoded.size, JSON_REJECT_DUPLICATES, &error);
    CHECK(json_is_object(root));
    for (size_t i = 0; i < schema->field_count; i++) {
        const char *name = schema->fields[i].name;
        if (schema_has_given(schema, name) && !schema_was_given(schema, object, name)) {
            (void)json_object_del(root, name);
        }
    }
    remove_nulls(root);
    char *text = json_dumps(root, JSON_COMPACT);
    CHECK(text != NULL);
    struct str body = arena_copy(arena, str_of(text));
    free(text);
    json_decref(root);
    return body;
}

static void apply(struct product_edit *edit, struct str currency, struct arena *arena) {
    struct product product = {0};
    struct violations violations;
    violations_init(&violations, arena);
    edit->decimal_currency = currency;
    struct fault fault = product_apply(&product, edit, STR("USD"), arena, &violations);
    CHECK(fault_occurred(fault) == violations_any(&violations));
    if (fault_occurred(fault)) {
        return;
    }
    CHECK(product_slug_is_valid(product.slug) && product.variants.count > 0);
    fuzz_check_object(&product_managing_schema, &product);
    json_error_t error;
    struct str encoded = fuzz_encode(&product_managing_schema, &product, arena);
    json_t *root = json_loadb(encoded.data, encoded.size, JSON_REJECT_DUPLICATES, &error);
    CHECK(json_is_object(root));
    json_decref(root);
}

void fuzz_one(struct str input, struct arena *arena) {
    static const struct schema *const schemas[] = {&product_create_schema, &product_edit_schema,
                                                   &register_body_schema, &login_body_schema};
    const struct schema *schema = schemas[fuzz_take_byte(&input) % COUNT_OF(schemas)];
    void *object = NULL;
    struct str currency;
    if (fault_occurred(decode(schema, input, arena, &object, &currency))) {
        return;
    }
    fuzz_check_object(schema, object);
    struct str encoded = fuzz_encode(schema, object, arena);
    struct str body = body_of(schema, object, encoded, arena);
    void *again = NULL;
    struct str same_currency;
    CHECK(!fault_occurred(decode(schema, body, arena, &again, &same_currency)));
    CHECK(str_equals(fuzz_encode(schema, again, arena), encoded));
    if (schema == &product_create_schema) {
        apply(object, currency, arena);
    }
}
