#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <zlib.h>
#include <cmocka.h>

#include "base/gzip.h"

#define SIZE (200UL * 1024)

static char text[SIZE];

static void fill_with_words(void) {
    static const char words[] = "{\"name\":\"Enamel Mug\",\"price\":1250},";
    for (size_t i = 0; i < SIZE; i++) {
        text[i] = words[i % (sizeof words - 1)];
    }
}

/* As whoever gets it does it. */
static void assert_unpacks_to(struct str packed, struct str wanted) {
    static char unpacked[SIZE + 1];
    z_stream stream = {0};
    assert_int_equal(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
    stream.next_in = (z_const Bytef *)packed.data;
    stream.avail_in = (uInt)packed.size;
    stream.next_out = (Bytef *)unpacked;
    stream.avail_out = sizeof unpacked;
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.total_out, wanted.size);
    assert_memory_equal(unpacked, wanted.data, wanted.size);
    assert_int_equal(stream.avail_in, 0);
    (void)inflateEnd(&stream);
}

static void test_packs_what_anybody_can_unpack(void **state) {
    (void)state;
    const size_t sizes[] = {GZIP_MIN_BYTES, GZIP_MIN_BYTES + 1, 20000, SIZE};
    fill_with_words();
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct arena arena;
        arena_init(&arena, 1 << 24);
        struct str plain = {text, sizes[i]};
        struct str packed = gzip_pack(plain, &arena);
        assert_true(packed.size > 0 && packed.size * 4 < plain.size);
        assert_unpacks_to(packed, plain);
        assert_true(str_equals(packed, gzip_pack(plain, &arena)));
        arena_release(&arena);
    }
}

static void test_leaves_alone_what_is_small_or_would_not_be_smaller(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 24);
    fill_with_words();
    assert_true(str_is_absent(gzip_pack((struct str){text, GZIP_MIN_BYTES - 1}, &arena)));
    assert_true(str_is_absent(gzip_pack((struct str){NULL, 0}, &arena)));
    uint64_t random = 88172645463325252U;
    for (size_t i = 0; i < SIZE; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        text[i] = (char)(random >> 32);
    }
    assert_true(str_is_absent(gzip_pack((struct str){text, SIZE}, &arena)));
    arena_release(&arena);

    arena_init(&arena, 100);
    fill_with_words();
    assert_true(str_is_absent(gzip_pack((struct str){text, SIZE}, &arena)));
    arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packs_what_anybody_can_unpack),
        cmocka_unit_test(test_leaves_alone_what_is_small_or_would_not_be_smaller),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
