#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/api/route.h"

/* A table of this test alone, in the place of the program's: rows that compete for the same paths.
 */
const struct route routes[] = {
    {.method = HTTP_GET, .path = "/", .id = "root"},
    {.method = HTTP_GET, .path = "/items/:id", .id = "item"},
    {.method = HTTP_DELETE, .path = "/items/:id", .id = "delete_item"},
    {.method = HTTP_GET, .path = "/items/suggest", .id = "suggest"},
    {.method = HTTP_GET, .path = "/items/:id/images", .id = "images"},
    {.method = HTTP_GET, .path = "/items/:id/:part", .id = "part"},
    {.method = HTTP_GET, .path = "/items/suggest/:part", .id = "suggest_part"},
    {.method = HTTP_GET, .path = "/shops/new/:part", .id = "new_shop_part"},
    {.method = HTTP_GET, .path = "/shops/:id/images", .id = "shop_images"},
    {.method = HTTP_GET, .path = "/:a/:b/:c/:d", .id = "four"},
};
const size_t route_count = COUNT_OF(routes);

static const struct {
    const char *path;
    const char *id;
    const char *first_value; /* NULL: none */
} rows[] = {
    {"/", "root", NULL},
    {"/items/suggest", "suggest", NULL},
    {"/items/%73uggest", "suggest", NULL},
    {"/items/suggested", "item", "suggested"},
    {"/items/Suggest", "item", "Suggest"},
    {"/items/7/images", "images", "7"},
    {"/items/7/other", "part", "7"},
    /* The earlier segment decides, whichever row comes first. */
    {"/shops/new/images", "new_shop_part", "images"},
    {"/items/suggest/images", "suggest_part", "images"},
    {"/1/2/3/4", "four", "1"},
};

static void prefers_fixed_segments_the_earlier_the_more(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct route_result found = route_find(HTTP_GET, str_of(rows[i].path), &arena);
        assert_int_equal(found.match, ROUTE_FOUND);
        assert_string_equal(found.route->id, rows[i].id);
        assert_true(str_equals(found.values[0], str_of(rows[i].first_value)));
    }
    arena_release(&arena);
}

/* Else "DELETE /items/suggest" would delete an item called so. */
static void does_not_fall_back_to_a_row_that_fits_less(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct route_result found = route_find(HTTP_DELETE, STR("/items/suggest"), &arena);
    assert_int_equal(found.match, ROUTE_NO_METHOD);
    assert_string_equal(route_allow_text(found.allowed_methods, &arena).data, "GET, HEAD, OPTIONS");
    found = route_find(HTTP_DELETE, STR("/items/7"), &arena);
    assert_int_equal(found.match, ROUTE_FOUND);
    assert_string_equal(found.route->id, "delete_item");
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefers_fixed_segments_the_earlier_the_more),
        cmocka_unit_test(does_not_fall_back_to_a_row_that_fits_less),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
