#include "server/catalogue/product_import_report.h"

#include <stdarg.h>
#include <stdio.h>

#define MESSAGE_MAX_BYTES 400
#define COLUMN_NAME_MAX_BYTES 200

void product_import_report_init(struct product_import_report *report, struct arena *arena) {
    *report = (struct product_import_report){.arena = arena};
    report->errors.items =
        arena_alloc_array(arena, PRODUCT_IMPORT_ERRORS_MAX, sizeof(*report->errors.items));
    report->ignored_columns.items =
        arena_alloc_array(arena, PRODUCT_IMPORT_IGNORED_MAX, sizeof(struct str));
}

int64_t product_import_report_products(const struct product_import_report *report) {
    return report->created + report->updated + report->unchanged + report->rejected;
}

void product_import_report_ignore(struct product_import_report *report, struct str column) {
    struct str_list *ignored = &report->ignored_columns;
    bool is_name =
        str_is_utf8(column) && !str_has_control(column) && column.size <= COLUMN_NAME_MAX_BYTES;
    if (is_name && ignored->count < PRODUCT_IMPORT_IGNORED_MAX) {
        ignored->items[ignored->count++] = arena_copy(report->arena, column);
    }
}

void product_import_report_add(struct product_import_report *report, int64_t row, struct str column,
                               const char *format, ...) {
    if (report->errors.count == PRODUCT_IMPORT_ERRORS_MAX) {
        report->errors_dropped++;
        return;
    }
    char message[MESSAGE_MAX_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    report->errors.items[report->errors.count++] = (struct product_import_error){
        .row = row,
        .column = arena_copy(report->arena, column),
        .message = arena_copy(report->arena, str_of(message)),
    };
}
