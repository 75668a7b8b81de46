/*
 * fuzz_schema: what must be true of every struct that a schema filled, whatever the schema.
 */
#ifndef AIZY_TESTS_FUZZ_FUZZ_SCHEMA_H
#define AIZY_TESTS_FUZZ_FUZZ_SCHEMA_H

#include "server/api/schema.h"
#include "tests/fuzz/fuzz.h"

#define FUZZ_ENCODED_MAX_BYTES (64UL * 1024 * 1024)

static inline void fuzz_check_strs(const struct str_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        CHECK(fuzz_is_text(list->items[i]));
    }
}

static inline void fuzz_check_pairs(const struct str_pair_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        CHECK(fuzz_is_text(list->items[i].name) && fuzz_is_text(list->items[i].value));
    }
}

/* Every text in it is UTF-8 without NUL. */
static inline void fuzz_check_object(const struct schema *schema, const void *object) {
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        const char *member = (const char *)object + field->offset;
        if (field->type == FIELD_STR) {
            CHECK(fuzz_is_text(*(const struct str *)(const void *)member));
        } else if (field->type == FIELD_STRS) {
            fuzz_check_strs((const void *)member);
        } else if (field->type == FIELD_PAIRS) {
            fuzz_check_pairs((const void *)member);
        } else if (field->type == FIELD_OBJECT) {
            fuzz_check_object(field->object, member);
        } else if (field->type == FIELD_OBJECTS) {
            struct any_list list;
            memcpy(&list, member, sizeof(list));
            for (size_t at = 0; at < list.count; at++) {
                fuzz_check_object(field->object, (char *)list.items + at * field->object->size);
            }
        }
    }
}

/* The object as JSON, in the arena. */
static inline struct str fuzz_encode(const struct schema *schema, const void *object,
                                     struct arena *arena) {
    struct buf out;
    buf_init(&out, FUZZ_ENCODED_MAX_BYTES);
    schema_encode(schema, object, &out);
    CHECK(!buf_is_overflowed(&out));
    struct str text = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return text;
}

#endif
