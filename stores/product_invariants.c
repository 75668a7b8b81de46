#include <inttypes.h>

#include "stores/product_rules.h"

enum text_style {
    TEXT_LINE, /* no control characters */
    TEXT_BODY, /* lines and tabs are welcome */
};

/* Absent texts are fine here. */
static void check_text(const struct product_rules *rules, struct str field, struct str text,
                       size_t characters_max, enum text_style style) {
    if (!str_is_utf8(text)) {
        violations_add(rules->violations, field, "is not valid UTF-8");
    } else if (str_find_byte(text, '\0') < text.size ||
               (style == TEXT_LINE && str_has_control(text))) {
        violations_add(rules->violations, field, "has control characters");
    } else if (str_utf8_length(text) > characters_max) {
        violations_add(rules->violations, field, "may have at most %zu characters", characters_max);
    }
}

static void check_required(const struct product_rules *rules, struct str field, struct str text,
                           size_t characters_max) {
    if (str_is_empty(text)) {
        violations_add(rules->violations, field, "is required");
    }
    check_text(rules, field, text, characters_max, TEXT_LINE);
}

/* INT64_ABSENT is fine here. */
static void check_range(const struct product_rules *rules, struct str field, int64_t value,
                        int64_t max) {
    if (value != INT64_ABSENT && (value < 0 || value > max)) {
        violations_add(rules->violations, field, "must be from 0 to %" PRId64, max);
    }
}

static struct str field_at(const struct product_rules *rules, const char *list, size_t index,
                           const char *member) {
    return arena_printf(rules->arena, "%s[%zu]%s", list, index, member);
}

static void check_texts(const struct product_rules *rules) {
    const struct product *product = rules->product;
    check_required(rules, STR("name"), product->name, PRODUCT_NAME_MAX_CHARACTERS);
    check_text(rules, STR("description"), product->description, PRODUCT_DESCRIPTION_MAX_CHARACTERS,
               TEXT_BODY);
    check_text(rules, STR("brand"), product->brand, PRODUCT_LABEL_MAX_CHARACTERS, TEXT_LINE);
    check_text(rules, STR("seo.title"), product->seo.title, PRODUCT_TEXT_MAX_CHARACTERS, TEXT_LINE);
    check_text(rules, STR("seo.description"), product->seo.description, PRODUCT_TEXT_MAX_CHARACTERS,
               TEXT_BODY);
    if (!product_slug_is_valid(product->slug)) {
        violations_add(rules->violations, STR("slug"),
                       "must be words of a-z and 0-9 joined by '-', at most %d bytes",
                       PRODUCT_SLUG_MAX_BYTES);
    }
    if (!str_is_absent(product->category) && !product_slug_is_valid(product->category)) {
        violations_add(rules->violations, STR("category"), "must be the slug of a category");
    }
    bool is_code = product->currency.size == 3;
    for (size_t i = 0; i < product->currency.size && is_code; i++) {
        is_code = product->currency.data[i] >= 'A' && product->currency.data[i] <= 'Z';
    }
    if (!is_code) {
        violations_add(rules->violations, STR("currency"),
                       "must be the three capital letters of an ISO 4217 code");
    }
}

static void check_lists(const struct product_rules *rules) {
    const struct product *product = rules->product;
    for (size_t i = 0; i < product->tags.count; i++) {
        check_text(rules, field_at(rules, "tags", i, ""), product->tags.items[i],
                   PRODUCT_LABEL_MAX_CHARACTERS, TEXT_LINE);
    }
    for (size_t i = 0; i < product->attributes.count; i++) {
        const struct str_pair *pair = &product->attributes.items[i];
        struct str field = field_at(rules, "attributes", i, "");
        check_required(rules, field, pair->name, PRODUCT_LABEL_MAX_CHARACTERS);
        check_text(rules, field, pair->value, PRODUCT_TEXT_MAX_CHARACTERS, TEXT_BODY);
        if (str_is_absent(pair->value)) {
            violations_add(rules->violations, field, "needs a value");
        }
        for (size_t other = 0; other < i; other++) {
            if (str_equals(product->attributes.items[other].name, pair->name)) {
                violations_add(rules->violations, field, "is there twice");
                break;
            }
        }
    }
}

static bool is_image_address(struct str url) {
    bool is_own = str_starts_with(url, STR("/")) && !str_starts_with(url, STR("//"));
    bool is_remote = (str_starts_with(url, STR("https://")) && url.size > STR("https://").size) ||
                     (str_starts_with(url, STR("http://")) && url.size > STR("http://").size);
    return (is_own || is_remote) && url.size <= PRODUCT_URL_MAX_BYTES && str_is_utf8(url) &&
           !str_has_control(url) && str_find_byte(url, ' ') == url.size;
}

static void check_images(const struct product_rules *rules) {
    for (size_t i = 0; i < rules->product->images.count; i++) {
        const struct product_image *image = &rules->product->images.items[i];
        if (!is_image_address(image->url)) {
            violations_add(rules->violations, field_at(rules, "images", i, ".url"),
                           "must be an http or https address, or a path, of at most %d bytes",
                           PRODUCT_URL_MAX_BYTES);
        }
        check_text(rules, field_at(rules, "images", i, ".alt"), image->alt,
                   PRODUCT_TEXT_MAX_CHARACTERS, TEXT_LINE);
    }
}

static bool list_has(const struct str_list *list, size_t count, struct str text) {
    for (size_t i = 0; i < count; i++) {
        if (str_equals(list->items[i], text)) {
            return true;
        }
    }
    return false;
}

static void check_options(const struct product_rules *rules) {
    const struct product_option_list *options = &rules->product->options;
    for (size_t i = 0; i < options->count; i++) {
        const struct product_option *option = &options->items[i];
        struct str name_field = field_at(rules, "options", i, ".name");
        struct str values_field = field_at(rules, "options", i, ".values");
        check_required(rules, name_field, option->name, PRODUCT_LABEL_MAX_CHARACTERS);
        for (size_t other = 0; other < i; other++) {
            if (str_equals(options->items[other].name, option->name)) {
                violations_add(rules->violations, name_field, "is there twice");
            }
        }
        if (option->values.count == 0 || option->values.count > PRODUCT_OPTION_VALUES_MAX) {
            violations_add(rules->violations, values_field, "must have 1 to %d values",
                           PRODUCT_OPTION_VALUES_MAX);
            continue;
        }
        for (size_t at = 0; at < option->values.count; at++) {
            check_required(rules, values_field, option->values.items[at],
                           PRODUCT_LABEL_MAX_CHARACTERS);
            if (list_has(&option->values, at, option->values.items[at])) {
                violations_add(rules->violations, values_field, "has a value twice");
            }
        }
    }
}

/* The pairs are in the order of the options: see product_variants.c. */
static bool check_variant_options(const struct product_rules *rules, size_t index) {
    const struct product_option_list *options = &rules->product->options;
    const struct str_pair_list *pairs = &rules->product->variants.items[index].options;
    struct str field = product_variant_field(rules, index, "options");
    size_t noted_before = rules->violations->count + rules->violations->dropped;
    if (pairs->count != options->count) {
        violations_add(rules->violations, field, "must have one value of each option");
        return false;
    }
    for (size_t i = 0; i < pairs->count; i++) {
        const struct product_option *option = &options->items[i];
        if (!str_equals(option->name, pairs->items[i].name)) {
            violations_add(rules->violations, field, "must have one value of each option");
        } else if (option->values.count <= PRODUCT_OPTION_VALUES_MAX &&
                   !list_has(&option->values, option->values.count, pairs->items[i].value)) {
            violations_add(rules->violations, field, "has a value that '%.*s' does not have",
                           STR_ARG(option->name));
        }
    }
    return rules->violations->count + rules->violations->dropped == noted_before;
}

static bool has_same_options(const struct product_variant *left,
                             const struct product_variant *right) {
    if (left->options.count != right->options.count) {
        return false;
    }
    for (size_t i = 0; i < left->options.count; i++) {
        if (!str_equals(left->options.items[i].value, right->options.items[i].value)) {
            return false;
        }
    }
    return true;
}

static void check_differs(const struct product_rules *rules, size_t index, bool has_good_options) {
    const struct product_variant *items = rules->product->variants.items;
    bool is_sku_noted = false;
    bool are_options_noted = !has_good_options || rules->product->options.count == 0;
    for (size_t other = 0; other < index; other++) {
        if (!is_sku_noted && str_equals(items[other].sku, items[index].sku)) {
            violations_add(rules->violations, product_variant_field(rules, index, "sku"),
                           "is used by another variant");
            is_sku_noted = true;
        }
        if (!are_options_noted && has_same_options(&items[other], &items[index])) {
            violations_add(rules->violations, product_variant_field(rules, index, "options"),
                           "are those of another variant");
            are_options_noted = true;
        }
    }
}

static void check_variant(const struct product_rules *rules, size_t index) {
    const struct product_variant *variant = &rules->product->variants.items[index];
    struct str price_field = product_variant_field(rules, index, "price");
    struct str compare_field = product_variant_field(rules, index, "compare_at_price");
    if (variant->price == INT64_ABSENT) {
        violations_add(rules->violations, price_field, "is required");
    }
    check_range(rules, price_field, variant->price, PRODUCT_PRICE_MAX);
    check_range(rules, compare_field, variant->compare_at_price, PRODUCT_PRICE_MAX);
    if (variant->compare_at_price != INT64_ABSENT && variant->compare_at_price < variant->price) {
        violations_add(rules->violations, compare_field, "must not be below the price");
    }
    check_range(rules, product_variant_field(rules, index, "stock"), variant->stock,
                PRODUCT_STOCK_MAX);
    check_range(rules, product_variant_field(rules, index, "weight_grams"), variant->weight_grams,
                PRODUCT_WEIGHT_MAX_GRAMS);
    check_text(rules, product_variant_field(rules, index, "title"), variant->title,
               PRODUCT_TEXT_MAX_CHARACTERS, TEXT_LINE);
    check_text(rules, product_variant_field(rules, index, "barcode"), variant->barcode,
               PRODUCT_LABEL_MAX_CHARACTERS, TEXT_LINE);
    struct str sku_field = product_variant_field(rules, index, "sku");
    check_text(rules, sku_field, variant->sku, PRODUCT_SKU_MAX_BYTES, TEXT_LINE);
    if (variant->sku.size > PRODUCT_SKU_MAX_BYTES) {
        violations_add(rules->violations, sku_field, "may have at most %d bytes",
                       PRODUCT_SKU_MAX_BYTES);
    }
    check_differs(rules, index, check_variant_options(rules, index));
}

void product_invariants_check(const struct product_rules *rules) {
    const struct product *product = rules->product;
    check_texts(rules);
    check_lists(rules);
    check_images(rules);
    check_options(rules);
    for (size_t i = 0; i < product->variants.count; i++) {
        check_variant(rules, i);
    }
    if (rules->edit->variants_given && rules->edit->variants.count == 0) {
        violations_add(rules->violations, STR("variants"), "needs at least one");
    }
    if (product->options.count == 0 && product->variants.count > 1) {
        violations_add(rules->violations, STR("variants"),
                       "may be several only with options that tell them apart");
    }
}
