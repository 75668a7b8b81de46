#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/violation.h"

static bool is_zero(const unsigned char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

/* Small, large and empty allocations in turn, each filled, so that an overlap would show. */
static void fill_arena(struct arena *arena) {
    static unsigned char *pieces[3000];
    static size_t sizes[COUNT_OF(pieces)];
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        sizes[i] = i * i % 97 * (i % 50 == 0 ? 300 : 1);
        pieces[i] = arena_alloc(arena, sizes[i]);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        assert_true(is_zero(pieces[i], sizes[i]));
        memset(pieces[i], (int)(i % 255) + 1, sizes[i]);
    }
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        for (size_t at = 0; at < sizes[i]; at++) {
            assert_int_equal(pieces[i][at], i % 255 + 1);
        }
    }
}

static void hands_out_separate_zeroed_memory(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena, SIZE_MAX);
    fill_arena(&arena);
    arena_release(&arena);
}

static void begins_with_what_it_was_given(void **state) {
    (void)state;
    struct arena arena;
    static alignas(max_align_t) unsigned char memory[1024];
    for (size_t size = 0; size <= sizeof memory; size += 64) {
        memset(memory, 0xAA, sizeof memory);
        arena_init_with(&arena, SIZE_MAX, memory, size);
        for (int round = 0; round < 2; round++) {
            fill_arena(&arena);
            arena_release(&arena);
        }
        assert_true(size == sizeof memory || memory[size] == 0xAA);
    }
}

static void becomes_exhausted_but_goes_on(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena, 1000);
    memset(arena_alloc(&arena, 900), 'x', 900);
    assert_false(arena_is_exhausted(&arena));
    memset(arena_alloc(&arena, 200), 'x', 200);
    assert_true(arena_is_exhausted(&arena));
    arena_release(&arena);
    assert_false(arena_is_exhausted(&arena));
    for (int i = 0; i < 1000; i++) {
        assert_non_null(arena_alloc(&arena, 0));
    }
    assert_true(arena_is_exhausted(&arena));
    arena_release(&arena);
}

static void copies_and_prints(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct str copy = arena_copy(&arena, STR("a\0b"));
    assert_true(str_equals(copy, STR("a\0b")));
    assert_int_equal(copy.data[3], '\0');
    assert_true(str_is_absent(arena_copy(&arena, (struct str){0})));
    assert_false(str_is_absent(arena_copy(&arena, STR(""))));
    assert_string_equal(arena_c_string(&arena, (struct str){0}), "");
    assert_string_equal(arena_c_string(&arena, (struct str){"abcdef", 3}), "abc");
    struct str printed = arena_printf(&arena, "%s-%05d", "x", 42);
    assert_true(str_equals(printed, STR("x-00042")));
    assert_int_equal(printed.data[printed.size], '\0');
    assert_int_equal(arena_printf(&arena, "%*s", 20000, "").size, 20000);
    uint64_t *numbers = arena_alloc_array(&arena, 100, sizeof *numbers);
    assert_true(numbers[0] == 0 && numbers[99] == 0);
    arena_release(&arena);
}

static void keeps_violations_up_to_a_number(void **state) {
    (void)state;
    struct arena arena;
    struct violations violations;
    char field[] = "name";
    arena_init(&arena, 1 << 20);
    violations_init(&violations, &arena);
    assert_false(violations_any(&violations));
    violations_add(&violations, str_of(field), "has %d characters", 3);
    field[0] = 'X';
    assert_true(violations_any(&violations));
    assert_true(str_equals(violations.items[0].field, STR("name")));
    assert_true(str_equals(violations.items[0].message, STR("has 3 characters")));
    for (int i = 1; i < VIOLATIONS_MAX + 5; i++) {
        violations_add(&violations, STR("name"), "%*s", 5000, "long");
    }
    assert_int_equal(violations.count, VIOLATIONS_MAX);
    assert_int_equal(violations.dropped, 5);
    assert_true(violations.items[1].message.size < 1000);
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_out_separate_zeroed_memory),
        cmocka_unit_test(begins_with_what_it_was_given),
        cmocka_unit_test(becomes_exhausted_but_goes_on),
        cmocka_unit_test(copies_and_prints),
        cmocka_unit_test(keeps_violations_up_to_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
