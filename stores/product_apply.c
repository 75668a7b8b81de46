#include "stores/product_rules.h"

struct str product_tidy(struct str text) {
    struct str trimmed = str_trim(text);
    return str_is_empty(trimmed) ? (struct str){0} : trimmed;
}

void product_edit_make_whole(struct product_edit *edit) {
    bool *const given[] = {
        &edit->name_given,     &edit->description_given, &edit->brand_given,
        &edit->category_given, &edit->currency_given,    &edit->tags_given,
        &edit->options_given,  &edit->images_given,      &edit->attributes_given,
        &edit->seo_given,
    };
    for (size_t i = 0; i < COUNT_OF(given); i++) {
        *given[i] = true;
    }
    if (!edit->status_given) {
        edit->status = str_of(product_status_names[PRODUCT_ACTIVE]);
        edit->status_given = true;
    }
    edit->is_whole = true;
}

/* Members that are one text in the edit and one in the product. */
struct text_row {
    size_t edit_offset;
    size_t given_offset;
    size_t product_offset;
    bool is_kept_as_given; /* else blanks around it are dropped */
};

#define TEXT_ROW(member, is_kept)                                                             \
    {                                                                                         \
        offsetof(struct product_edit, member), offsetof(struct product_edit, member##_given), \
            offsetof(struct product, member), is_kept                                         \
    }

static const struct text_row text_rows[] = {
    TEXT_ROW(name, false),     TEXT_ROW(description, true), TEXT_ROW(brand, false),
    TEXT_ROW(category, false), TEXT_ROW(currency, true),    TEXT_ROW(slug, true),
};

static void apply_texts(const struct product_rules *rules) {
    for (size_t i = 0; i < COUNT_OF(text_rows); i++) {
        const struct text_row *row = &text_rows[i];
        bool is_given = *(const bool *)((const char *)rules->edit + row->given_offset);
        if (is_given) {
            struct str text = *(const struct str *)((const char *)rules->edit + row->edit_offset);
            bool is_kept = row->is_kept_as_given && !str_is_empty(text);
            *(struct str *)((char *)rules->product + row->product_offset) =
                is_kept ? text : product_tidy(text);
        }
    }
}

static void apply_defaults(const struct product_rules *rules, struct str default_currency) {
    struct product *product = rules->product;
    if (str_is_absent(product->currency)) {
        product->currency = default_currency;
    }
    if (str_is_absent(product->slug)) {
        product->slug = product_slug_of(product->name, rules->arena);
    }
    if (str_is_empty(product->slug)) {
        product->slug = STR("product");
    }
}

static void apply_status(const struct product_rules *rules) {
    if (!rules->edit->status_given) {
        if (rules->product->version == 0) {
            rules->product->status = PRODUCT_ACTIVE;
        }
        return;
    }
    for (unsigned i = 0; product_status_names[i] != NULL; i++) {
        if (str_equals(rules->edit->status, str_of(product_status_names[i]))) {
            rules->product->status = (enum product_status)i;
            return;
        }
    }
    violations_add(rules->violations, STR("status"), "must be draft, active or archived");
}

/* Each tag once, in the order of the edit. */
static void apply_tags(const struct product_rules *rules) {
    const struct str_list *given = &rules->edit->tags;
    struct str_list tags = {arena_alloc_array(rules->arena, given->count, sizeof(struct str)), 0};
    for (size_t i = 0; i < given->count; i++) {
        struct str tag = product_tidy(given->items[i]);
        bool is_known = str_is_absent(tag);
        for (size_t other = 0; other < tags.count && !is_known; other++) {
            is_known = str_equals(tags.items[other], tag);
        }
        if (!is_known) {
            tags.items[tags.count++] = tag;
        }
    }
    rules->product->tags = tags;
}

static void apply_options(const struct product_rules *rules) {
    const struct product_option_list *given = &rules->edit->options;
    struct product_option *items = arena_alloc_array(rules->arena, given->count, sizeof(*items));
    for (size_t i = 0; i < given->count; i++) {
        const struct str_list *values = &given->items[i].values;
        struct str *tidied = arena_alloc_array(rules->arena, values->count, sizeof(*tidied));
        for (size_t at = 0; at < values->count; at++) {
            tidied[at] = product_tidy(values->items[at]);
        }
        items[i].name = product_tidy(given->items[i].name);
        items[i].values = (struct str_list){tidied, values->count};
    }
    rules->product->options = (struct product_option_list){items, given->count};
}

static void apply_attributes(const struct product_rules *rules) {
    const struct str_pair_list *given = &rules->edit->attributes;
    struct str_pair *items = arena_alloc_array(rules->arena, given->count, sizeof(*items));
    for (size_t i = 0; i < given->count; i++) {
        items[i].name = product_tidy(given->items[i].name);
        items[i].value = given->items[i].value;
    }
    rules->product->attributes = (struct str_pair_list){items, given->count};
}

/* By id, else by address; each image of the product serves one of the edit. */
static const struct product_image *find_image(const struct product_image_list *images,
                                              const struct product_image *given, bool *is_used) {
    for (size_t i = 0; i < images->count; i++) {
        const struct product_image *image = &images->items[i];
        bool fits = str_is_absent(given->id) ? str_equals(image->url, given->url)
                                             : str_equals(image->id, given->id);
        if (fits && !is_used[i]) {
            is_used[i] = true;
            return image;
        }
    }
    return NULL;
}

static void apply_images(const struct product_rules *rules) {
    const struct product_image_list before = rules->product->images;
    const struct product_image_list *given = &rules->edit->images;
    struct product_image *items = arena_alloc_array(rules->arena, given->count, sizeof(*items));
    bool *is_used = arena_alloc_array(rules->arena, before.count, sizeof(*is_used));
    for (size_t i = 0; i < given->count; i++) {
        const struct product_image *image = &given->items[i];
        const struct product_image *known = find_image(&before, image, is_used);
        items[i] = *image;
        items[i].alt = product_tidy(image->alt);
        /* Only what was uploaded comes with its pixels. */
        items[i].width = image->width > 0 ? image->width : INT64_ABSENT;
        items[i].height = image->height > 0 ? image->height : INT64_ABSENT;
        if (known == NULL) {
            if (!str_is_absent(image->id)) {
                struct str field = arena_printf(rules->arena, "images[%zu].id", i);
                violations_add(rules->violations, field, "is no image of this product");
            }
            continue;
        }
        items[i].id = known->id;
        if (str_equals(known->url, image->url)) {
            items[i].width = known->width;
            items[i].height = known->height;
            items[i].thumbnails = known->thumbnails;
        }
    }
    rules->product->images = (struct product_image_list){items, given->count};
}

static void apply_seo(const struct product_rules *rules) {
    rules->product->seo.title = product_tidy(rules->edit->seo.title);
    rules->product->seo.description = product_tidy(rules->edit->seo.description);
}

struct part_row {
    const char *field;
    size_t given_offset;
    size_t count_offset;
    size_t count_max;
    void (*apply)(const struct product_rules *rules);
};

#define PART_ROW(member, max)                                                \
    {                                                                        \
#member, offsetof(struct product_edit, member##_given),              \
            offsetof(struct product_edit, member.count), max, apply_##member \
    }

static void apply_variants(const struct product_rules *rules) {
    product_variants_apply(rules);
}

/* Options before variants: those name the options' values. */
static const struct part_row part_rows[] = {
    PART_ROW(tags, PRODUCT_TAGS_MAX),
    PART_ROW(options, PRODUCT_OPTIONS_MAX),
    PART_ROW(attributes, PRODUCT_ATTRIBUTES_MAX),
    PART_ROW(images, PRODUCT_IMAGES_MAX),
    PART_ROW(variants, PRODUCT_VARIANTS_MAX),
};

/* A list that is too long is not looked at, so that no work grows with what a client sends. */
static void apply_parts(const struct product_rules *rules) {
    const char *edit = (const char *)rules->edit;
    for (size_t i = 0; i < COUNT_OF(part_rows); i++) {
        const struct part_row *row = &part_rows[i];
        bool is_given = *(const bool *)(edit + row->given_offset);
        size_t count = *(const size_t *)(edit + row->count_offset);
        if (is_given && count > row->count_max) {
            violations_add(rules->violations, str_of(row->field), "may have at most %zu items",
                           row->count_max);
        } else if (is_given || row->apply == apply_variants) {
            row->apply(rules);
        }
    }
    if (rules->edit->seo_given) {
        apply_seo(rules);
    }
}

static void check_decimal_currency(const struct product_rules *rules) {
    struct str read_as = rules->edit->decimal_currency;
    if (!str_is_absent(read_as) && !str_equals(read_as, rules->product->currency)) {
        violations_add(rules->violations, STR("currency"),
                       "decimal prices were read as %.*s, but the product is sold in %.*s: send "
                       "the currency with them, or minor units",
                       STR_ARG(read_as), STR_ARG(rules->product->currency));
    }
}

struct fault product_apply(struct product *product, const struct product_edit *edit,
                           struct str default_currency, struct arena *arena,
                           struct violations *violations) {
    const struct product_rules rules = {product, edit, arena, violations};
    size_t noted_before = violations->count + violations->dropped;
    apply_texts(&rules);
    apply_defaults(&rules, default_currency);
    apply_status(&rules);
    apply_parts(&rules);
    check_decimal_currency(&rules);
    product_variants_derive(&rules);
    product_derive_stock(product);
    product_invariants_check(&rules);
    ENSURE(violations->count + violations->dropped == noted_before, FAULT_INVALID);
    return fault_none();
}
