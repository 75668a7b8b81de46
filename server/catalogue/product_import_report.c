#include "server/catalogue/product_import_report.h"

#include <stdarg.h>
#include <stdio.h>

#define MESSAGE_MAX_BYTES 400

void product_import_report_init(struct product_import_report *report, struct arena *arena) {
    *report = (struct product_import_report){.arena = arena};
    report->errors.items =
        arena_alloc_array(arena, PRODUCT_IMPORT_ERRORS_MAX, sizeof(*report->errors.items));
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
