/*
 * multipart: multipart/form-data (RFC 7578, framed as RFC 2046 says), out of a body that is there
 * as a whole. Nothing is copied: what is found are slices of the body.
 *
 * Strict, so that no two readers see different files: the body begins with its first boundary and
 * ends with its last one (a line end may follow), lines end with CRLF and are neither folded nor
 * padded, each part has one Content-Disposition of form-data with one name. A transfer encoding
 * that changes bytes is refused, as is text that is not UTF-8. Headers that RFC 7578 does not name
 * are passed over, and so is `filename*`, which it forbids, but for its saying that here is a file.
 */
#ifndef AIZY_SERVER_API_MULTIPART_H
#define AIZY_SERVER_API_MULTIPART_H

#include <stdbool.h>

#include "base/str.h"

#define MULTIPART_PARTS_MAX 64
#define MULTIPART_HEAD_MAX_BYTES 4096 /* of a part, with the empty line at its end */
#define MULTIPART_HEADERS_MAX 8       /* of a part */
#define MULTIPART_BOUNDARY_MAX_BYTES 70

/*
 * Texts are as the client wrote them, UTF-8 without control characters, with the backslashes of
 * quoted strings still in: to be compared and shown, never to be used as a path or a type.
 */
struct multipart_part {
    struct str name;
    struct str file_name;    /* absent; may be empty */
    struct str content_type; /* absent */
    struct str body;
    bool is_file;
};

struct multipart {
    struct multipart_part parts[MULTIPART_PARTS_MAX];
    size_t count;
};

/* The boundary of a Content-Type; false when that is not multipart/form-data with a valid one. */
MUST_USE bool multipart_boundary(struct str content_type, struct str *boundary);

/*
 * NULL when the body is well-formed, else what is wrong with it, a static text that goes on from
 * "The body ..."; then `multipart` has the parts before that.
 */
MUST_USE const char *multipart_parse(struct str boundary, struct str body,
                                     struct multipart *multipart);

#endif
