#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/api/url.h"

static const struct {
    struct str text;
    struct str decoded;
} taken[] = {
    {{NULL, 0}, STR_INIT("")},
    {STR_INIT(""), STR_INIT("")},
    {STR_INIT("a+b"), STR_INIT("a+b")},
    {STR_INIT("%41%2f%2F%7e"), STR_INIT("A//~")},
    {STR_INIT("%C3%bc"), STR_INIT("\xC3\xBC")},
    {STR_INIT("\xC3%BC"), STR_INIT("\xC3\xBC")},
    /* Once: what comes out is not decoded again. */
    {STR_INIT("%2541"), STR_INIT("%41")},
    {STR_INIT("%01"), STR_INIT("\x01")},
};

static const struct str refused[] = {
    STR_INIT("%"),      STR_INIT("%4"),   STR_INIT("a%"),        STR_INIT("%4%41"),
    STR_INIT("%g0"),    STR_INIT("%0g"),  STR_INIT("%+1"),       STR_INIT("% 1"),
    STR_INIT("%00"),    STR_INIT("a\0"),  STR_INIT("%FF"),       STR_INIT("%C3"),
    STR_INIT("%C0%AF"), STR_INIT("\xFF"), STR_INIT("%ED%A0%80"), STR_INIT("%F4%90%80%80"),
};

static void decodes_once(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < COUNT_OF(taken); i++) {
        struct str decoded;
        assert_true(url_decode(taken[i].text, &arena, &decoded));
        assert_true(str_equals(decoded, taken[i].decoded));
        assert_false(str_is_absent(decoded));
    }
    arena_release(&arena);
}

static void refuses_what_is_no_encoding(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct str decoded;
        /* Of the exact size, so that reading beyond it is an overrun. */
        char *exact = arena_alloc(&arena, refused[i].size);
        memcpy(exact, refused[i].data, refused[i].size);
        assert_false(url_decode((struct str){exact, refused[i].size}, &arena, &decoded));
    }
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_once),
        cmocka_unit_test(refuses_what_is_no_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
