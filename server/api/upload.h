/*
 * upload: bodies that are files.
 *
 * A route's row may have an upload in the place of a body schema: files in a field of
 * multipart/form-data, several where the row allows it, or, for the media types that it lists, one
 * file as the body itself. The frame checks the type of the body on the loop, parses it in a worker
 * and leaves the files, slices of the request's body, in job->files; OpenAPI is told by the same
 * row. What a file is its bytes say, never its name or the type that the client declared.
 */
#ifndef AIZY_SERVER_API_UPLOAD_H
#define AIZY_SERVER_API_UPLOAD_H

#include "base/fault.h"
#include "base/str.h"

struct job;

/* The most a row may allow. */
#define UPLOAD_FILES_MAX 32

struct upload {
    const char *field; /* of the form: "file" */
    size_t files_max;  /* 1 to UPLOAD_FILES_MAX */
    size_t file_max_bytes;
    const char *const *raw_types; /* such as "text/csv"; ends with NULL; NULL: only forms */
    const char *doc;
};

struct upload_file {
    struct str name;          /* what its sender calls it; absent */
    struct str declared_type; /* absent */
    struct str bytes;         /* at least one */
};

struct upload_file_list {
    struct upload_file *items;
    size_t count;
};

/* Whether the request's Content-Type is one that the route's upload takes. */
bool upload_type_fits(const struct job *job);

/*
 * Fills job->files, at least one. FAULT_INVALID with violations, FAULT_FILE_TOO_LARGE. The fields
 * of violations are "body", or the form's: "file[1]" for the second one.
 */
MUST_USE struct fault upload_decode(struct job *job);

/* For the table's check: CHECKs the row. */
void upload_check(const struct upload *upload);

#endif
