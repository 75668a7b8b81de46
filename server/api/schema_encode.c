#include "server/api/schema.h"

#include <string.h>

#include "base/clock.h"
#include "server/api/schema_access.h"

static void encode_strings(const struct str_list *list, struct buf *out) {
    buf_append_byte(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        buf_append_str(out, i == 0 ? STR("") : STR(","));
        buf_append_json_string(out, list->items[i]);
    }
    buf_append_byte(out, ']');
}

static void encode_pairs(const struct str_pair_list *list, struct buf *out) {
    buf_append_byte(out, '{');
    for (size_t i = 0; i < list->count; i++) {
        buf_append_str(out, i == 0 ? STR("") : STR(","));
        buf_append_json_string(out, list->items[i].name);
        buf_append_byte(out, ':');
        buf_append_json_string(out, list->items[i].value);
    }
    buf_append_byte(out, '}');
}

static void encode_objects(const struct field *field, const void *member, struct buf *out) {
    struct any_list list;
    memcpy(&list, member, sizeof(list));
    buf_append_byte(out, '[');
    for (size_t i = 0; i < list.count; i++) {
        buf_append_str(out, i == 0 ? STR("") : STR(","));
        schema_encode(field->object, (const char *)list.items + i * field->object->size, out);
    }
    buf_append_byte(out, ']');
}

static void encode_time(int64_t time_ms, struct buf *out) {
    char text[CLOCK_TEXT_SIZE];
    clock_format(time_ms, text);
    buf_append_byte(out, '"');
    buf_append_str(out, str_of(text));
    buf_append_byte(out, '"');
}

static bool is_absent(const struct field *field, const void *member) {
    switch (field->type) {
    case FIELD_STR:
        return str_is_absent(*(const struct str *)member);
    case FIELD_INT:
    case FIELD_MONEY:
    case FIELD_TIME:
        return *(const int64_t *)member == INT64_ABSENT;
    case FIELD_OBJECTS:
        return field->omit_absent && ((const struct any_list *)member)->items == NULL;
    default:
        return false;
    }
}

static void encode_value(const struct field *field, const void *member, struct buf *out) {
    switch (field->type) {
    case FIELD_UNSET:
        CHECK(false);
        break;
    case FIELD_STR:
        buf_append_json_string(out, *(const struct str *)member);
        break;
    case FIELD_INT:
    case FIELD_MONEY:
        buf_append_int64(out, *(const int64_t *)member);
        break;
    case FIELD_BOOL:
        buf_append_str(out, *(const bool *)member ? STR("true") : STR("false"));
        break;
    case FIELD_TIME:
        encode_time(*(const int64_t *)member, out);
        break;
    case FIELD_CHOICE:
        buf_append_json_string(out, str_of(field->choices[*(const int *)member]));
        break;
    case FIELD_STRS:
        encode_strings(member, out);
        break;
    case FIELD_PAIRS:
        encode_pairs(member, out);
        break;
    case FIELD_OBJECT:
        schema_encode(field->object, member, out);
        break;
    case FIELD_OBJECTS:
        encode_objects(field, member, out);
        break;
    }
}

void schema_encode(const struct schema *schema, const void *object, struct buf *out) {
    bool is_first = true;
    buf_append_byte(out, '{');
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        const void *member = field_in(field, object);
        bool absent = is_absent(field, member);
        if (absent && field->omit_absent) {
            continue;
        }
        buf_append_str(out, is_first ? STR("\"") : STR(",\""));
        buf_append_str(out, str_of(field->name));
        buf_append_str(out, STR("\":"));
        is_first = false;
        if (absent) {
            buf_append_str(out, STR("null"));
        } else {
            encode_value(field, member, out);
        }
    }
    buf_append_byte(out, '}');
}
