#include "stores/product_rules.h"

/* "-100" and its like fit behind a made SKU that was cut. */
#define SKU_SUFFIX_BYTES (sizeof("-4294967295") - 1)

struct str product_variant_field(const struct product_rules *rules, size_t index,
                                 const char *name) {
    bool is_single = !rules->edit->variants_given && rules->product->variants.count == 1;
    return is_single ? str_of(name) : arena_printf(rules->arena, "variants[%zu].%s", index, name);
}

static struct str option_value(const struct product_variant *variant, struct str name) {
    for (size_t i = 0; i < variant->options.count; i++) {
        if (str_equals(variant->options.items[i].name, name)) {
            return variant->options.items[i].value;
        }
    }
    return (struct str){0};
}

static bool matches_id(const struct product_variant *known, const struct product_variant *given) {
    return !str_is_absent(given->id) && str_equals(known->id, given->id);
}

static bool matches_sku(const struct product_variant *known, const struct product_variant *given) {
    return str_is_absent(given->id) && !str_is_absent(given->sku) &&
           str_equals(known->sku, given->sku);
}

static bool matches_options(const struct product_variant *known,
                            const struct product_variant *given) {
    bool fits = str_is_absent(given->id) && known->options.count == given->options.count;
    for (size_t i = 0; i < given->options.count && fits; i++) {
        const struct str_pair *pair = &given->options.items[i];
        fits = str_equals(option_value(known, pair->name), pair->value);
    }
    return fits;
}

/* The surest first, over all variants, before the next way of matching is tried. */
static bool (*const matchers[])(const struct product_variant *, const struct product_variant *) = {
    matches_id, matches_sku, matches_options};

/* What a variant of the edit was before; NULL: it is new. */
struct match {
    const struct product_variant *known;
};

static struct match *match_all(const struct product_rules *rules,
                               const struct product_variant *items, size_t count) {
    const struct product_variant_list *before = &rules->product->variants;
    struct match *matches = arena_alloc_array(rules->arena, count, sizeof(*matches));
    bool *is_used = arena_alloc_array(rules->arena, before->count, sizeof(*is_used));
    for (size_t way = 0; way < COUNT_OF(matchers); way++) {
        for (size_t i = 0; i < count; i++) {
            for (size_t at = 0; at < before->count && matches[i].known == NULL; at++) {
                if (!is_used[at] && matchers[way](&before->items[at], &items[i])) {
                    is_used[at] = true;
                    matches[i].known = &before->items[at];
                }
            }
        }
    }
    return matches;
}

/* Blanks dropped, and the pairs in the order of the product's options; strangers come last. */
static struct product_variant tidy_variant(const struct product_rules *rules,
                                           const struct product_variant *given) {
    struct product_variant variant = *given;
    const struct product_option_list *options = &rules->product->options;
    /* One too many is enough for the invariants to refuse. */
    struct str_pair *pairs =
        arena_alloc_array(rules->arena, PRODUCT_OPTIONS_MAX + 1, sizeof(struct str_pair));
    size_t count = 0;
    for (size_t rank = 0; rank <= options->count; rank++) {
        for (size_t i = 0; i < given->options.count && count <= PRODUCT_OPTIONS_MAX; i++) {
            struct str name = product_tidy(given->options.items[i].name);
            size_t place = 0;
            while (place < options->count && !str_equals(options->items[place].name, name)) {
                place++;
            }
            if (place == rank) {
                pairs[count].name = name;
                pairs[count++].value = product_tidy(given->options.items[i].value);
            }
        }
    }
    variant.options = (struct str_pair_list){pairs, count};
    variant.sku = product_tidy(given->sku);
    variant.title = product_tidy(given->title);
    variant.barcode = product_tidy(given->barcode);
    variant.sku_is_made = false;
    return variant;
}

/* The new level; what is reserved stays reserved. */
static void set_level(struct product_variant *variant, const struct product_variant *known) {
    bool was_tracked = known != NULL && known->track_stock;
    int64_t reserved = was_tracked ? known->stock - known->available : 0;
    if (!variant->stock_given) {
        variant->stock = was_tracked ? known->stock : 0;
        variant->available = was_tracked ? known->available : 0;
    } else if (variant->stock >= 0 && variant->stock <= PRODUCT_STOCK_MAX) {
        variant->available = variant->stock - reserved;
    } else {
        variant->available = 0; /* refused by the invariants */
    }
}

/* Said outright, or by giving a stock; else as it was. */
static void set_tracking(const struct product_rules *rules, size_t index,
                         struct product_variant *variant, const struct product_variant *known) {
    bool says_nothing = !variant->track_stock_given && !variant->stock_given;
    variant->stock_given = variant->stock_given && variant->stock != INT64_ABSENT;
    if (says_nothing) {
        variant->track_stock = known != NULL && known->track_stock;
    } else if (!variant->track_stock_given) {
        variant->track_stock = variant->stock_given;
    }
    if (variant->stock_given && !variant->track_stock) {
        violations_add(rules->violations, product_variant_field(rules, index, "stock"),
                       "is given though stock is not tracked");
    }
}

static void keep_known(struct product_variant *variant, const struct product_variant *known) {
    variant->id = known->id;
    if (str_is_absent(variant->sku) || str_equals(variant->sku, known->sku)) {
        variant->sku = known->sku;
        variant->sku_is_made = known->sku_is_made;
    }
}

static void apply_list(const struct product_rules *rules) {
    const struct product_variant_list *given = &rules->edit->variants;
    struct product_variant *items = arena_alloc_array(rules->arena, given->count, sizeof(*items));
    for (size_t i = 0; i < given->count; i++) {
        items[i] = tidy_variant(rules, &given->items[i]);
    }
    const struct match *matches = match_all(rules, items, given->count);
    for (size_t i = 0; i < given->count; i++) {
        struct product_variant *variant = &items[i];
        const struct product_variant *known = matches[i].known;
        set_tracking(rules, i, variant, known);
        set_level(variant, known);
        if (known != NULL) {
            keep_known(variant, known);
        } else if (!str_is_absent(variant->id)) {
            violations_add(rules->violations, product_variant_field(rules, i, "id"),
                           "is no variant of this product, or is given twice");
        }
    }
    rules->product->variants = (struct product_variant_list){items, given->count};
}

/* The members that describe the single variant, for what has to be said of all of them. */
struct single_row {
    const char *field;
    size_t given_offset;
};

#define SINGLE_ROW(member) \
    { #member, offsetof(struct product_edit, member##_given) }

static const struct single_row single_rows[] = {
    SINGLE_ROW(price),       SINGLE_ROW(compare_at_price),
    SINGLE_ROW(stock),       SINGLE_ROW(weight_grams),
    SINGLE_ROW(sku),         SINGLE_ROW(barcode),
    SINGLE_ROW(track_stock), SINGLE_ROW(allow_backorder),
};

/* False when none is given. Otherwise notes `message`, unless it is NULL, at each that is. */
static bool note_singles(const struct product_rules *rules, const char *message) {
    bool is_any = false;
    for (size_t i = 0; i < COUNT_OF(single_rows); i++) {
        if (*(const bool *)((const char *)rules->edit + single_rows[i].given_offset)) {
            is_any = true;
            if (message != NULL) {
                violations_add(rules->violations, str_of(single_rows[i].field), "%s", message);
            }
        }
    }
    return is_any;
}

static void apply_single(const struct product_rules *rules) {
    const struct product_edit *edit = rules->edit;
    struct product_variant *variant = rules->product->variants.items;
    const struct product_variant before = *variant;
    const struct product_variant *known = rules->product->version == 0 ? NULL : &before;
    variant->price = edit->price_given ? edit->price : variant->price;
    variant->compare_at_price =
        edit->compare_at_price_given ? edit->compare_at_price : variant->compare_at_price;
    variant->weight_grams = edit->weight_grams_given ? edit->weight_grams : variant->weight_grams;
    variant->barcode = edit->barcode_given ? product_tidy(edit->barcode) : variant->barcode;
    if (edit->allow_backorder_given) {
        variant->allow_backorder = edit->allow_backorder;
    }
    if (edit->sku_given && !str_equals(product_tidy(edit->sku), before.sku)) {
        variant->sku = product_tidy(edit->sku);
        variant->sku_is_made = false;
    }
    variant->stock = edit->stock;
    variant->stock_given = edit->stock_given;
    variant->track_stock = edit->track_stock;
    variant->track_stock_given = edit->track_stock_given;
    set_tracking(rules, 0, variant, known);
    set_level(variant, known);
}

/* The only variant that the product will have, from members that each count. */
static void apply_only(const struct product_rules *rules) {
    const struct product_edit *edit = rules->edit;
    struct product_variant *variant = ARENA_NEW(rules->arena, struct product_variant);
    *variant = (struct product_variant){
        .sku = product_tidy(edit->sku),
        .price = edit->price,
        .compare_at_price = edit->compare_at_price,
        .allow_backorder = edit->allow_backorder,
        .barcode = product_tidy(edit->barcode),
        .weight_grams = edit->weight_grams,
        .stock = edit->stock,
        .stock_given = edit->stock_given,
        .track_stock = edit->track_stock,
        .track_stock_given = edit->track_stock_given,
    };
    const struct product_variant *known = match_all(rules, variant, 1)->known;
    rules->product->variants = (struct product_variant_list){variant, 1};
    set_tracking(rules, 0, variant, known);
    set_level(variant, known);
    if (known != NULL) {
        keep_known(variant, known);
    }
}

void product_variants_apply(const struct product_rules *rules) {
    struct product *product = rules->product;
    for (size_t i = 0; i < product->variants.count; i++) {
        product->variants.items[i].stock_given = false;
        product->variants.items[i].track_stock_given = false;
    }
    if (rules->edit->variants_given) {
        (void)note_singles(rules, "cannot be given together with variants");
        apply_list(rules);
        return;
    }
    if (product->version == 0) {
        struct product_variant *variant = ARENA_NEW(rules->arena, struct product_variant);
        variant->price = variant->compare_at_price = INT64_ABSENT;
        variant->weight_grams = variant->stock = variant->available = INT64_ABSENT;
        product->variants = (struct product_variant_list){variant, 1};
        apply_single(rules);
    } else if (rules->edit->is_whole) {
        apply_only(rules);
    } else if (product->variants.count == 1 && note_singles(rules, NULL)) {
        /* In place, but in a copy: the caller may still compare with what was there. */
        struct product_variant *variant = ARENA_NEW(rules->arena, struct product_variant);
        *variant = product->variants.items[0];
        product->variants.items = variant;
        apply_single(rules);
    } else if (product->variants.count != 1) {
        (void)note_singles(rules, "this product has several variants: give them in variants");
    }
}

struct str product_variant_default_title(const struct product_variant *variant,
                                         struct arena *arena) {
    struct str title = variant->options.count == 0 ? STR("Default Title") : (struct str){0};
    for (size_t i = 0; i < variant->options.count; i++) {
        struct str value = variant->options.items[i].value;
        title = i == 0 ? value : arena_printf(arena, "%.*s / %.*s", STR_ARG(title), STR_ARG(value));
    }
    return title;
}

/* The words of an option's value; of one in another script, its place among the values. */
static struct str sku_word(const struct product_option *option, struct str value,
                           struct arena *arena) {
    struct str word = product_slug_of(value, arena);
    size_t place = 0;
    while (place < option->values.count && !str_equals(option->values.items[place], value)) {
        place++;
    }
    return str_is_empty(word) ? arena_printf(arena, "%zu", place + 1) : word;
}

static bool sku_is_used(const struct product_variant_list *variants, struct str sku) {
    for (size_t i = 0; i < variants->count; i++) {
        if (str_equals(variants->items[i].sku, sku)) {
            return true;
        }
    }
    return false;
}

struct str product_sku_numbered(struct str base, size_t number, struct arena *arena) {
    struct str cut = str_slice(base, 0, PRODUCT_SKU_MAX_BYTES - SKU_SUFFIX_BYTES);
    return number == 1 ? cut : arena_printf(arena, "%.*s-%zu", STR_ARG(cut), number);
}

static struct str make_sku(const struct product_rules *rules,
                           const struct product_variant *variant) {
    struct str text = rules->product->slug;
    for (size_t i = 0; i < variant->options.count && i < rules->product->options.count; i++) {
        struct str word = sku_word(&rules->product->options.items[i],
                                   variant->options.items[i].value, rules->arena);
        text = arena_printf(rules->arena, "%.*s-%.*s", STR_ARG(text), STR_ARG(word));
    }
    char *upper = arena_alloc(rules->arena, text.size + 1);
    for (size_t i = 0; i < text.size; i++) {
        bool is_lower = text.data[i] >= 'a' && text.data[i] <= 'z';
        upper[i] = is_lower ? (char)(text.data[i] - 'a' + 'A') : text.data[i];
    }
    struct str base = {upper, text.size};
    struct str sku = product_sku_numbered(base, 1, rules->arena);
    for (size_t number = 2; sku_is_used(&rules->product->variants, sku); number++) {
        sku = product_sku_numbered(base, number, rules->arena);
    }
    return sku;
}

void product_variants_derive(const struct product_rules *rules) {
    struct product *product = rules->product;
    product->price = product->price_max =
        product->variants.count == 0 ? INT64_ABSENT : product->variants.items[0].price;
    for (size_t i = 0; i < product->variants.count; i++) {
        struct product_variant *variant = &product->variants.items[i];
        if (str_is_absent(variant->title)) {
            variant->title = product_variant_default_title(variant, rules->arena);
        }
        if (str_is_absent(variant->sku)) {
            variant->sku = make_sku(rules, variant);
            variant->sku_is_made = true;
        }
        product->price = variant->price < product->price ? variant->price : product->price;
        product->price_max =
            variant->price > product->price_max ? variant->price : product->price_max;
    }
}
