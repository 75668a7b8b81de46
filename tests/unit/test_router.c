#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/api/route.h"

static struct arena arena;

static int set_up(void **state) {
    (void)state;
    arena_init(&arena, 1 << 26);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_release(&arena);
    return 0;
}

static const char *id_of(enum http_method method, const char *path) {
    struct route_result found = route_find(method, str_of(path), &arena);
    return found.match == ROUTE_FOUND ? found.route->id : "";
}

static const struct {
    enum http_method method;
    const char *path;
    const char *id;
} rows[] = {
    {HTTP_GET, "/healthz", "liveness"},
    {HTTP_HEAD, "/healthz", "liveness"},
    {HTTP_GET, "/health%7a", "liveness"},
    {HTTP_GET, "/openapi.json", "openapi"},
    {HTTP_POST, "/auth/login", "login"},
    {HTTP_GET, "/auth/me", "me"},
    {HTTP_GET, "/api/products", "list_products"},
    {HTTP_HEAD, "/api/products", "list_products"},
    {HTTP_POST, "/api/products", "create_product"},
    {HTTP_GET, "/api/products/suggest", "suggest_products"},
    {HTTP_GET, "/api/products/blue-shirt", "get_product"},
    {HTTP_HEAD, "/api/products/blue-shirt", "get_product"},
    {HTTP_PUT, "/api/products/0123456789abcdef01234567", "replace_product"},
    {HTTP_PATCH, "/api/products/0123456789abcdef01234567", "update_product"},
    {HTTP_DELETE, "/api/products/0123456789abcdef01234567", "delete_product"},
};

static void finds_the_row_of_a_method_and_path(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_string_equal(id_of(rows[i].method, rows[i].path), rows[i].id);
    }
}

static void finds_every_row_by_its_own_path(void **state) {
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        assert_string_equal(id_of(routes[i].method, routes[i].path), routes[i].id);
    }
}

static void decodes_the_values_of_parameters_once(void **state) {
    (void)state;
    struct route_result found =
        route_find(HTTP_GET, STR("/api/products/%C3%BC%20a+b%2541"), &arena);
    assert_int_equal(found.match, ROUTE_FOUND);
    assert_true(str_equals(found.values[0], STR("\xC3\xBC a+b%41")));
    assert_true(str_is_absent(found.values[1]));
}

static const struct {
    struct str path;
    enum route_match match;
} misses[] = {
    {STR_INIT("/"), ROUTE_NO_PATH},
    {STR_INIT("//"), ROUTE_NO_PATH},
    {STR_INIT("/nope"), ROUTE_NO_PATH},
    {STR_INIT("/Healthz"), ROUTE_NO_PATH},
    {STR_INIT("/healthz/"), ROUTE_NO_PATH},
    {STR_INIT("//healthz"), ROUTE_NO_PATH},
    {STR_INIT("/healthz/x"), ROUTE_NO_PATH},
    {STR_INIT("/api/products/"), ROUTE_NO_PATH},
    {STR_INIT("/api//products"), ROUTE_NO_PATH},
    {STR_INIT("/api/products//"), ROUTE_NO_PATH},
    {STR_INIT("/api/products/a/b"), ROUTE_NO_PATH},
    {STR_INIT("/api/products/a/"), ROUTE_NO_PATH},
    {STR_INIT("/a/b/c/d/e/f/g/h/i/j/k"), ROUTE_NO_PATH},
    {STR_INIT("/:id"), ROUTE_NO_PATH},
    {{NULL, 0}, ROUTE_BAD_PATH},
    {STR_INIT(""), ROUTE_BAD_PATH},
    {STR_INIT("*"), ROUTE_BAD_PATH},
    {STR_INIT("healthz"), ROUTE_BAD_PATH},
    {STR_INIT("/api/products/a%2Fb"), ROUTE_BAD_PATH},
    {STR_INIT("/api/products/%2f"), ROUTE_BAD_PATH},
    {STR_INIT("/api%2Fproducts"), ROUTE_BAD_PATH},
    {STR_INIT("/api/products/a%00"), ROUTE_BAD_PATH},
    {STR_INIT("/api/products/a\0b"), ROUTE_BAD_PATH},
    {STR_INIT("/api/products/%"), ROUTE_BAD_PATH},
    {STR_INIT("/api/products/%4"), ROUTE_BAD_PATH},
    {STR_INIT("/api/products/%zz"), ROUTE_BAD_PATH},
    {STR_INIT("/api/products/%FF"), ROUTE_BAD_PATH},
    {STR_INIT("/api/products/%C0%AE"), ROUTE_BAD_PATH},
    {STR_INIT("/api/products/\xFF"), ROUTE_BAD_PATH},
    {STR_INIT("/api/products/."), ROUTE_BAD_PATH},
    {STR_INIT("/api/products/.."), ROUTE_BAD_PATH},
    {STR_INIT("/api/products/%2e%2E"), ROUTE_BAD_PATH},
    {STR_INIT("/api/./products"), ROUTE_BAD_PATH},
    {STR_INIT("/nope/../healthz"), ROUTE_BAD_PATH},
    {STR_INIT("/a/b/c/d/e/f/g/h/i/%"), ROUTE_BAD_PATH},
};

static void tells_a_bad_path_from_one_that_is_not_there(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(misses); i++) {
        struct route_result found = route_find(HTTP_GET, misses[i].path, &arena);
        if (found.match != misses[i].match) {
            fail_msg("row %zu, \"%.*s\": %d", i, STR_ARG(misses[i].path), (int)found.match);
        }
        assert_null(found.route);
        assert_int_equal(found.allowed_methods, 0);
    }
}

static void takes_dots_that_are_no_dot_segments(void **state) {
    (void)state;
    assert_string_equal(id_of(HTTP_GET, "/api/products/..."), "get_product");
    assert_string_equal(id_of(HTTP_GET, "/api/products/.a"), "get_product");
}

static struct str long_path(char fill, size_t size) {
    char *path = arena_alloc(&arena, size);
    memset(path, fill, size);
    memcpy(path, "/api/products/", strlen("/api/products/"));
    return (struct str){path, size};
}

static void does_not_walk_long_paths(void **state) {
    (void)state;
    assert_int_equal(route_find(HTTP_GET, long_path('a', 4096), &arena).match, ROUTE_FOUND);
    assert_int_equal(route_find(HTTP_GET, long_path('a', 4097), &arena).match, ROUTE_NO_PATH);
    struct str slashes = long_path('/', 400000);
    size_t before = arena.used_bytes;
    assert_int_equal(route_find(HTTP_GET, slashes, &arena).match, ROUTE_NO_PATH);
    assert_true(arena.used_bytes == before);
}

static const struct {
    enum http_method method;
    const char *path;
    const char *allow;
} refused_methods[] = {
    {HTTP_POST, "/healthz", "GET, HEAD, OPTIONS"},
    {HTTP_OPTIONS, "/healthz", "GET, HEAD, OPTIONS"},
    {HTTP_METHOD_OTHER, "/healthz", "GET, HEAD, OPTIONS"},
    {HTTP_GET, "/auth/login", "POST, OPTIONS"},
    {HTTP_HEAD, "/auth/login", "POST, OPTIONS"},
    {HTTP_PUT, "/api/products", "GET, HEAD, POST, OPTIONS"},
    /* Two rows of one path, with different names of their parameter. */
    {HTTP_POST, "/api/products/x", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"},
};

static void names_what_is_allowed_where_a_method_is_not(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused_methods); i++) {
        struct route_result found =
            route_find(refused_methods[i].method, str_of(refused_methods[i].path), &arena);
        assert_int_equal(found.match, ROUTE_NO_METHOD);
        assert_null(found.route);
        assert_string_equal(route_allow_text(found.allowed_methods, &arena).data,
                            refused_methods[i].allow);
    }
}

static void has_a_table_that_holds(void **state) {
    (void)state;
    route_table_check();
    assert_true(route_count > 0);
}

/* Where a POST is no creation, or is protected otherwise. */
static bool is_without_keys(const char *path) {
    return strncmp(path, "/auth/", strlen("/auth/")) == 0 || strcmp(path, "/api/user/login") == 0;
}

static void gives_every_post_that_creates_its_keys(void **state) {
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        bool wanted = routes[i].method == HTTP_POST && routes[i].upload == NULL &&
                      !is_without_keys(routes[i].path);
        assert_int_equal(routes[i].is_idempotent, wanted);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_the_row_of_a_method_and_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(finds_every_row_by_its_own_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(decodes_the_values_of_parameters_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_a_bad_path_from_one_that_is_not_there, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(takes_dots_that_are_no_dot_segments, set_up, tear_down),
        cmocka_unit_test_setup_teardown(does_not_walk_long_paths, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_what_is_allowed_where_a_method_is_not, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(has_a_table_that_holds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(gives_every_post_that_creates_its_keys, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
