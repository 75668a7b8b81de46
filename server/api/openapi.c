#include "server/api/openapi.h"

#include <stdlib.h>

#include "server/api/openapi_schema.h"
#include "server/api/route.h"

struct document {
    json_t *schemas;
    json_t *paths;
};

/* "/api/products/:id" is "/api/products/{id}" there. */
static struct str path_template(const char *path, struct arena *arena) {
    struct str text = STR("");
    struct str rest = str_of(path + 1);
    struct str segment;
    while (str_next(&rest, '/', &segment)) {
        bool is_parameter = segment.data[0] == ':';
        struct str name = is_parameter ? str_slice(segment, 1, segment.size) : segment;
        text = arena_printf(arena, "%.*s/%s%.*s%s", STR_ARG(text), is_parameter ? "{" : "",
                            STR_ARG(name), is_parameter ? "}" : "");
    }
    return text;
}

static json_t *json_of(struct str text) {
    return json_stringn(text.data, text.size);
}

static void add_path_parameters(const struct route *route, json_t *parameters) {
    struct str rest = str_of(route->path + 1);
    struct str segment;
    while (str_next(&rest, '/', &segment)) {
        if (segment.data[0] == ':') {
            json_array_append_new(parameters,
                                  json_pack("{s:o,s:s,s:b,s:{s:s}}", "name",
                                            json_of(str_slice(segment, 1, segment.size)), "in",
                                            "path", "required", 1, "schema", "type", "string"));
        }
    }
}

static void add_query_parameters(const struct route *route, json_t *parameters,
                                 struct document *document) {
    for (size_t i = 0; route->query != NULL && i < route->query->field_count; i++) {
        const struct field *field = &route->query->fields[i];
        json_array_append_new(
            parameters, json_pack("{s:s,s:s,s:b,s:o}", "name", field->name, "in", "query",
                                  "required", (int)schema_requires(route->query, field), "schema",
                                  openapi_field_schema(field, false, document->schemas)));
    }
}

static void add_header_parameter(const char *name, json_t *parameters) {
    json_array_append_new(parameters, json_pack("{s:s,s:s,s:{s:s}}", "name", name, "in", "header",
                                                "schema", "type", "string"));
}

static json_t *parameters_of(const struct route *route, struct document *document) {
    json_t *parameters = json_array();
    add_path_parameters(route, parameters);
    add_query_parameters(route, parameters, document);
    /* What makes something has nothing to be compared with; an upload changes what it goes to. */
    if (route->has_etag && (route->method != HTTP_POST || route->upload != NULL)) {
        add_header_parameter(route->method == HTTP_GET ? "If-None-Match" : "If-Match", parameters);
    }
    if (route->is_idempotent) {
        add_header_parameter("Idempotency-Key", parameters);
    }
    return parameters;
}

static json_t *content(json_t *schema) {
    return json_pack("{s:{s:{s:o}}}", "content", "application/json", "schema", schema);
}

static json_t *page_schema(const struct route *route, json_t *item, struct document *document) {
    const struct schema *members = route->list_members;
    json_t *page = json_pack(
        "{s:s,s:{s:{s:s,s:o},s:{s:[s,s]},s:{s:s},s:{s:s}},s:[s,s]}", "type", "object", "properties",
        "items", "type", "array", "items", item, "next_cursor", "type", "string", "null", "total",
        "type", "integer", "total_at_least", "type", "integer", "required", "items", "next_cursor");
    for (size_t i = 0; members != NULL && i < members->field_count; i++) {
        const struct field *field = &members->fields[i];
        openapi_set(json_object_get(page, "properties"), field->name,
                    openapi_field_schema(field, true, document->schemas));
    }
    return page;
}

static json_t *success_schema(const struct route *route, struct document *document) {
    json_t *schema = openapi_schema_reference(route->reply, true, document->schemas);
    if (route->managing_reply != NULL) {
        schema =
            json_pack("{s:[o,o]}", "anyOf", schema,
                      openapi_schema_reference(route->managing_reply, true, document->schemas));
    }
    return route->reply_kind == REPLY_LIST ? page_schema(route, schema, document) : schema;
}

static void add_status(int status, json_t *response, const char *description, json_t *responses) {
    char name[12];
    snprintf(name, sizeof(name), "%d", status);
    openapi_set(response, "description", json_string(description));
    openapi_set(responses, name, response);
}

static json_t *text_content(void) {
    return json_pack("{s:{s:{s:{s:s}}}}", "content", "text/plain", "schema", "type", "string");
}

static json_t *file_schema(void) {
    return json_pack("{s:s,s:s}", "type", "string", "format", "binary");
}

static json_t *file_content(const struct route *route) {
    json_t *types = json_object();
    for (size_t i = 0; route->reply_types[i] != NULL; i++) {
        openapi_set(types, route->reply_types[i], json_pack("{s:o}", "schema", file_schema()));
    }
    return json_pack("{s:o}", "content", types);
}

static json_t *success_of(const struct route *route, struct document *document) {
    if (route->status == 204) {
        return json_object();
    }
    if (route->reply_kind == REPLY_FILE) {
        return file_content(route);
    }
    return route->reply_kind == REPLY_TEXT ? text_content()
                                           : content(success_schema(route, document));
}

static void add_success(const struct route *route, json_t *responses, struct document *document) {
    json_t *response = success_of(route, document);
    add_status(route->status, response, "Done.", responses);
    if (route->other_status != 0) {
        add_status(route->other_status, content(success_schema(route, document)), "Not well.",
                   responses);
    }
    if (route->moves) {
        json_t *moved =
            json_pack("{s:{s:{s:{s:s}}}}", "headers", "Location", "schema", "type", "string");
        add_status(301, moved, "Moved to where Location says.", responses);
    }
    if (route->has_etag && route->method == HTTP_GET) {
        add_status(304, json_object(), "Not changed.", responses);
    }
}

/* Faults of one status share an entry that names all their codes. */
static void add_fault(enum fault_name fault, json_t *responses) {
    const struct fault_row *row = fault_row(fault);
    char status[12];
    snprintf(status, sizeof(status), "%d", row->status);
    json_t *there = json_object_get(responses, status);
    const char *before = json_string_value(json_object_get(there, "description"));
    json_t *description = before == NULL
                              ? json_sprintf("%s: %s", row->code, row->sentence)
                              : json_sprintf("%s %s: %s", before, row->code, row->sentence);
    json_t *response = content(json_pack("{s:s}", "$ref", "#/components/schemas/Error"));
    openapi_set(response, "description", description);
    openapi_set(responses, status, response);
}

/* What every row with such columns can answer, beyond its own faults. */
static void add_frame_faults(const struct route *route, json_t *responses) {
    bool needs_caller = route->access == ACCESS_USER || route->access == ACCESS_PERMISSION ||
                        route->access == ACCESS_USER_OR_CART || route->managing != PERMISSION_NONE;
    bool is_for_operators = route->access == ACCESS_METRICS;
    bool may_refuse = route->access == ACCESS_PERMISSION || route->managing != PERMISSION_NONE;
    const struct {
        bool applies;
        enum fault_name fault;
    } frame_faults[] = {
        {true, FAULT_INVALID},
        {route->body != NULL, FAULT_MALFORMED_JSON},
        {needs_caller || is_for_operators, FAULT_UNAUTHENTICATED},
        {needs_caller, FAULT_ACCOUNT_INACTIVE},
        {may_refuse || is_for_operators, FAULT_FORBIDDEN},
        {route->reply_kind != REPLY_FILE, FAULT_NOT_ACCEPTABLE},
        {true, FAULT_BODY_TOO_LARGE},
        {route->upload != NULL, FAULT_FILE_TOO_LARGE},
        {route->is_idempotent, FAULT_IN_PROGRESS},
        {route->is_idempotent, FAULT_IDEMPOTENCY_KEY_REUSED},
        {route->body != NULL, FAULT_UNSUPPORTED_MEDIA_TYPE},
        {route->upload != NULL, FAULT_UNSUPPORTED_UPLOAD},
        {true, FAULT_INTERNAL},
        {needs_caller || route->stages[0].pool != POOL_LOOP, FAULT_STORE_DOWN},
        {needs_caller || route->stages[0].pool != POOL_LOOP, FAULT_BUSY},
        {route->method != HTTP_GET, FAULT_OUTCOME_UNKNOWN},
    };
    for (size_t i = 0; i < COUNT_OF(frame_faults); i++) {
        if (frame_faults[i].applies) {
            add_fault(frame_faults[i].fault, responses);
        }
    }
}

static json_t *responses_of(const struct route *route, struct document *document) {
    json_t *responses = json_object();
    add_success(route, responses, document);
    add_frame_faults(route, responses);
    for (size_t i = 0; i < ROUTE_FAULTS_MAX && route->faults[i] != FAULT_NONE; i++) {
        add_fault(route->faults[i], responses);
    }
    return responses;
}

static json_t *security_of(const struct route *route) {
    if (route->access == ACCESS_METRICS) {
        return json_pack("[{},{s:[]}]", "metrics_token");
    }
    if (route->access == ACCESS_USER_OR_CART) {
        return route->gives_cart ? json_pack("[{},{s:[]},{s:[]}]", "bearer", "cart")
                                 : json_pack("[{s:[]},{s:[]}]", "bearer", "cart");
    }
    if (route->access != ACCESS_ANYONE) {
        return json_pack("[{s:[]}]", "bearer");
    }
    return route->managing == PERMISSION_NONE ? json_array() : json_pack("[{},{s:[]}]", "bearer");
}

/* As forms have it, and for each type in which a file may come as the body itself. */
static json_t *upload_content(const struct upload *upload) {
    json_t *files = upload->files_max == 1
                        ? file_schema()
                        : json_pack("{s:s,s:o,s:i,s:I}", "type", "array", "items", file_schema(),
                                    "minItems", 1, "maxItems", (json_int_t)upload->files_max);
    openapi_set(files, "description", json_string(upload->doc));
    json_t *form =
        json_pack("{s:{s:s,s:{s:o},s:[s],s:b}}", "schema", "type", "object", "properties",
                  upload->field, files, "required", upload->field, "additionalProperties", 0);
    json_t *types = json_pack("{s:o}", "multipart/form-data", form);
    for (size_t i = 0; upload->raw_types != NULL && upload->raw_types[i] != NULL; i++) {
        openapi_set(types, upload->raw_types[i], json_pack("{s:o}", "schema", file_schema()));
    }
    return json_pack("{s:o}", "content", types);
}

static json_t *operation_of(const struct route *route, struct document *document) {
    json_t *operation = json_pack("{s:s,s:s,s:[s]}", "operationId", route->id, "summary",
                                  route->summary, "tags", route->tag);
    enum permission permission =
        route->permission != PERMISSION_NONE ? route->permission : route->managing;
    if (permission != PERMISSION_NONE) {
        openapi_set(operation, "x-permission", json_string(permission_names[permission]));
    }
    openapi_set(operation, "security", security_of(route));
    openapi_set(operation, "parameters", parameters_of(route, document));
    if (route->body != NULL || route->upload != NULL) {
        json_t *body =
            route->upload != NULL
                ? upload_content(route->upload)
                : content(openapi_schema_reference(route->body, false, document->schemas));
        openapi_set(body, "required", json_true());
        openapi_set(operation, "requestBody", body);
    }
    openapi_set(operation, "responses", responses_of(route, document));
    return operation;
}

static void add_route(const struct route *route, struct document *document, struct arena *arena) {
    static const char *const methods[HTTP_METHOD_COUNT] = {
        [HTTP_GET] = "get",     [HTTP_POST] = "post",     [HTTP_PUT] = "put",
        [HTTP_PATCH] = "patch", [HTTP_DELETE] = "delete",
    };
    const char *path = arena_c_string(arena, path_template(route->path, arena));
    json_t *item = json_object_get(document->paths, path);
    if (item == NULL) {
        item = json_object();
        openapi_set(document->paths, path, item);
    }
    openapi_set(item, methods[route->method], operation_of(route, document));
}

static json_t *error_schema(void) {
    json_t *field =
        json_pack("{s:s,s:{s:{s:s},s:{s:s}},s:[s,s]}", "type", "object", "properties", "field",
                  "type", "string", "message", "type", "string", "required", "field", "message");
    return json_pack("{s:s,s:{s:{s:s},s:{s:s},s:{s:s},s:{s:s,s:o}},s:[s,s,s]}", "type", "object",
                     "properties", "error", "type", "string", "code", "type", "string",
                     "request_id", "type", "string", "fields", "type", "array", "items", field,
                     "required", "error", "code", "request_id");
}

static json_t *render(struct arena *arena) {
    struct document document = {json_object(), json_object()};
    openapi_set(document.schemas, "Error", error_schema());
    for (size_t i = 0; i < route_count; i++) {
        if (!routes[i].is_for_tests) {
            add_route(&routes[i], &document, arena);
        }
    }
    json_t *schemes = json_pack(
        "{s:{s:s,s:s,s:s},s:{s:s,s:s,s:s,s:s},s:{s:s,s:s,s:s}}", "bearer", "type", "http", "scheme",
        "bearer", "bearerFormat", "JWT", "cart", "type", "apiKey", "in", "header", "name",
        "X-Cart-Token", "description", "A guest's; the first reservation answers it.",
        "metrics_token", "type", "http", "scheme", "bearer", "description",
        "METRICS_TOKEN; not needed from the machine that the server runs on.");
    return json_pack("{s:s,s:{s:s,s:s},s:o,s:{s:o,s:o}}", "openapi", "3.1.0", "info", "title",
                     "Aizy", "version", "1", "paths", document.paths, "components", "schemas",
                     document.schemas, "securitySchemes", schemes);
}

struct str openapi_render(struct arena *arena) {
    json_t *document = render(arena);
    CHECK(document != NULL);
    char *text = json_dumps(document, JSON_COMPACT);
    CHECK(text != NULL);
    struct str copy = arena_copy(arena, str_of(text));
    free(text);
    json_decref(document);
    return copy;
}
