#include "server/catalogue/product_import.h"

#include <search.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/money.h"
#include "server/catalogue/product_import_group.h"
#include "server/catalogue/product_import_merge.h"

#define BUSY_PAUSE_MS 500

/* The products seen: 200,000 handles and where they were. */
#define SEEN_ARENA_BYTES (64UL * 1024 * 1024)

/* A product that was in the file, as the tree of them knows it. */
struct seen_product {
    struct str handle;
    int64_t row;
};

struct import {
    struct mongo_store *store;
    const struct product_import_options *options;
    struct product_import_report *report;
    struct csv_reader reader;
    struct csv_row csv;
    struct product_header header;
    struct import_group group;
    struct arena seen_arena;
    void *seen; /* a tree of struct seen_product */
    size_t seen_count;
};

static int compare_seen(const void *left, const void *right) {
    struct str a = ((const struct seen_product *)left)->handle;
    struct str b = ((const struct seen_product *)right)->handle;
    int order = memcmp(a.data, b.data, a.size < b.size ? a.size : b.size);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static void keep_nothing(void *node) {
    (void)node; /* the arena has it */
}

/* The product's first row; that of an earlier one with the same handle if there was one. */
static int64_t note_seen(struct import *import, struct str handle, int64_t row) {
    struct seen_product *product = ARENA_NEW(&import->seen_arena, struct seen_product);
    *product = (struct seen_product){arena_copy(&import->seen_arena, handle), row};
    struct seen_product **node = tsearch(product, &import->seen, compare_seen);
    CHECK(node != NULL && "out of memory");
    return (*node)->row;
}

/* The faults that are about this product, and not about the store. */
static bool is_refusal(struct fault fault) {
    static const enum fault_name refusals[] = {FAULT_INVALID,   FAULT_SLUG_TAKEN,
                                               FAULT_SKU_TAKEN, FAULT_CONFLICT,
                                               FAULT_NOT_FOUND, FAULT_ANSWER_TOO_LARGE};
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        if (fault_is(fault, refusals[i])) {
            return true;
        }
    }
    return false;
}

static struct fault store_once(struct import *import, struct product_edit *edit,
                               struct str category_name, struct violations *violations) {
    struct import_merge merge = {&import->header, import->options->sets_stock};
    const struct product_import_order order = {.edit = edit,
                                               .category_name = category_name,
                                               .is_rehearsal = import->options->dry_run,
                                               .fill = import_merge_fill,
                                               .fill_context = &merge};
    enum product_import_result result = PRODUCT_IMPORT_UNCHANGED;
    TRY(product_store_import(import->store, &import->group.arena, &order, &import->options->author,
                             violations, &result));
    int64_t *const counts[] = {
        [PRODUCT_IMPORT_CREATED] = &import->report->created,
        [PRODUCT_IMPORT_UPDATED] = &import->report->updated,
        [PRODUCT_IMPORT_UNCHANGED] = &import->report->unchanged,
    };
    (*counts[result])++;
    return fault_none();
}

static void pause_ms(int64_t duration_ms) {
    struct timespec pause = {.tv_sec = duration_ms / 1000, .tv_nsec = duration_ms % 1000 * 1000000};
    (void)nanosleep(&pause, NULL);
}

static struct fault store_product(struct import *import, struct product_edit *edit,
                                  struct str category_name, struct violations *violations) {
    int64_t deadline_us = clock_monotonic_us() + import->options->patience_ms * 1000;
    struct fault fault = store_once(import, edit, category_name, violations);
    while (fault_is(fault, FAULT_BUSY) && clock_monotonic_us() < deadline_us) {
        pause_ms(BUSY_PAUSE_MS);
        fault = store_once(import, edit, category_name, violations);
    }
    if (fault_is(fault, FAULT_OUTCOME_UNKNOWN)) {
        /* Whatever became of it, the same again makes it so. */
        struct fault again = store_once(import, edit, category_name, violations);
        fault = is_refusal(again) || !fault_occurred(again) ? again : fault;
    }
    return fault;
}

static void note_refusal(struct import *import, struct fault fault,
                         const struct violations *violations) {
    if (violations_any(violations)) {
        import_group_note_violations(&import->group, violations, import->report);
        return;
    }
    struct str column = fault_is(fault, FAULT_SKU_TAKEN) ? STR("Variant SKU") : (struct str){0};
    product_import_report_add(import->report, import->group.first_row, column, "%s",
                              fault_row(fault.name)->sentence);
}

/* Stores the product whose rows are complete. */
static struct fault finish_group(struct import *import) {
    struct import_group *group = &import->group;
    if (str_is_absent(group->handle)) {
        return fault_none();
    }
    struct product_edit edit;
    struct str category_name = {0};
    if (!import_group_build(group, &import->header, &edit, &category_name, import->report)) {
        import->report->rejected++;
        return fault_none();
    }
    struct violations violations;
    violations_init(&violations, &group->arena);
    struct fault fault = store_product(import, &edit, category_name, &violations);
    if (fault_occurred(fault) && is_refusal(fault)) {
        note_refusal(import, fault, &violations);
        import->report->rejected++;
        return fault_none();
    }
    return fault;
}

static bool is_blank(const struct csv_row *csv) {
    for (size_t i = 0; i < csv->cell_count; i++) {
        if (!str_is_empty(str_trim(csv->cells[i]))) {
            return false;
        }
    }
    return csv->problem == NULL;
}

/* A row that cannot be told to belong to any product. */
static void reject_stray(struct import *import) {
    bool is_malformed = import->csv.problem != NULL;
    product_import_report_add(import->report, import->csv.number,
                              is_malformed ? (struct str){0} : STR("Handle"), "%s",
                              is_malformed ? import->csv.problem : "is required");
    import->report->rejected++;
}

static struct fault finish_and_tell(struct import *import) {
    TRY(finish_group(import));
    if (import->options->tell != NULL) {
        import->options->tell(import->options->tell_context, import->report);
    }
    return fault_none();
}

static struct fault begin_group(struct import *import, struct str handle) {
    TRY(finish_and_tell(import));
    import_group_begin(&import->group, handle, import->csv.number,
                       import->options->author.default_currency);
    ENSURE(import->seen_count++ < PRODUCT_IMPORT_PRODUCTS_MAX, FAULT_BODY_TOO_LARGE);
    int64_t seen_at = note_seen(import, handle, import->csv.number);
    if (seen_at != import->csv.number) {
        product_import_report_add(import->report, import->csv.number, STR("Handle"),
                                  "This product was in row %lld already; the rows of a product "
                                  "follow each other.",
                                  (long long)seen_at);
        import->group.is_rejected = true;
    }
    return fault_none();
}

static struct fault add_row(struct import *import) {
    if (is_blank(&import->csv)) {
        return fault_none();
    }
    struct str handle = product_header_handle(&import->header, &import->csv);
    if (str_is_absent(handle)) {
        reject_stray(import);
        return fault_none();
    }
    if (!str_equals(handle, import->group.handle)) {
        TRY(begin_group(import, handle));
    }
    import_group_add(&import->group, &import->header, &import->csv, import->report);
    return fault_none();
}

static struct fault read_header(struct import *import) {
    enum csv_result result = csv_reader_next(&import->reader, &import->csv);
    if (result != CSV_ROW) {
        product_import_report_add(import->report, 1, (struct str){0}, "%s",
                                  result == CSV_END ? "The file is empty."
                                                    : "The file cannot be read.");
        return fault_of(FAULT_INVALID);
    }
    ENSURE(product_header_read(&import->header, &import->csv, import->report), FAULT_INVALID);
    return fault_none();
}

static struct fault read_products(struct import *import) {
    TRY(read_header(import));
    enum csv_result result = CSV_ROW;
    while ((result = csv_reader_next(&import->reader, &import->csv)) == CSV_ROW) {
        import->report->rows = import->csv.number;
        import->report->bytes = import->reader.bytes_read;
        TRY(add_row(import));
    }
    if (result == CSV_READ_FAILED) {
        product_import_report_add(import->report, import->csv.number, (struct str){0},
                                  "The file cannot be read beyond this row.");
        return fault_of(FAULT_INVALID);
    }
    return finish_and_tell(import);
}

struct fault product_import(struct mongo_store *store, const struct product_import_options *options,
                            struct product_import_report *report) {
    /* Too large for the stack of a thread. */
    struct import *import = calloc(1, sizeof(*import));
    CHECK(import != NULL && "out of memory");
    import->store = store;
    import->options = options;
    import->report = report;
    CHECK(currency_exponent(options->author.default_currency) >= 0);
    csv_reader_init(&import->reader, options->source);
    import_group_init(&import->group);
    arena_init(&import->seen_arena, SEEN_ARENA_BYTES);
    struct fault fault = read_products(import);
    tdestroy(import->seen, keep_nothing);
    arena_release(&import->seen_arena);
    import_group_release(&import->group);
    csv_reader_release(&import->reader);
    free(import);
    return fault;
}
