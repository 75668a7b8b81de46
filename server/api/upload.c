#include "server/api/upload.h"

#include "server/api/job.h"
#include "server/api/multipart.h"
#include "server/api/route.h"

/* The type without its parameters is one of the raw ones. */
static bool is_raw(const struct upload *upload, struct str content_type) {
    struct str type = str_trim(str_slice(content_type, 0, str_find_byte(content_type, ';')));
    for (size_t i = 0; upload->raw_types != NULL && upload->raw_types[i] != NULL; i++) {
        if (str_equals_ignoring_case(type, str_of(upload->raw_types[i]))) {
            return true;
        }
    }
    return false;
}

bool upload_type_fits(const struct job *job) {
    struct str boundary;
    return is_raw(job->route->upload, job->request.content_type) ||
           multipart_boundary(job->request.content_type, &boundary);
}

/* "file[1]" */
static struct str field_at(struct job *job, size_t index) {
    return arena_printf(&job->arena, "%s[%zu]", job->route->upload->field, index);
}

static void take_part(struct job *job, const struct multipart_part *part) {
    const struct upload *upload = job->route->upload;
    struct upload_file_list *files = &job->files;
    if (!str_equals(part->name, str_of(upload->field))) {
        violations_add(&job->violations, part->name, "is not known here; files go into \"%s\"",
                       upload->field);
        return;
    }
    size_t index = files->count++;
    if (index >= upload->files_max) {
        return;
    }
    if (!part->is_file) {
        violations_add(&job->violations, field_at(job, index), "must be a file, with a file name");
    } else if (part->body.size == 0) {
        violations_add(&job->violations, field_at(job, index), "is empty");
    }
    files->items[index] = (struct upload_file){part->file_name, part->content_type, part->body};
}

static struct fault decode_form(struct job *job) {
    const struct upload *upload = job->route->upload;
    struct multipart *multipart = ARENA_NEW(&job->arena, struct multipart);
    struct str boundary;
    ENSURE(multipart_boundary(job->request.content_type, &boundary), FAULT_UNSUPPORTED_UPLOAD);
    const char *problem = multipart_parse(boundary, job->request.body, multipart);
    if (problem != NULL) {
        violations_add(&job->violations, STR("body"), "%s", problem);
        return fault_of(FAULT_INVALID);
    }
    for (size_t i = 0; i < multipart->count; i++) {
        take_part(job, &multipart->parts[i]);
    }
    if (job->files.count > upload->files_max) {
        violations_add(&job->violations, str_of(upload->field), "may come at most %zu times",
                       upload->files_max);
    } else if (job->files.count == 0) {
        violations_add(&job->violations, str_of(upload->field), "is required");
    }
    return fault_none();
}

static void take_body(struct job *job) {
    struct str body = job->request.body;
    if (body.size == 0) {
        violations_add(&job->violations, STR("body"), "is empty");
    }
    job->files.items[job->files.count++] =
        (struct upload_file){.declared_type = job->request.content_type, .bytes = body};
}

struct fault upload_decode(struct job *job) {
    const struct upload *upload = job->route->upload;
    job->files = (struct upload_file_list){
        arena_alloc_array(&job->arena, upload->files_max, sizeof(struct upload_file)), 0};
    if (is_raw(upload, job->request.content_type)) {
        take_body(job);
    } else {
        TRY(decode_form(job));
    }
    ENSURE(!violations_any(&job->violations), FAULT_INVALID);
    for (size_t i = 0; i < job->files.count; i++) {
        ENSURE(job->files.items[i].bytes.size <= upload->file_max_bytes, FAULT_FILE_TOO_LARGE);
    }
    return fault_none();
}

void upload_check(const struct upload *upload) {
    CHECK(upload->field != NULL && upload->doc != NULL && upload->file_max_bytes > 0);
    CHECK(upload->files_max >= 1 && upload->files_max <= UPLOAD_FILES_MAX);
}
