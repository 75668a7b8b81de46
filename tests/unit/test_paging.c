#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/api/products/product_schema.h"
#include "tests/unit/job_fixture.h"

#define ID "0123456789abcdef01234567"

/* A job of the list of products with this query, and its window. */
static struct fault window_of(const char *query, struct paging_window *window) {
    struct job *job = &fixture.job;
    job->route = fixture_route("list_products");
    violations_init(&job->violations, &job->arena);
    struct schema_decoding decoding = {.arena = &job->arena, .violations = &job->violations};
    assert_false(fault_occurred(
        schema_decode_query(job->route->query, str_of(query), &decoding, &job->query)));
    job->is_managing = schema_was_given(job->route->query, job->query, "status");
    const struct product_list_query *read = job->query;
    return paging_window(job, &read->paging, window);
}

static const char *cursor_after(const char *query, int64_t number, const char *text) {
    struct paging_window window;
    assert_false(fault_occurred(window_of(query, &window)));
    const struct product_list_query *read = fixture.job.query;
    const struct paging_position position = {.number = number, .id = STR(ID), .text = str_of(text)};
    return paging_cursor(&fixture.job, &read->paging, &position).data;
}

static const char *with_cursor(const char *query, const char *cursor) {
    return arena_printf(&fixture.job.arena, "%s&cursor=%s", query, cursor).data;
}

static const struct {
    const char *query;
    enum fault_name fault;
    size_t limit, skip;
    bool with_total;
} windows[] = {
    {"", FAULT_NONE, 20, 0, false},
    {"limit=1", FAULT_NONE, 1, 0, false},
    {"limit=100&total=true", FAULT_NONE, 100, 0, true},
    {"page=1", FAULT_NONE, 20, 0, true},
    {"page=3&limit=7", FAULT_NONE, 7, 14, true},
    {"page=500", FAULT_NONE, 20, 9980, true},
    {"page=100&limit=100", FAULT_NONE, 100, 9900, true},
    {"page=10000&limit=1", FAULT_NONE, 1, 9999, true},
    {"page=501", FAULT_TOO_DEEP, 0, 0, false},
    {"page=10000&limit=100", FAULT_TOO_DEEP, 0, 0, false},
};

static void reads_pages(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(windows); i++) {
        struct paging_window window;
        struct fault fault = window_of(windows[i].query, &window);
        assert_int_equal(fault.name, windows[i].fault);
        if (!fault_occurred(fault)) {
            assert_int_equal(window.limit, windows[i].limit);
            assert_int_equal(window.skip, windows[i].skip);
            assert_int_equal(window.with_total, windows[i].with_total);
            assert_false(window.has_position);
        }
    }
}

static void goes_on_where_the_cursor_says(void **state) {
    (void)state;
    static const struct {
        int64_t number;
        const char *text;
    } positions[] = {{0, ""}, {1999, ""}, {INT64_MIN, "\xC3\xBC ber"}, {INT64_MAX, "x"}};
    for (size_t i = 0; i < COUNT_OF(positions); i++) {
        const char *cursor =
            cursor_after("sort=name&limit=5", positions[i].number, positions[i].text);
        struct paging_window window;
        assert_false(fault_occurred(window_of(with_cursor("sort=name&limit=5", cursor), &window)));
        assert_true(window.has_position);
        assert_int_equal(window.position.number, positions[i].number);
        assert_true(str_equals(window.position.id, STR(ID)));
        assert_true(str_equals(window.position.text, str_of(positions[i].text)));
        assert_int_equal(window.skip, 0);
    }
}

static void takes_a_cursor_with_another_limit(void **state) {
    (void)state;
    struct paging_window window;
    const char *cursor = cursor_after("tag=a&limit=5", 1, "");
    assert_false(
        fault_occurred(window_of(with_cursor("limit=9&total=true&tag=a", cursor), &window)));
    assert_int_equal(window.limit, 9);
}

static void refuses_a_cursor_of_another_query(void **state) {
    (void)state;
    static const char *const others[] = {
        "tag=b",
        "tag=a&brand=c",
        "tag=a&sort=price",
        "tag=a&in_stock=true",
        "tag=a&min_price=0",
        "brand=a",
        "",
        "tag=a&status=draft",
        "tag=a&status=any",
    };
    const char *cursor = cursor_after("tag=a", 1, "");
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct paging_window window;
        assert_int_equal(window_of(with_cursor(others[i], cursor), &window).name, FAULT_BAD_CURSOR);
    }
}

static void refuses_a_cursor_of_another_route_or_server(void **state) {
    (void)state;
    struct paging_window window;
    const char *cursor = cursor_after("tag=a", 1, "");
    assert_false(fault_occurred(window_of(with_cursor("tag=a", cursor), &window)));
    const struct product_list_query *query = fixture.job.query;
    struct route other = *fixture_route("list_products");
    other.id = "other_list";
    fixture.job.route = &other;
    assert_int_equal(paging_window(&fixture.job, &query->paging, &window).name, FAULT_BAD_CURSOR);
    fixture.job.route = fixture_route("list_products");
    fixture.app.cursor_key[0] ^= 1;
    assert_int_equal(paging_window(&fixture.job, &query->paging, &window).name, FAULT_BAD_CURSOR);
}

static void refuses_every_change_of_a_cursor(void **state) {
    (void)state;
    static const char letters[] = "AQgwZ09_-";
    const char *cursor = cursor_after("sort=name", 5, "abcd");
    size_t size = strlen(cursor);
    size_t refused = 0;
    for (size_t i = 0; i < size; i++) {
        for (size_t j = 0; j < sizeof(letters) - 1; j++) {
            struct str copy = arena_copy(&fixture.job.arena, str_of(cursor));
            char *bytes = arena_alloc(&fixture.job.arena, size + 1);
            memcpy(bytes, copy.data, size);
            bytes[i] = letters[j];
            if (letters[j] == cursor[i]) {
                continue;
            }
            struct paging_window window;
            assert_int_equal(window_of(with_cursor("sort=name", bytes), &window).name,
                             FAULT_BAD_CURSOR);
            refused++;
        }
    }
    assert_true(refused > size);
}

static void refuses_what_is_cut_or_longer(void **state) {
    (void)state;
    struct paging_window window;
    const char *cursor = cursor_after("", 5, "abcd");
    for (size_t size = 1; size < strlen(cursor); size++) {
        const char *cut = arena_copy(&fixture.job.arena, str_slice(str_of(cursor), 0, size)).data;
        assert_int_equal(window_of(with_cursor("", cut), &window).name, FAULT_BAD_CURSOR);
    }
    static const char *const endings[] = {"A", "AA", "AAAA", "%3D", "%20x", "%C3%BC"};
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        const char *longer = arena_printf(&fixture.job.arena, "%s%s", cursor, endings[i]).data;
        assert_int_equal(window_of(with_cursor("", longer), &window).name, FAULT_BAD_CURSOR);
    }
}

static void refuses_a_cursor_together_with_a_page(void **state) {
    (void)state;
    struct paging_window window;
    const char *cursor = cursor_after("", 5, "");
    assert_int_equal(window_of(with_cursor("page=2", cursor), &window).name, FAULT_INVALID);
    assert_int_equal(fixture.job.violations.count, 1);
    assert_true(str_equals(fixture.job.violations.items[0].field, STR("page")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_pages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(goes_on_where_the_cursor_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_a_cursor_with_another_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_a_cursor_of_another_query, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_a_cursor_of_another_route_or_server, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(refuses_every_change_of_a_cursor, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_is_cut_or_longer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_a_cursor_together_with_a_page, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
