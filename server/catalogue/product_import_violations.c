#include "server/catalogue/product_import_group.h"

/* "variants[2].price" is "variants.price" of 2; without an index that is 0. */
static struct str split_field(struct arena *arena, struct str field, size_t *index) {
    size_t open = str_find_byte(field, '[');
    size_t close = str_find_byte(field, ']');
    int64_t number = 0;
    *index = 0;
    if (close <= open || close == field.size ||
        !str_to_int64(str_slice(field, open + 1, close - open - 1), &number)) {
        return field;
    }
    *index = (size_t)number;
    return arena_printf(arena, "%.*s%.*s", STR_ARG(str_slice(field, 0, open)),
                        STR_ARG(str_slice(field, close + 1, field.size)));
}

static int64_t row_of(const struct import_group *group, struct str field, size_t index) {
    if (index < IMPORT_GROUP_ROWS_MAX && str_starts_with(field, STR("variants."))) {
        return group->variant_rows[index];
    }
    if (index < IMPORT_GROUP_ROWS_MAX && str_starts_with(field, STR("images."))) {
        return group->image_rows[index];
    }
    return group->first_row;
}

void import_group_note_violations(const struct import_group *group,
                                  const struct violations *violations,
                                  struct product_import_report *report) {
    for (size_t i = 0; i < violations->count; i++) {
        size_t index = 0;
        struct str field = split_field(report->arena, violations->items[i].field, &index);
        struct str column = product_column_of_field(field, index);
        struct str message = violations->items[i].message;
        if (str_is_absent(column)) {
            product_import_report_add(report, row_of(group, field, index), column, "%.*s %.*s",
                                      STR_ARG(violations->items[i].field), STR_ARG(message));
        } else {
            product_import_report_add(report, row_of(group, field, index), column, "%.*s",
                                      STR_ARG(message));
        }
    }
}
