#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "server/api/multipart.h"

#define HEAD "Content-Disposition: form-data; name=\"file\""
#define END "\r\n--b--\r\n"

static struct multipart multipart;

static void finds_boundaries(void **state) {
    (void)state;
    static const struct {
        const char *content_type;
        const char *boundary; /* NULL: refused */
    } cases[] = {
        {"multipart/form-data; boundary=b", "b"},
        {"Multipart/Form-Data;BOUNDARY=----x1", "----x1"},
        {"multipart/form-data; charset=UTF-8; boundary=\"a b:c\"", "a b:c"},
        {"multipart/form-data", NULL},
        {"multipart/form-data; boundary=", NULL},
        {"multipart/form-data; boundary=\"\"", NULL},
        {"multipart/form-data; boundary=\"b ", NULL},
        {"multipart/form-data; boundary=\"b \"", NULL},
        {"multipart/form-data; boundary=b; boundary=c", NULL},
        {"multipart/form-data; boundary=b; charset=latin1", NULL},
        {"multipart/form-data; boundary=b; x=y", NULL},
        {"multipart/form-data; boundary=b c", NULL},
        {"multipart/form-data; boundary=b;", NULL},
        {"multipart/form-data; boundary=\"b\\\"c\"", NULL},
        {"multipart/mixed; boundary=b", NULL},
        {"application/json; boundary=b", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct str boundary;
        bool is_valid = multipart_boundary(str_of(cases[i].content_type), &boundary);
        assert_int_equal(is_valid, cases[i].boundary != NULL);
        assert_true(!is_valid || str_equals(boundary, str_of(cases[i].boundary)));
    }
    char longest[128] = "multipart/form-data; boundary=";
    size_t size = strlen(longest);
    memset(longest + size, 'b', MULTIPART_BOUNDARY_MAX_BYTES + 1);
    struct str boundary;
    assert_true(multipart_boundary((struct str){longest, size + 70}, &boundary));
    assert_false(multipart_boundary((struct str){longest, size + 71}, &boundary));
}

static void reads_parts(void **state) {
    (void)state;
    struct str body =
        STR("--b\r\n" HEAD "; filename=\"C:\\dir\\a \\\"1\\\".jpg\"\r\n"
            "content-type: image/jpeg ; x=y\r\nX-Other: \r\n\r\n"
            "\xff\xd8\0\r\n--c\r\n-\r\n--b\r\n"
            "Content-Type: text/plain\r\nContent-Transfer-Encoding: BINARY\r\n"
            "Content-Disposition: FORM-DATA; NAME=note\r\n\r\n"
            "\r\n--b\r\n"
            "Content-Disposition: form-data; filename*=utf-8''x; name=\"file\"\r\n\r\n"
            "\r\n" END);
    assert_null(multipart_parse(STR("b"), body, &multipart));
    assert_int_equal(multipart.count, 3);
    const struct multipart_part *part = multipart.parts;
    assert_true(str_equals(part->name, STR("file")) && part->is_file);
    assert_true(str_equals(part->file_name, STR("C:\\dir\\a \\\"1\\\".jpg")));
    assert_true(str_equals(part->content_type, STR("image/jpeg ; x=y")));
    assert_true(str_equals(part->body, STR("\xff\xd8\0\r\n--c\r\n-")));
    part++;
    assert_true(str_equals(part->name, STR("note")) && !part->is_file);
    assert_true(str_is_absent(part->file_name));
    assert_int_equal(part->body.size, 0);
    part++;
    assert_true(part->is_file && str_is_absent(part->file_name));
    assert_true(str_equals(part->body, STR("\r\n")));
}

static void takes_no_parts_at_all(void **state) {
    (void)state;
    assert_null(multipart_parse(STR("b"), STR("--b--"), &multipart));
    assert_int_equal(multipart.count, 0);
    assert_null(multipart_parse(STR("b"), STR("--b--\r\n"), &multipart));
}

static void says_what_is_wrong(void **state) {
    (void)state;
    static const struct {
        struct str body;
        const char *problem;
    } cases[] = {
        {STR_INIT(""), "does not begin with its boundary"},
        {STR_INIT("--c\r\n" HEAD "\r\n\r\n1" END), "does not begin with its boundary"},
        {STR_INIT("\r\n--b\r\n" HEAD "\r\n\r\n1" END), "does not begin with its boundary"},
        {STR_INIT("hello\r\n--b\r\n" HEAD "\r\n\r\n1" END), "does not begin with its boundary"},
        {STR_INIT("--b \r\n" HEAD "\r\n\r\n1" END), "has more than a boundary"},
        {STR_INIT("--bc\r\n" HEAD "\r\n\r\n1" END), "has more than a boundary"},
        {STR_INIT("--b\n" HEAD "\n\n1" END), "has more than a boundary"},
        {STR_INIT("--b\r\n" HEAD "\r\n\r\n1\r\n--bc\r\n2" END), "has more than a boundary"},
        {STR_INIT("--b\r\n" HEAD "\r\n\r\n1"), "ends before its last boundary"},
        {STR_INIT("--b\r\n" HEAD "\r\n\r\n1\n--b--"), "ends before its last boundary"},
        /* The empty line's own line end is not the boundary's. */
        {STR_INIT("--b\r\n" HEAD "\r\n\r\n--b--\r\n"), "ends before its last boundary"},
        {STR_INIT("--b\r\n" HEAD), "headers do not end"},
        {STR_INIT("--b\r\n" HEAD "\r\n"), "headers do not end"},
        {STR_INIT("--b\r\n" HEAD "\n\n1" END), "cannot be read"},
        {STR_INIT("--b\r\n\r\n1" END), "without a Content-Disposition"},
        {STR_INIT("--b\r\nContent-Type: a/b\r\n\r\n1" END), "without a Content-Disposition"},
        {STR_INIT("--b\r\nContent-Disposition: form-data\r\n\r\n1" END), "without a name"},
        {STR_INIT("--b\r\n" HEAD "; name=a\r\n\r\n1" END), "two names"},
        {STR_INIT("--b\r\n" HEAD "; filename=a; filename=b\r\n\r\n1" END), "two names"},
        {STR_INIT("--b\r\n" HEAD "\r\n" HEAD "\r\n\r\n1" END), "two Content-Dispositions"},
        {STR_INIT("--b\r\n" HEAD "\r\nContent-Type: a\r\nContent-Type: b\r\n\r\n1" END),
         "two Content-Types"},
        {STR_INIT("--b\r\nContent-Disposition: attachment; name=a\r\n\r\n1" END), "not form-data"},
        {STR_INIT("--b\r\n" HEAD "; x\r\n\r\n1" END), "Content-Disposition cannot be read"},
        {STR_INIT("--b\r\n" HEAD "; x=\"y\r\n\r\n1" END), "Content-Disposition cannot be read"},
        {STR_INIT("--b\r\nContent-Disposition: form-data;\r\n name=a\r\n\r\n1" END),
         "Content-Disposition cannot be read"},
        {STR_INIT("--b\r\n" HEAD "\r\n x: folded\r\n\r\n1" END), "header that cannot be read"},
        {STR_INIT("--b\r\n" HEAD "\r\nno colon\r\n\r\n1" END), "header that cannot be read"},
        {STR_INIT("--b\r\n" HEAD "\r\nX: \0\r\n\r\n1" END), "header that cannot be read"},
        {STR_INIT("--b\r\n" HEAD "\r\nX: \xff\r\n\r\n1" END), "header that cannot be read"},
        {STR_INIT("--b\r\n" HEAD "\r\nContent-Transfer-Encoding: base64\r\n\r\nMQ==" END),
         "Content-Transfer-Encoding"},
        {STR_INIT("--b\r\n" HEAD "\r\n\r\n1\r\n--b--\r\n\r\n"), "goes on behind"},
        {STR_INIT("--b\r\n" HEAD "\r\n\r\n1\r\n--b--x"), "goes on behind"},
        {STR_INIT("--b--\r\n--b\r\n" HEAD "\r\n\r\n1" END), "goes on behind"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *problem = multipart_parse(STR("b"), cases[i].body, &multipart);
        assert_non_null(problem);
        if (strstr(problem, cases[i].problem) == NULL) {
            fail_msg("case %zu: %s", i, problem);
        }
    }
}

static void append_part(struct buf *body, size_t headers, size_t padding) {
    buf_append_str(body, STR("--b\r\n" HEAD "\r\n"));
    for (size_t i = 1; i < headers; i++) {
        buf_append_str(body, STR("X: y\r\n"));
    }
    if (padding > 0) {
        buf_append_str(body, STR("P: "));
        for (size_t i = 0; i < padding; i++) {
            buf_append_byte(body, 'p');
        }
        buf_append_str(body, STR("\r\n"));
    }
    buf_append_str(body, STR("\r\n\r\n"));
}

static void bounds_parts_and_heads(void **state) {
    (void)state;
    const size_t bare = sizeof(HEAD "\r\nP: \r\n\r\n") - 1;
    const struct {
        size_t parts, headers, padding;
        bool is_taken;
    } cases[] = {
        {MULTIPART_PARTS_MAX, 1, 0, true},
        {MULTIPART_PARTS_MAX + 1, 1, 0, false},
        {1, MULTIPART_HEADERS_MAX, 0, true},
        {1, MULTIPART_HEADERS_MAX + 1, 0, false},
        {1, 1, MULTIPART_HEAD_MAX_BYTES - bare, true},
        {1, 1, MULTIPART_HEAD_MAX_BYTES - bare + 1, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf body;
        buf_init(&body, 1 << 20);
        for (size_t part = 0; part < cases[i].parts; part++) {
            append_part(&body, cases[i].headers, cases[i].padding);
        }
        buf_append_str(&body, STR("--b--"));
        bool is_taken = multipart_parse(STR("b"), buf_str(&body), &multipart) == NULL;
        assert_int_equal(is_taken, cases[i].is_taken);
        assert_true(multipart.count <= MULTIPART_PARTS_MAX);
        buf_release(&body);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_boundaries),       cmocka_unit_test(reads_parts),
        cmocka_unit_test(takes_no_parts_at_all),  cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(bounds_parts_and_heads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
