#include "server/api/schema.h"

#include <inttypes.h>

#include "server/api/format.h"
#include "server/api/schema_access.h"

/* Bounds of rows that give none: what fits anywhere and costs little. */
#define TEXT_MAX_CHARACTERS 1000
#define LIST_MAX_ITEMS 100
#define MONEY_MAX 1000000000000LL

struct field_bounds field_bounds(const struct field *field) {
    if (field->max != 0) {
        return (struct field_bounds){field->min, field->max};
    }
    switch (field->type) {
    case FIELD_STR:
        return (struct field_bounds){field->min, TEXT_MAX_CHARACTERS};
    case FIELD_MONEY:
        return (struct field_bounds){field->min, MONEY_MAX};
    case FIELD_STRS:
    case FIELD_PAIRS:
    case FIELD_OBJECTS:
        return (struct field_bounds){field->min, LIST_MAX_ITEMS};
    default:
        return (struct field_bounds){field->min, INT32_MAX};
    }
}

void field_store_absent(const struct field *field, void *object) {
    void *member = field_at(field, object);
    switch (field->type) {
    case FIELD_UNSET:
        CHECK(false);
        break;
    case FIELD_INT:
    case FIELD_TIME:
    case FIELD_MONEY:
        *(int64_t *)member = INT64_ABSENT;
        break;
    case FIELD_STR:
        *(struct str *)member = (struct str){NULL, 0};
        break;
    case FIELD_BOOL:
        *(bool *)member = false;
        break;
    case FIELD_CHOICE:
        *(int *)member = 0;
        break;
    case FIELD_STRS:
    case FIELD_PAIRS:
    case FIELD_OBJECTS:
        memset(member, 0, sizeof(struct any_list));
        break;
    case FIELD_OBJECT:
        schema_clear(field->object, member);
        break;
    }
}

void schema_clear(const struct schema *schema, void *object) {
    memset(object, 0, schema->size);
    for (size_t i = 0; i < schema->field_count; i++) {
        field_store_absent(&schema->fields[i], object);
    }
}

void field_mark_given(const struct field *field, void *object) {
    if (field->given != 0) {
        *(bool *)((char *)object + field->given - 1) = true;
    }
}

static const struct field *find_given(const struct schema *schema, const char *name) {
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        if (strcmp(field->name, name) == 0 && field->given != 0) {
            return field;
        }
    }
    return NULL;
}

bool schema_has_given(const struct schema *schema, const char *name) {
    return find_given(schema, name) != NULL;
}

bool schema_was_given(const struct schema *schema, const void *object, const char *name) {
    const struct field *field = find_given(schema, name);
    CHECK(field != NULL);
    return *(const bool *)((const char *)object + field->given - 1);
}

bool schema_requires(const struct schema *schema, const struct field *field) {
    for (size_t i = 0; schema->required != NULL && schema->required[i] != NULL; i++) {
        if (strcmp(schema->required[i], field->name) == 0) {
            return true;
        }
    }
    return field->is_required;
}

static size_t member_size(const struct field *field) {
    switch (field->type) {
    case FIELD_UNSET:
        break;
    case FIELD_STR:
        return sizeof(struct str);
    case FIELD_INT:
    case FIELD_TIME:
    case FIELD_MONEY:
        return sizeof(int64_t);
    case FIELD_BOOL:
        return sizeof(bool);
    case FIELD_CHOICE:
        return sizeof(int);
    case FIELD_OBJECT:
        return field->object->size;
    case FIELD_STRS:
    case FIELD_PAIRS:
    case FIELD_OBJECTS:
        return sizeof(struct any_list);
    }
    CHECK(false);
}

static void check_field(const struct schema *schema, const struct field *field) {
    bool has_object = field->type == FIELD_OBJECT || field->type == FIELD_OBJECTS;
    struct field_bounds bounds = field_bounds(field);

    CHECK(field->name != NULL && field->doc != NULL);
    CHECK(has_object == (field->object != NULL));
    CHECK(field->type == FIELD_STR || (field->type == FIELD_CHOICE) == (field->choices != NULL));
    CHECK(field->format == FORMAT_NONE || field->type == FIELD_STR);
    CHECK(bounds.min <= bounds.max);
    CHECK(field->offset + member_size(field) <= schema->size);
    CHECK(field->given <= schema->size);
    /* A tree has itself inside. */
    if (has_object && field->object != schema) {
        schema_check(field->object);
    }
}

static void check_names(const struct schema *schema, const char *const *names) {
    for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
        bool is_there = false;
        for (size_t j = 0; j < schema->field_count; j++) {
            is_there |= strcmp(schema->fields[j].name, names[i]) == 0;
        }
        CHECK(is_there);
    }
}

void schema_check(const struct schema *schema) {
    CHECK(schema->name != NULL && schema->size > 0);
    check_names(schema, schema->required);
    check_names(schema, schema->any_of);
    for (size_t i = 0; i < schema->field_count; i++) {
        check_field(schema, &schema->fields[i]);
        for (size_t j = 0; j < i; j++) {
            CHECK(strcmp(schema->fields[i].name, schema->fields[j].name) != 0);
        }
    }
}

static int choice_index(const char *const *choices, struct str text) {
    for (int i = 0; choices[i] != NULL; i++) {
        if (str_equals(text, str_of(choices[i]))) {
            return i;
        }
    }
    return -1;
}

static void complain_of_choice(const struct field *field, struct str path,
                               struct violations *violations) {
    struct str list = {"", 0};
    for (size_t i = 0; field->choices[i] != NULL; i++) {
        list = arena_printf(violations->arena, "%.*s%s%s", STR_ARG(list), i == 0 ? "" : ", ",
                            field->choices[i]);
    }
    violations_add(violations, path, "must be one of: %.*s", STR_ARG(list));
}

static bool has_refused_control(const struct field *field, struct str text) {
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        bool is_line_end = byte == '\n' || byte == '\r' || byte == '\t';
        if (((unsigned char)byte < ' ' || byte == 0x7f) && !(is_line_end && field->is_multiline)) {
            return true;
        }
    }
    return false;
}

static bool text_fits(const struct field *field, struct str text, struct str path,
                      struct violations *violations) {
    struct field_bounds bounds = field_bounds(field);
    int64_t length = (int64_t)str_utf8_length(text);

    if (length < bounds.min) {
        if (bounds.min == 1) {
            violations_add(violations, path, "must not be empty");
        } else {
            violations_add(violations, path, "must have at least %" PRId64 " characters",
                           bounds.min);
        }
        return false;
    }
    if (length > bounds.max) {
        violations_add(violations, path, "must have at most %" PRId64 " characters", bounds.max);
        return false;
    }
    if (!field->keeps_text && has_refused_control(field, text)) {
        violations_add(violations, path, "must not contain control characters");
        return false;
    }
    const char *complaint = format_complaint(field->format, text);
    if (complaint != NULL) {
        violations_add(violations, path, "%s", complaint);
        return false;
    }
    return true;
}

bool field_store_text(const struct field *field, struct str text, struct str path, void *object,
                      struct violations *violations) {
    if (!field->keeps_text) {
        text = str_trim(text);
    }
    if (field->choices != NULL) {
        int index = choice_index(field->choices, text);
        if (index < 0) {
            complain_of_choice(field, path, violations);
            return false;
        }
        if (field->type == FIELD_CHOICE) {
            *(int *)field_at(field, object) = index;
            return true;
        }
    }
    if (!text_fits(field, text, path, violations)) {
        return false;
    }
    *(struct str *)field_at(field, object) = text;
    return true;
}

bool field_store_int(const struct field *field, int64_t number, struct str path, void *object,
                     struct violations *violations) {
    struct field_bounds bounds = field_bounds(field);
    if (number < bounds.min || number > bounds.max) {
        violations_add(violations, path, "must be from %" PRId64 " to %" PRId64, bounds.min,
                       bounds.max);
        return false;
    }
    *(int64_t *)field_at(field, object) = number;
    return true;
}
