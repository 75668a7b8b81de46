#include <ctype.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "server/api/openapi.h"
#include "server/api/route.h"

static struct arena arena;
static json_t *document;

static int set_up(void **state) {
    (void)state;
    arena_init(&arena, 1 << 26);
    struct str text = openapi_render(&arena);
    document = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    return document == NULL;
}

static int tear_down(void **state) {
    (void)state;
    json_decref(document);
    arena_release(&arena);
    return 0;
}

static json_t *member(json_t *object, const char *path) {
    struct str rest = str_of(path);
    struct str name;
    while (str_next(&rest, '|', &name)) {
        object = json_object_get(object, arena_c_string(&arena, name));
    }
    return object;
}

static const char *text_of(json_t *object, const char *path) {
    const char *text = json_string_value(member(object, path));
    return text == NULL ? "" : text;
}

static json_t *operation_of(const struct route *route) {
    char method[8] = "";
    for (size_t i = 0; http_method_names[route->method][i] != '\0'; i++) {
        method[i] = (char)tolower((unsigned char)http_method_names[route->method][i]);
    }
    json_t *item = NULL;
    const char *path = NULL;
    json_object_foreach(member(document, "paths"), path, item) {
        json_t *operation = json_object_get(item, method);
        if (strcmp(text_of(operation, "operationId"), route->id) == 0) {
            return operation;
        }
    }
    return NULL;
}

/* Calls `check` for everything inside, objects and arrays alike. */
static void walk(json_t *json, void (*check)(json_t *json)) {
    const char *name = NULL;
    json_t *child = NULL;
    size_t i = 0;
    check(json);
    json_object_foreach(json, name, child) {
        walk(child, check);
    }
    json_array_foreach(json, i, child) {
        walk(child, check);
    }
}

static void is_resolved(json_t *json) {
    const char *reference = json_string_value(json_object_get(json, "$ref"));
    if (reference == NULL) {
        return;
    }
    static const char prefix[] = "#/components/schemas/";
    assert_true(str_starts_with(str_of(reference), STR(prefix)));
    json_t *schema =
        json_object_get(member(document, "components|schemas"), reference + sizeof(prefix) - 1);
    assert_true(json_is_object(schema));
    assert_true(json_object_size(schema) > 0);
}

static void requires_only_what_it_has(json_t *json) {
    json_t *required = json_object_get(json, "required");
    json_t *properties = json_object_get(json, "properties");
    json_t *name = NULL;
    size_t i = 0;
    /* Without properties it is an alternative of the schema around it. */
    if (!json_is_array(required) || properties == NULL) {
        return;
    }
    json_array_foreach(required, i, name) {
        assert_non_null(json_object_get(properties, json_string_value(name)));
    }
}

static void is_a_document_of_its_kind(void **state) {
    (void)state;
    assert_string_equal(text_of(document, "openapi"), "3.1.0");
    assert_string_equal(text_of(document, "info|title"), "Aizy");
    assert_string_equal(text_of(document, "components|securitySchemes|bearer|scheme"), "bearer");
}

static void resolves_every_reference(void **state) {
    (void)state;
    walk(document, is_resolved);
    walk(document, requires_only_what_it_has);
}

static void check_parameters(const struct route *route, json_t *operation) {
    size_t path_parameters = 0;
    size_t query_parameters = 0;
    bool knows_keys = false;
    size_t i = 0;
    json_t *parameter = NULL;
    json_array_foreach(json_object_get(operation, "parameters"), i, parameter) {
        assert_true(strlen(text_of(parameter, "name")) > 0);
        assert_non_null(json_object_get(parameter, "schema"));
        bool is_in_path = strcmp(text_of(parameter, "in"), "path") == 0;
        knows_keys |= strcmp(text_of(parameter, "name"), "Idempotency-Key") == 0;
        path_parameters += is_in_path ? 1 : 0;
        query_parameters += strcmp(text_of(parameter, "in"), "query") == 0 ? 1 : 0;
        assert_true(!is_in_path || json_is_true(json_object_get(parameter, "required")));
    }
    size_t wanted = 0;
    for (const char *at = route->path; *at != '\0'; at++) {
        wanted += *at == ':' ? 1 : 0;
    }
    assert_int_equal(path_parameters, wanted);
    assert_int_equal(knows_keys, route->is_idempotent);
    assert_int_equal(query_parameters, route->query == NULL ? 0 : route->query->field_count);
}

static void has_an_operation_for_every_row(void **state) {
    (void)state;
    size_t operations = 0;
    size_t wanted = 0;
    const char *path = NULL;
    json_t *item = NULL;
    for (size_t i = 0; i < route_count; i++) {
        const struct route *route = &routes[i];
        if (route->is_for_tests) {
            continue;
        }
        wanted++;
        json_t *operation = operation_of(route);
        char status[12];
        snprintf(status, sizeof(status), "%d", route->status);
        assert_non_null(operation);
        assert_string_equal(text_of(operation, "summary"), route->summary);
        assert_non_null(json_object_get(member(operation, "responses"), status));
        assert_int_equal(json_object_get(operation, "requestBody") != NULL,
                         route->body != NULL || route->upload != NULL);
        assert_true(json_is_array(json_object_get(operation, "security")));
        assert_int_equal(json_array_size(json_object_get(operation, "security")) == 0,
                         route->access == ACCESS_ANYONE && route->managing == PERMISSION_NONE);
        check_parameters(route, operation);
    }
    json_object_foreach(member(document, "paths"), path, item) {
        assert_null(strchr(path, ':'));
        operations += json_object_size(item);
    }
    assert_int_equal(operations, wanted);
}

static void names_the_faults_of_every_row(void **state) {
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        if (routes[i].is_for_tests) {
            continue;
        }
        json_t *responses = member(operation_of(&routes[i]), "responses");
        for (size_t j = 0; j < ROUTE_FAULTS_MAX && routes[i].faults[j] != FAULT_NONE; j++) {
            const struct fault_row *row = fault_row(routes[i].faults[j]);
            char status[12];
            snprintf(status, sizeof(status), "%d", row->status);
            json_t *response = json_object_get(responses, status);
            assert_non_null(strstr(text_of(response, "description"), row->code));
            assert_string_equal(text_of(response, "content|application/json|schema|$ref"),
                                "#/components/schemas/Error");
        }
    }
}

/* A body may leave out what an answer always has; the two are components of their own. */
static void tells_bodies_from_answers(void **state) {
    (void)state;
    json_t *schemas = member(document, "components|schemas");
    assert_true(json_is_false(member(schemas, "ProductBody|additionalProperties")));
    assert_true(json_is_false(member(schemas, "ProductSeoBody|additionalProperties")));
    assert_null(member(schemas, "Registration|additionalProperties"));
    assert_null(member(schemas, "Product|additionalProperties"));
    assert_int_equal(json_array_size(member(schemas, "ProductSeoBody|required")), 0);
    assert_int_equal(json_array_size(member(schemas, "ProductSeo|required")), 2);
    assert_int_equal(json_array_size(member(schemas, "ProductBody|required")), 1);
    assert_int_equal(json_array_size(member(schemas, "ProductEdit|required")), 0);
    /* The public view has no member that only managers may see. */
    assert_null(member(schemas, "ProductVariant|properties|stock"));
    assert_non_null(member(schemas, "ManagedProductVariant|properties|stock"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_a_document_of_its_kind, set_up, tear_down),
        cmocka_unit_test_setup_teardown(resolves_every_reference, set_up, tear_down),
        cmocka_unit_test_setup_teardown(has_an_operation_for_every_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_the_faults_of_every_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_bodies_from_answers, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
