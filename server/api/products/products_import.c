#include "base/clock.h"
#include "server/api/author.h"
#include "server/api/products/product_schema.h"
#include "server/api/products/products.h"
#include "server/api/reply.h"
#include "server/catalogue/product_import.h"
#include "stores/import_store.h"

#define PROGRESS_INTERVAL_MS 1000

const char *const product_file_types[] = {"text/csv", NULL};

const struct upload product_import_upload = {
    .field = "file",
    .files_max = 1,
    .file_max_bytes = PRODUCT_IMPORT_BODY_MAX_BYTES,
    .raw_types = product_file_types,
    .doc = "A product file, CSV in the layout of Shopify's product export.",
};

/* The import's place in the file, and what of it has been told to others. */
struct import_progress {
    struct job *job;
    struct str rest;
    struct import_record record;
};

static ptrdiff_t read_file(void *context, char *bytes, size_t size) {
    struct import_progress *progress = context;
    struct str part = str_slice(progress->rest, 0, size);
    memcpy(bytes, part.data, part.size);
    progress->rest = str_slice(progress->rest, part.size, progress->rest.size);
    return (ptrdiff_t)part.size;
}

/* Nothing depends on the record, so an import goes on without it. */
static void put_record(struct import_progress *progress,
                       const struct product_import_report *report) {
    struct import_record *record = &progress->record;
    record->bytes = report->bytes;
    record->rows = report->rows;
    record->created = report->created;
    record->updated = report->updated;
    record->unchanged = report->unchanged;
    record->rejected = report->rejected;
    record->errors = (int64_t)report->errors.count + report->errors_dropped;
    struct fault fault = import_store_put(progress->job->mongo, record);
    (void)fault;
}

static void tell(void *context, const struct product_import_report *report) {
    struct import_progress *progress = context;
    if (clock_now_ms() - progress->record.updated_at_ms >= PROGRESS_INTERVAL_MS) {
        put_record(progress, report);
    }
}

/* What is no file of products at all is a bad request; the report has why. */
static void note_errors(struct job *job, const struct product_import_report *report) {
    for (size_t i = 0; i < report->errors.count; i++) {
        const struct product_import_error *error = &report->errors.items[i];
        struct str field = str_is_absent(error->column) ? STR("file") : error->column;
        violations_add(&job->violations, field, "%.*s", STR_ARG(error->message));
    }
}

/* "Unavailable" would say that nothing was done. */
static struct fault told_fault(struct fault fault, const struct product_import_report *report) {
    bool is_begun = report->created + report->updated > 0;
    return is_begun && fault_is(fault, FAULT_STORE_DOWN) ? fault_of(FAULT_OUTCOME_UNKNOWN) : fault;
}

struct fault products_import(struct job *job) {
    const struct product_import_query *query = job->query;
    struct str file = job->files.items[0].bytes;
    struct product_import_report report;
    struct import_progress progress = {
        .job = job,
        .rest = file,
        .record = {.id = str_of(job->request_id),
                   .user_id = job->caller.id,
                   .dry_run = query->dry_run,
                   .bytes_total = (int64_t)file.size,
                   .started_at_ms = clock_now_ms()},
    };
    const struct product_import_options options = {
        .source = {read_file, &progress},
        .author = author_of_job(job),
        .dry_run = query->dry_run,
        .sets_stock = query->stock == PRODUCT_IMPORT_STOCK_SET,
        .tell = tell,
        .tell_context = &progress,
    };
    product_import_report_init(&report, &job->arena);
    put_record(&progress, &report);
    struct fault fault = product_import(job->mongo, &options, &report);
    progress.record.state = fault_occurred(fault) ? IMPORT_FAILED : IMPORT_DONE;
    put_record(&progress, &report);
    if (fault_is(fault, FAULT_INVALID)) {
        note_errors(job, &report);
    }
    TRY(query->dry_run ? fault : told_fault(fault, &report));
    return reply_object(job, &report);
}

struct fault product_import_show(struct job *job) {
    struct import_record record;
    TRY(import_store_find(job->mongo, &job->arena, job->path_values[0], &record));
    return reply_object(job, &record);
}
