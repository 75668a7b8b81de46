#include "server/catalogue/product_import_group.h"

#include <openssl/evp.h>

void import_group_init(struct import_group *group) {
    *group = (struct import_group){0};
    arena_init(&group->arena, IMPORT_GROUP_ARENA_BYTES);
}

void import_group_release(struct import_group *group) {
    arena_release(&group->arena);
}

void import_group_begin(struct import_group *group, struct str handle, int64_t row_number) {
    arena_release(&group->arena);
    struct arena arena = group->arena;
    *group = (struct import_group){.arena = arena, .first_row = row_number, .last_row = row_number};
    group->handle = arena_copy(&group->arena, handle);
    group->rows = arena_alloc_array(&group->arena, IMPORT_GROUP_ROWS_MAX, sizeof(*group->rows));
}

static void reject(struct import_group *group, struct product_import_report *report, int64_t row,
                   const char *reason) {
    product_import_report_add(report, row, (struct str){0}, "%s", reason);
    group->is_rejected = true;
}

void import_group_add(struct import_group *group, const struct import_header *header,
                      const struct csv_row *csv, int exponent,
                      struct product_import_report *report) {
    group->last_row = csv->number;
    if (group->row_count == IMPORT_GROUP_ROWS_MAX) {
        if (!group->is_rejected) {
            reject(group, report, csv->number, "The product has more than 200 rows.");
        }
        return;
    }
    struct import_row row;
    if (!import_row_read(&row, header, csv, exponent, &group->arena, report)) {
        group->is_rejected = true;
        return;
    }
    if (arena_is_exhausted(&group->arena)) {
        reject(group, report, csv->number, "The product's rows are too large.");
        /* What follows would only grow it. */
        group->row_count = IMPORT_GROUP_ROWS_MAX;
        return;
    }
    group->rows[group->row_count++] = row;
}

static bool has_variant(const struct import_group *group, size_t index) {
    const struct import_row *row = &group->rows[index];
    bool has_option = false;
    for (size_t i = 0; i < PRODUCT_OPTIONS_MAX; i++) {
        has_option = has_option || !str_is_absent(row->option_values[i]);
    }
    return index == 0 || has_option || !str_is_absent(row->sku) || row->price != INT64_ABSENT;
}

static size_t count_variants(const struct import_group *group) {
    size_t count = 0;
    for (size_t i = 0; i < group->row_count; i++) {
        count += has_variant(group, i) ? 1 : 0;
    }
    return count;
}

/* The export's way to say that a product has no options. */
static bool has_no_options(const struct import_group *group) {
    const struct import_row *first = &group->rows[0];
    bool is_default = str_equals(first->option_names[0], STR("Title")) &&
                      str_equals(first->option_values[0], STR("Default Title")) &&
                      str_is_absent(first->option_names[1]);
    return str_is_absent(first->option_names[0]) || (is_default && count_variants(group) == 1);
}

static void add_value(struct product_option *option, struct str value) {
    for (size_t i = 0; i < option->values.count; i++) {
        if (str_equals(option->values.items[i], value)) {
            return;
        }
    }
    option->values.items[option->values.count++] = value;
}

/* The values in the order in which the rows first have them. */
static void build_options(struct import_group *group, struct product_edit *edit) {
    if (has_no_options(group)) {
        return;
    }
    edit->options.items =
        arena_alloc_array(&group->arena, PRODUCT_OPTIONS_MAX, sizeof(*edit->options.items));
    for (size_t at = 0; at < PRODUCT_OPTIONS_MAX; at++) {
        if (str_is_absent(group->rows[0].option_names[at])) {
            break;
        }
        struct product_option *option = &edit->options.items[edit->options.count++];
        option->name = group->rows[0].option_names[at];
        option->values.items =
            arena_alloc_array(&group->arena, group->row_count, sizeof(struct str));
        for (size_t i = 0; i < group->row_count; i++) {
            if (!str_is_absent(group->rows[i].option_values[at])) {
                add_value(option, group->rows[i].option_values[at]);
            }
        }
    }
}

static struct product_variant variant_of(struct import_group *group, const struct import_row *row,
                                         const struct product_option_list *options) {
    struct product_variant variant = {
        .sku = row->sku,
        .price = row->price,
        .compare_at_price = row->compare_at_price,
        .allow_backorder = row->allow_backorder,
        .barcode = row->barcode,
        .weight_grams = row->grams,
        .track_stock = !str_is_absent(row->tracker),
        .track_stock_given = true,
        .stock = INT64_ABSENT,
    };
    if (variant.track_stock) {
        variant.stock = row->quantity == INT64_ABSENT ? 0 : row->quantity;
        variant.stock_given = true;
    }
    variant.options.items =
        arena_alloc_array(&group->arena, options->count, sizeof(*variant.options.items));
    for (size_t at = 0; at < options->count; at++) {
        if (!str_is_absent(row->option_values[at])) {
            variant.options.items[variant.options.count++] =
                (struct str_pair){options->items[at].name, row->option_values[at]};
        }
    }
    return variant;
}

static bool build_variants(struct import_group *group, struct product_edit *edit,
                           struct product_import_report *report) {
    edit->variants.items =
        arena_alloc_array(&group->arena, count_variants(group), sizeof(*edit->variants.items));
    for (size_t i = 0; i < group->row_count; i++) {
        const struct import_row *row = &group->rows[i];
        if (!has_variant(group, i)) {
            continue;
        }
        for (size_t at = edit->options.count; at < PRODUCT_OPTIONS_MAX; at++) {
            bool is_default = at == 0 && str_equals(row->option_values[at], STR("Default Title"));
            if (!str_is_absent(row->option_values[at]) && !is_default) {
                product_import_report_add(report, row->number,
                                          import_column_of_field(STR("options.values"), at),
                                          "The product's first row names no such option.");
                group->is_rejected = true;
            }
        }
        group->variant_rows[edit->variants.count] = row->number;
        edit->variants.items[edit->variants.count++] = variant_of(group, row, &edit->options);
    }
    return !group->is_rejected;
}

static bool has_image(const struct product_image_list *images, struct str url) {
    for (size_t i = 0; i < images->count; i++) {
        if (str_equals(images->items[i].url, url)) {
            return true;
        }
    }
    return false;
}

/* By Image Position; those without one stay where they are, behind the others. */
static void build_images(struct import_group *group, struct product_edit *edit) {
    edit->images.items =
        arena_alloc_array(&group->arena, group->row_count, sizeof(*edit->images.items));
    int64_t positions[IMPORT_GROUP_ROWS_MAX] = {0};
    for (size_t i = 0; i < group->row_count; i++) {
        const struct import_row *row = &group->rows[i];
        if (str_is_absent(row->image_src) || has_image(&edit->images, row->image_src)) {
            continue;
        }
        int64_t position = row->image_position == INT64_ABSENT ? INT64_MAX : row->image_position;
        size_t at = edit->images.count++;
        for (; at > 0 && positions[at - 1] > position; at--) {
            edit->images.items[at] = edit->images.items[at - 1];
            group->image_rows[at] = group->image_rows[at - 1];
            positions[at] = positions[at - 1];
        }
        edit->images.items[at] = (struct product_image){.url = row->image_src,
                                                        .alt = row->image_alt,
                                                        .width = INT64_ABSENT,
                                                        .height = INT64_ABSENT};
        group->image_rows[at] = row->number;
        positions[at] = position;
    }
}

static void build_tags(struct import_group *group, struct product_edit *edit) {
    struct str rest = group->rows[0].tags;
    struct product_option unique = {0};
    size_t most = 1;
    for (size_t i = 0; i < rest.size; i++) {
        most += rest.data[i] == ',' ? 1 : 0;
    }
    unique.values.items = arena_alloc_array(&group->arena, most, sizeof(struct str));
    struct str piece;
    while (str_next(&rest, ',', &piece)) {
        if (!str_is_empty(str_trim(piece))) {
            add_value(&unique, str_trim(piece));
        }
    }
    edit->tags = unique.values;
}

/* A Type in letters that slugs do not have still names the same category every time. */
static struct str category_slug(struct arena *arena, struct str type) {
    struct str slug = product_slug_of(type, arena);
    if (!str_is_empty(slug)) {
        return slug;
    }
    unsigned char digest[EVP_MAX_MD_SIZE];
    CHECK(EVP_Digest(type.data, type.size, digest, NULL, EVP_sha256(), NULL) == 1);
    return arena_printf(arena, "category-%02x%02x%02x%02x", digest[0], digest[1], digest[2],
                        digest[3]);
}

/* Everything that a file says of a product, so that what it leaves empty is cleared. */
static void build_own(struct import_group *group, struct str currency, struct product_edit *edit) {
    const struct import_row *first = &group->rows[0];
    *edit = (struct product_edit){
        .slug = group->handle,
        .name = first->title,
        .description = first->body,
        .brand = first->vendor,
        .status = first->status,
        .seo = {.title = first->seo_title, .description = first->seo_description},
        .slug_given = true,
        .name_given = true,
        .description_given = true,
        .brand_given = true,
        .category_given = true,
        .status_given = true,
        .tags_given = true,
        .options_given = true,
        .variants_given = true,
        .images_given = true,
        .seo_given = true,
        .decimal_currency = currency,
    };
    /* The newer column Status knows archived products; Published only hides them. */
    if (str_is_absent(edit->status) ||
        (first->is_hidden && str_equals(edit->status, STR("active")))) {
        edit->status = first->is_hidden ? STR("draft") : STR("active");
    }
    if (!str_is_absent(first->type)) {
        edit->category = category_slug(&group->arena, first->type);
    }
}

bool import_group_build(struct import_group *group, struct str currency, struct product_edit *edit,
                        struct str *category_name, struct product_import_report *report) {
    if (group->is_rejected) {
        return false;
    }
    CHECK(group->row_count > 0);
    build_own(group, currency, edit);
    *category_name = group->rows[0].type;
    build_tags(group, edit);
    build_options(group, edit);
    build_images(group, edit);
    return build_variants(group, edit, report);
}

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
        struct str column = import_column_of_field(field, index);
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
