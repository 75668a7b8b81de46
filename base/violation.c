#include "base/violation.h"

#include <stdarg.h>
#include <stdio.h>

/* Longer messages are cut. */
#define VIOLATION_MESSAGE_SIZE 512

void violations_init(struct violations *violations, struct arena *arena) {
    *violations = (struct violations){.arena = arena};
}

void violations_add(struct violations *violations, struct str field, const char *format, ...) {
    if (violations->count == VIOLATIONS_MAX) {
        violations->dropped++;
        return;
    }
    if (violations->items == NULL) {
        violations->items =
            arena_alloc_array(violations->arena, VIOLATIONS_MAX, sizeof *violations->items);
    }
    char message[VIOLATION_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    CHECK(length >= 0);
    violations->items[violations->count++] = (struct violation){
        .field = arena_copy(violations->arena, field),
        .message = arena_copy(violations->arena, str_of(message)),
    };
}
