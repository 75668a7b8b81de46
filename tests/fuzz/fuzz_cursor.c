/* Cursors of lists: only what was handed out is taken, and it says what it said. */
#include "server/api/products/product_schema.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/job_fixture.h"

/* So that the cursor stays within its 2,000 characters. */
#define TEXT_MAX_BYTES 1000

static struct fault open_window(struct str cursor, struct arena *arena,
                                struct paging_window *window) {
    struct job *job = fixture_next_job(&fixture);
    job->route = fixture_route("list_products");
    struct schema_decoding decoding = {.arena = &job->arena, .violations = &job->violations};
    struct str query =
        arena_printf(arena, "cursor=%.*s&tag=a", STR_ARG(fuzz_percent_encode(arena, cursor)));
    TRY(schema_decode_query(job->route->query, query, &decoding, &job->query));
    const struct product_list_query *read = job->query;
    return paging_window(job, &read->paging, window);
}

static struct str cursor_of(const struct paging_position *position, struct arena *arena) {
    struct job *job = fixture_next_job(&fixture);
    job->route = fixture_route("list_products");
    struct schema_decoding decoding = {.arena = &job->arena, .violations = &job->violations};
    CHECK(!fault_occurred(
        schema_decode_query(job->route->query, STR("tag=a"), &decoding, &job->query)));
    const struct product_list_query *read = job->query;
    return arena_copy(arena, paging_cursor(job, &read->paging, position));
}

void fuzz_one(struct str input, struct arena *arena) {
    struct paging_window window;
    if (fixture.app.config == NULL) {
        fixture_open(&fixture);
    }
    struct fault fault = open_window(input, arena, &window);
    CHECK(fault_is(fault, FAULT_BAD_CURSOR) || fault_is(fault, FAULT_INVALID));

    struct paging_position position = {.id = STR("0123456789abcdef01234567")};
    struct str number = str_slice(input, 0, sizeof(position.number));
    memcpy(&position.number, number.data, number.size);
    position.text = str_slice(input, number.size, TEXT_MAX_BYTES);
    struct str cursor = cursor_of(&position, arena);
    CHECK(!fault_occurred(open_window(cursor, arena, &window)) && window.has_position);
    CHECK(window.position.number == position.number);
    CHECK(str_equals(window.position.id, position.id));
    CHECK(str_equals(window.position.text, position.text));
    size_t at = input.size % cursor.size;
    CHECK(fault_is(open_window(fuzz_changed(arena, cursor, at), arena, &window), FAULT_BAD_CURSOR));
}
