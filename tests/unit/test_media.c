#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "server/media/media.h"

#define ID "0123456789abcdef0123456789abcdef"

static void knows_its_names(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int format; /* -1: no name */
    } cases[] = {
        {ID ".jpg", MEDIA_JPEG},
        {ID ".png", MEDIA_PNG},
        {ID ".webp", MEDIA_WEBP},
        {ID "-160.jpg", MEDIA_JPEG},
        {ID "-960.webp", MEDIA_WEBP},
        {"", -1},
        {".jpg", -1},
        {ID, -1},
        {ID ".", -1},
        {ID ".gif", -1},
        {ID ".JPG", -1},
        {ID ".jpg.part", -1},
        {ID "x.jpg", -1},
        {ID "-.jpg", -1},
        {ID "-161.jpg", -1},
        {ID "-160-160.jpg", -1},
        {ID "160.jpg", -1},
        {"../" ID ".jpg", -1},
        {"0123456789ABCDEF0123456789abcdef.jpg", -1},
        {"/123456789abcdef0123456789abcdef.jpg", -1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        enum media_format format = MEDIA_JPEG;
        bool is_valid = media_name_is_valid(str_of(cases[i].name), &format);
        if (is_valid != (cases[i].format >= 0)) {
            fail_msg("%s", cases[i].name);
        }
        assert_true(!is_valid || (int)format == cases[i].format);
    }
    enum media_format format = MEDIA_JPEG;
    assert_false(media_name_is_valid(STR(ID ".jpg\0"), &format));
}

static void makes_names_that_it_knows(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct str id = media_new_id(&arena);
    assert_true(media_id_is_valid(id));
    assert_false(str_equals(id, media_new_id(&arena)));
    for (int made = 0; made < MEDIA_FORMAT_COUNT; made++) {
        for (size_t size = 0; size <= MEDIA_SIZE_COUNT; size++) {
            const char *size_name = size == MEDIA_SIZE_COUNT ? NULL : media_sizes[size].name;
            struct str name = media_name(&arena, id, size_name, (enum media_format)made);
            enum media_format format = MEDIA_FORMAT_COUNT;
            assert_true(name.size <= MEDIA_NAME_MAX_BYTES);
            assert_true(media_name_is_valid(name, &format));
            assert_int_equal(format, made);
        }
    }
    arena_release(&arena);
}

static void finds_the_id_in_an_address(void **state) {
    (void)state;
    assert_true(str_equals(media_id_of_url(STR("/media/" ID ".jpg")), STR(ID)));
    assert_true(str_equals(media_id_of_url(STR("/media/" ID)), STR(ID)));
    assert_true(str_is_absent(media_id_of_url(STR("/media/0123"))));
    assert_true(str_is_absent(media_id_of_url(STR("/Media/" ID ".jpg"))));
    assert_true(str_is_absent(media_id_of_url(STR("https://example.com/media/" ID ".jpg"))));
    assert_true(str_is_absent(media_id_of_url((struct str){0})));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_its_names),
        cmocka_unit_test(makes_names_that_it_knows),
        cmocka_unit_test(finds_the_id_in_an_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
