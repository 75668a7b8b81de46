#include <pthread.h>

#include "server/api/route.h"
#include "server/api/url.h"

#define PATH_MAX_SEGMENTS 8
/* No path of ours is as long; a longer one is not even split, for this is the loop thread. */
#define PATH_MAX_BYTES 4096

const char *const http_method_names[HTTP_METHOD_COUNT] = {
    [HTTP_GET] = "GET",         [HTTP_HEAD] = "HEAD",   [HTTP_POST] = "POST",
    [HTTP_PUT] = "PUT",         [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
    [HTTP_OPTIONS] = "OPTIONS",
};

struct segments {
    struct str items[PATH_MAX_SEGMENTS];
    size_t count;
};

/*
 * Each segment is decoded once and after the split, so that an encoded slash cannot make two of
 * one; it is refused all the same, as are "." and "..", which proxies in front may have resolved.
 */
static enum route_match split_path(struct str path, struct arena *arena,
                                   struct segments *segments) {
    segments->count = 0;
    if (path.size == 0 || path.data[0] != '/') {
        return ROUTE_BAD_PATH;
    }
    if (path.size > PATH_MAX_BYTES) {
        return ROUTE_NO_PATH;
    }
    struct str rest = str_slice(path, 1, path.size);
    struct str raw;
    bool is_too_long = false;
    while (str_next(&rest, '/', &raw)) {
        struct str segment;
        if (!url_decode(raw, arena, &segment) || str_find_byte(segment, '/') < segment.size ||
            str_equals(segment, STR(".")) || str_equals(segment, STR(".."))) {
            return ROUTE_BAD_PATH;
        }
        is_too_long |= segments->count == PATH_MAX_SEGMENTS;
        if (!is_too_long) {
            segments->items[segments->count++] = segment;
        }
    }
    /* str_next does not tell "/a" from "/a/": the trailing slash names another path here. */
    bool ends_with_slash = path.size > 1 && path.data[path.size - 1] == '/';
    return is_too_long || ends_with_slash ? ROUTE_NO_PATH : ROUTE_FOUND;
}

/* The rows' paths, split once: each request is held against all of them. */
#define ROUTES_MAX 256
static struct segments row_segments[ROUTES_MAX];

static void split_rows(void) {
    CHECK(route_count <= ROUTES_MAX);
    for (size_t i = 0; i < route_count; i++) {
        struct segments *wanted = &row_segments[i];
        struct str rest = str_of(routes[i].path + 1);
        while (wanted->count < PATH_MAX_SEGMENTS &&
               str_next(&rest, '/', &wanted->items[wanted->count])) {
            wanted->count++;
        }
        CHECK(str_is_empty(rest));
    }
}

/* How well a row fits: 0 not at all, else more for each fixed segment, the earlier the more. */
static unsigned fit(const struct segments *wanted, const struct segments *segments,
                    struct str values[JOB_PATH_VALUES_MAX]) {
    unsigned score = 1;
    size_t value_count = 0;
    if (wanted->count != segments->count) {
        return 0;
    }
    for (size_t i = 0; i < wanted->count; i++) {
        struct str segment = segments->items[i];
        bool is_parameter = wanted->items[i].data[0] == ':';
        if (!is_parameter && !str_equals(wanted->items[i], segment)) {
            return 0;
        }
        if (is_parameter && segment.size == 0) {
            return 0;
        }
        if (is_parameter) {
            values[value_count++] = segment;
        }
        score = score * 2 + (is_parameter ? 0 : 1);
    }
    return score;
}

static enum http_method row_method(enum http_method method) {
    return method == HTTP_HEAD ? HTTP_GET : method;
}

static unsigned methods_of_row(const struct route *route) {
    unsigned methods = 1U << route->method;
    return route->method == HTTP_GET ? methods | 1U << HTTP_HEAD : methods;
}

struct route_result route_find(enum http_method method, struct str path, struct arena *arena) {
    struct route_result result = {.match = ROUTE_NO_PATH};
    struct segments segments;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, split_rows);
    enum route_match split = split_path(path, arena, &segments);
    if (split != ROUTE_FOUND) {
        result.match = split;
        return result;
    }
    /* Only the rows of the best-fitting path count: POST on a path that a parameter of another row
     * would also take is refused, as its GET would find the fixed one. */
    unsigned best = 0;
    for (size_t i = 0; i < route_count; i++) {
        struct str values[JOB_PATH_VALUES_MAX] = {0};
        unsigned score = fit(&row_segments[i], &segments, values);
        if (score == 0 || score < best) {
            continue;
        }
        if (score > best) {
            best = score;
            result = (struct route_result){.match = ROUTE_NO_METHOD};
        }
        result.allowed_methods |= methods_of_row(&routes[i]);
        if (routes[i].method == row_method(method)) {
            result.match = ROUTE_FOUND;
            result.route = &routes[i];
            memcpy(result.values, values, sizeof(values));
        }
    }
    if (best > 0) {
        result.allowed_methods |= 1U << HTTP_OPTIONS;
    }
    return result;
}

struct str route_allow_text(unsigned allowed_methods, struct arena *arena) {
    struct str text = STR("");
    for (int method = 0; method < HTTP_METHOD_COUNT; method++) {
        if ((allowed_methods & 1U << method) != 0) {
            text = arena_printf(arena, "%.*s%s%s", STR_ARG(text), text.size == 0 ? "" : ", ",
                                http_method_names[method]);
        }
    }
    return text;
}

/* As fit() walks it: what it puts into arrays must have room there. */
static void check_path(const char *path) {
    CHECK(path != NULL && path[0] == '/' && !str_ends_with(str_of(path), STR("/")));
    struct str rest = str_of(path + 1);
    struct str segment;
    size_t segments = 0;
    size_t parameters = 0;
    while (str_next(&rest, '/', &segment)) {
        CHECK(segment.size > 0);
        segments++;
        parameters += segment.data[0] == ':' ? 1 : 0;
    }
    CHECK(segments <= PATH_MAX_SEGMENTS && parameters <= JOB_PATH_VALUES_MAX);
}

static void check_access(const struct route *route) {
    CHECK(route->access != ACCESS_UNSET);
    CHECK((route->access == ACCESS_PERMISSION) == (route->permission != PERMISSION_NONE));
    CHECK(!route->gives_cart || route->access == ACCESS_USER_OR_CART);
    CHECK(route->managing == PERMISSION_NONE || route->query != NULL);
    CHECK(route->managing == PERMISSION_NONE || schema_has_given(route->query, "status"));
    /* A shared cache must never keep what was made for one caller. */
    CHECK(!route->is_public || (route->access == ACCESS_ANYONE && route->method == HTTP_GET));
}

static void check_stages(const struct route *route) {
    CHECK(route->stages[0].run != NULL);
    for (size_t i = 0; i < ROUTE_STAGES_MAX; i++) {
        const struct stage *stage = &route->stages[i];
        CHECK((stage->run == NULL) == (stage->pool == POOL_UNSET));
        CHECK(stage->pool < POOL_COUNT);
        CHECK(i == 0 || stage->run == NULL || route->stages[i - 1].run != NULL);
    }
}

static void check_schemas(const struct route *route) {
    const struct schema *const schemas[] = {route->query, route->body, route->reply,
                                            route->managing_reply};
    for (size_t i = 0; i < COUNT_OF(schemas); i++) {
        if (schemas[i] != NULL) {
            schema_check(schemas[i]);
        }
    }
    CHECK(route->query == NULL || schema_is_for_queries(route->query));
}

/* A key is its caller's, and its record is where the last stage's effect is. */
static void check_idempotency(const struct route *route) {
    size_t last = 0;
    while (last + 1 < ROUTE_STAGES_MAX && route->stages[last + 1].run != NULL) {
        last++;
    }
    CHECK(!route->is_idempotent ||
          (route->method == HTTP_POST && route->reply_kind == REPLY_OBJECT &&
           (route->access == ACCESS_USER || route->access == ACCESS_PERMISSION ||
            route->access == ACCESS_USER_OR_CART) &&
           route->stages[last].pool == POOL_MONGO));
}

/* Keys are not for uploads: their request would be kept as a digest of megabytes for nothing. */
static void check_upload(const struct route *route) {
    if (route->upload != NULL) {
        CHECK(route->body == NULL && route->method != HTTP_GET && !route->is_idempotent);
        upload_check(route->upload);
    }
}

static void check_row(const struct route *route) {
    CHECK(route->method < HTTP_OPTIONS && route->method != HTTP_HEAD);
    CHECK(route->id != NULL && route->tag != NULL && route->summary != NULL);
    CHECK(route->status >= 200 && route->status < 300);
    bool has_object =
        route->status != 204 && route->reply_kind != REPLY_TEXT && route->reply_kind != REPLY_FILE;
    CHECK(has_object == (route->reply != NULL));
    CHECK((route->reply_kind == REPLY_FILE) == (route->reply_types != NULL));
    CHECK(!route->is_immutable || route->is_public);
    CHECK(route->body == NULL || route->method != HTTP_GET);
    check_upload(route);
    CHECK(!route->is_cached ||
          (route->is_public && route->access == ACCESS_ANYONE && route->method == HTTP_GET));
    check_idempotency(route);
    CHECK(!route->moves || route->method == HTTP_GET);
    CHECK(route->drops == DROPS_NOTHING || route->method != HTTP_GET);
    check_path(route->path);
    check_schemas(route);
    check_access(route);
    check_stages(route);
}

void route_table_check(void) {
    for (size_t i = 0; i < route_count; i++) {
        check_row(&routes[i]);
        for (size_t j = 0; j < i; j++) {
            CHECK(strcmp(routes[i].id, routes[j].id) != 0);
            CHECK(routes[i].method != routes[j].method ||
                  strcmp(routes[i].path, routes[j].path) != 0);
        }
    }
}
