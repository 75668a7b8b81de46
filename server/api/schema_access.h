/*
 * schema_access: reading and writing a struct's members by their rows, for the schema modules
 * alone.
 */
#ifndef AIZY_SERVER_API_SCHEMA_ACCESS_H
#define AIZY_SERVER_API_SCHEMA_ACCESS_H

#include "server/api/schema.h"

static inline void *field_at(const struct field *field, void *object) {
    return (char *)object + field->offset;
}

static inline const void *field_in(const struct field *field, const void *object) {
    return (const char *)object + field->offset;
}

/* The bounds of a field, its type's own where the row gives none. */
struct field_bounds {
    int64_t min, max;
};
struct field_bounds field_bounds(const struct field *field);

/*
 * Checks text against a field's bounds, choices and format and stores it (a FIELD_STR or
 * FIELD_CHOICE). Notes a violation and returns false when it does not fit. `text` lives in the
 * arena.
 */
bool field_store_text(const struct field *field, struct str text, struct str path, void *object,
                      struct violations *violations);

bool field_store_int(const struct field *field, int64_t number, struct str path, void *object,
                     struct violations *violations);

/* Sets the member to absent. */
void field_store_absent(const struct field *field, void *object);

/* Notes that the member was there. */
void field_mark_given(const struct field *field, void *object);

#endif
