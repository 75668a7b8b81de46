#include "server/catalogue/product_import_group.h"

#include <openssl/evp.h>

#include "base/money.h"

#define IMAGE_ANYWHERE INT64_MAX

void import_group_init(struct import_group *group) {
    *group = (struct import_group){0};
    arena_init(&group->arena, IMPORT_GROUP_ARENA_BYTES);
}

void import_group_release(struct import_group *group) {
    arena_release(&group->arena);
}

void import_group_begin(struct import_group *group, struct str handle, int64_t row_number,
                        struct str default_currency) {
    arena_release(&group->arena);
    struct arena arena = group->arena;
    *group = (struct import_group){.arena = arena,
                                   .currency = default_currency,
                                   .first_row = row_number,
                                   .last_row = row_number};
    group->handle = arena_copy(&group->arena, handle);
    group->rows = arena_alloc_array(&group->arena, IMPORT_GROUP_ROWS_MAX, sizeof(*group->rows));
}

static void reject(struct import_group *group, struct product_import_report *report, int64_t row,
                   const char *reason) {
    product_import_report_add(report, row, (struct str){0}, "%s", reason);
    group->is_rejected = true;
}

/* What is no currency is noted when the row is read. */
static void take_currency(struct import_group *group, const struct product_header *header,
                          const struct csv_row *csv) {
    struct str currency = product_header_currency(header, csv);
    if (group->last_row == group->first_row && currency_exponent(currency) >= 0) {
        group->currency = arena_copy(&group->arena, currency);
    }
}

void import_group_add(struct import_group *group, const struct product_header *header,
                      const struct csv_row *csv, struct product_import_report *report) {
    group->last_row = csv->number;
    take_currency(group, header, csv);
    if (group->row_count == IMPORT_GROUP_ROWS_MAX) {
        if (!group->is_rejected) {
            reject(group, report, csv->number, "The product has more than 200 rows.");
        }
        return;
    }
    struct product_row row;
    if (!product_row_read(&row, header, csv, currency_exponent(group->currency), &group->arena,
                          report)) {
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
    const struct product_row *row = &group->rows[index];
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
    const struct product_row *first = &group->rows[0];
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

/* The values in the order in which the rows first have them, unless the first row says all. */
static void build_options(struct import_group *group, struct product_edit *edit) {
    if (group->rows[0].options.count > 0) {
        edit->options = group->rows[0].options;
        return;
    }
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

static struct product_variant variant_of(struct import_group *group, const struct product_row *row,
                                         const struct product_option_list *options) {
    struct product_variant variant = {
        .sku = row->sku,
        .title = row->variant_title,
        .price = row->price,
        .compare_at_price = row->compare_at_price,
        .allow_backorder = str_equals(row->policy, STR("continue")),
        .barcode = row->barcode,
        .weight_grams = row->grams,
        .track_stock = !str_is_absent(row->tracker),
        .track_stock_given = true,
        .stock = row->quantity == INT64_ABSENT ? 0 : row->quantity,
        .stock_given = !str_is_absent(row->tracker),
    };
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
        const struct product_row *row = &group->rows[i];
        if (!has_variant(group, i)) {
            continue;
        }
        for (size_t at = edit->options.count; at < PRODUCT_OPTIONS_MAX; at++) {
            bool is_default = at == 0 && str_equals(row->option_values[at], STR("Default Title"));
            if (!str_is_absent(row->option_values[at]) && !is_default) {
                product_import_report_add(report, row->number,
                                          product_column_of_field(STR("options.values"), at),
                                          "The product's first row names no such option.");
                group->is_rejected = true;
            }
        }
        group->variant_rows[edit->variants.count] = row->number;
        edit->variants.items[edit->variants.count++] = variant_of(group, row, &edit->options);
    }
    return !group->is_rejected;
}

/* Some files repeat an image in each row of a variant; the same one at another place is meant. */
static bool has_image(const struct product_image_list *images, const int64_t *positions,
                      struct str url, int64_t position) {
    for (size_t i = 0; i < images->count; i++) {
        bool is_at_place = position == IMAGE_ANYWHERE || positions[i] == position;
        if (is_at_place && str_equals(images->items[i].url, url)) {
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
        const struct product_row *row = &group->rows[i];
        int64_t position =
            row->image_position == INT64_ABSENT ? IMAGE_ANYWHERE : row->image_position;
        if (str_is_absent(row->image_src) ||
            has_image(&edit->images, positions, row->image_src, position)) {
            continue;
        }
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

/* The columns that speak of a member of the product; without any of them it stays as it is. */
struct given_row {
    size_t given; /* in struct product_edit */
    size_t columns[4];
    size_t column_count;
};

#define GIVEN_BY(member, ...)                                         \
    {                                                                 \
        offsetof(struct product_edit, member##_given), {__VA_ARGS__}, \
            sizeof((size_t[]){__VA_ARGS__}) / sizeof(size_t)          \
    }
#define IN_ROW(member) offsetof(struct product_row, member)

static const struct given_row given_rows[] = {
    GIVEN_BY(slug, IN_ROW(handle)),
    GIVEN_BY(name, IN_ROW(title)),
    GIVEN_BY(description, IN_ROW(body)),
    GIVEN_BY(brand, IN_ROW(vendor)),
    GIVEN_BY(category, IN_ROW(type), IN_ROW(type_slug)),
    GIVEN_BY(tags, IN_ROW(tags)),
    GIVEN_BY(status, IN_ROW(published), IN_ROW(status)),
    GIVEN_BY(options, IN_ROW(option_names[0]), IN_ROW(options)),
    GIVEN_BY(variants, IN_ROW(price)),
    GIVEN_BY(images, IN_ROW(image_src)),
    GIVEN_BY(seo, IN_ROW(seo_title), IN_ROW(seo_description)),
    GIVEN_BY(attributes, IN_ROW(attributes)),
};

static void mark_given(const struct product_header *header, struct product_edit *edit) {
    for (size_t i = 0; i < COUNT_OF(given_rows); i++) {
        bool *is_given = (bool *)((char *)edit + given_rows[i].given);
        for (size_t at = 0; at < given_rows[i].column_count; at++) {
            *is_given = *is_given || product_header_has(header, given_rows[i].columns[at]);
        }
    }
}

/* The newer column Status knows archived products; Published only hides them. */
static struct str status_of(const struct product_row *first) {
    bool is_hidden = str_equals(first->published, STR("false"));
    bool says_otherwise =
        !str_is_absent(first->status) && !(is_hidden && str_equals(first->status, STR("active")));
    return says_otherwise ? first->status : is_hidden ? STR("draft") : STR("active");
}

static void build_own(struct import_group *group, const struct product_header *header,
                      struct product_edit *edit) {
    const struct product_row *first = &group->rows[0];
    *edit = (struct product_edit){
        .slug = group->handle,
        .name = first->title,
        .description = first->body,
        .brand = first->vendor,
        .category = first->type_slug,
        .tags = first->tags,
        .status = status_of(first),
        .currency = first->currency,
        .currency_given = !str_is_absent(first->currency),
        .attributes = first->attributes,
        .seo = {.title = first->seo_title, .description = first->seo_description},
        .decimal_currency = group->currency,
    };
    mark_given(header, edit);
    if (str_is_absent(first->type_slug) && !str_is_absent(first->type)) {
        edit->category = category_slug(&group->arena, first->type);
    }
}

static void check_type_slug(struct import_group *group, struct product_import_report *report) {
    const struct product_row *first = &group->rows[0];
    if (!str_is_absent(first->type_slug) && !product_slug_is_valid(first->type_slug)) {
        product_import_report_add(report, first->number, STR("Type Slug"),
                                  "must be the slug of a category");
        group->is_rejected = true;
    }
}

bool import_group_build(struct import_group *group, const struct product_header *header,
                        struct product_edit *edit, struct str *category_name,
                        struct product_import_report *report) {
    if (group->is_rejected) {
        return false;
    }
    CHECK(group->row_count > 0);
    build_own(group, header, edit);
    *category_name = str_is_absent(group->rows[0].type) ? edit->category : group->rows[0].type;
    check_type_slug(group, report);
    build_options(group, edit);
    build_images(group, edit);
    return build_variants(group, edit, report);
}
