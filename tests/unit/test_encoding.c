#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/api/encoding.h"

static const struct {
    struct str header;
    bool prefers_gzip;
} headers[] = {
    {{NULL, 0}, false},
    {STR_INIT(""), false},
    {STR_INIT("gzip"), true},
    {STR_INIT("GZip"), true},
    {STR_INIT("x-gzip"), true},
    {STR_INIT("gzip, deflate, br, zstd"), true},
    {STR_INIT("deflate, br"), false},
    {STR_INIT(" br ,\tgzip "), true},
    {STR_INIT("gzipped"), false},
    {STR_INIT("*"), true},
    {STR_INIT("*;q=0"), false},
    {STR_INIT("*;q=0, gzip"), true},
    {STR_INIT("*, gzip;q=0"), false},
    {STR_INIT("identity"), false},
    {STR_INIT("identity;q=0"), false},
    {STR_INIT("identity;q=0, *"), true},
    {STR_INIT("identity, gzip"), true},
    {STR_INIT("identity, gzip;q=0.999"), false},
    {STR_INIT("identity;q=0.5, gzip;q=0.5"), true},
    {STR_INIT("identity;q=0.5, *;q=0.1"), false},
    {STR_INIT("gzip;q=0"), false},
    {STR_INIT("gzip;q=0.000"), false},
    {STR_INIT("gzip;q=0.001"), true},
    {STR_INIT("gzip ; Q=0.1"), true},
    {STR_INIT("gzip;level=9;q=0"), false},
    {STR_INIT("gzip;q=1.000"), true},
    {STR_INIT("gzip;q=0."), false},
    {STR_INIT("gzip;q=1."), true},
    {STR_INIT("gzip;q=1.001"), false},
    {STR_INIT("gzip;q=2"), false},
    {STR_INIT("gzip;q=0.0001"), false},
    {STR_INIT("gzip;q="), false},
    {STR_INIT("gzip;q=-1"), false},
    {STR_INIT("gzip;q=0,5"), false},
    {STR_INIT("gzip;q=0x1"), false},
    {STR_INIT(",,gzip,"), true},
    {STR_INIT(";q=1"), false},
};

static void test_prefers_gzip_where_it_is_said(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        if (encoding_prefers_gzip(headers[i].header) != headers[i].prefers_gzip) {
            fail_msg("%.*s", STR_ARG(headers[i].header));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prefers_gzip_where_it_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
