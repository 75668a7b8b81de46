#include "server/catalogue/product_import_merge.h"

static bool has_same_options(const struct product_variant *left,
                             const struct product_variant *right) {
    bool same = left->options.count == right->options.count;
    for (size_t i = 0; i < left->options.count && same; i++) {
        same = str_equals(left->options.items[i].name, right->options.items[i].name) &&
               str_equals(left->options.items[i].value, right->options.items[i].value);
    }
    return same;
}

/* NULL: the variant is new. */
static const struct product_variant *find_variant(const struct product *known,
                                                  const struct product_variant *variant) {
    for (size_t i = 0; i < known->variants.count; i++) {
        const struct product_variant *other = &known->variants.items[i];
        if (!str_is_absent(variant->sku) && str_equals(other->sku, variant->sku)) {
            return other;
        }
    }
    for (size_t i = 0; i < known->variants.count; i++) {
        if (has_same_options(&known->variants.items[i], variant)) {
            return &known->variants.items[i];
        }
    }
    return NULL;
}

#define HAS(member) product_header_has(merge->header, offsetof(struct product_row, member))

/* A title that was made from the options is made anew. */
static struct str own_title(const struct product_variant *known, struct arena *arena) {
    bool is_made = str_equals(known->title, product_variant_default_title(known, arena));
    return is_made ? (struct str){0} : known->title;
}

static void fill_variant(const struct import_merge *merge, const struct product_variant *known,
                         struct arena *arena, struct product_variant *variant) {
    variant->weight_grams = HAS(grams) ? variant->weight_grams : known->weight_grams;
    variant->compare_at_price =
        HAS(compare_at_price) ? variant->compare_at_price : known->compare_at_price;
    variant->barcode = HAS(barcode) ? variant->barcode : known->barcode;
    variant->title = HAS(variant_title) ? variant->title : own_title(known, arena);
    variant->allow_backorder = HAS(policy) ? variant->allow_backorder : known->allow_backorder;
    if (!HAS(tracker)) {
        variant->track_stock = known->track_stock;
        variant->stock_given = variant->track_stock && HAS(quantity);
        variant->stock = variant->stock_given ? variant->stock : INT64_ABSENT;
    }
    /* Levels that the shop counts itself are not those of a file that may be old. */
    if (known->track_stock && (!merge->sets_stock || !HAS(quantity))) {
        variant->stock_given = false;
    }
}

static void fill_alt(const struct product *known, struct product_image *image) {
    for (size_t i = 0; i < known->images.count; i++) {
        if (str_equals(known->images.items[i].url, image->url)) {
            image->alt = known->images.items[i].alt;
            return;
        }
    }
}

void import_merge_fill(void *context, const struct product *known, struct arena *arena,
                       struct product_edit *edit) {
    const struct import_merge *merge = context;
    const struct product_variant_list given = edit->variants;
    edit->variants.items = arena_alloc_array(arena, given.count, sizeof(*given.items));
    for (size_t i = 0; i < given.count; i++) {
        edit->variants.items[i] = given.items[i];
        const struct product_variant *other = find_variant(known, &given.items[i]);
        if (other != NULL) {
            fill_variant(merge, other, arena, &edit->variants.items[i]);
        }
    }
    for (size_t i = 0; i < edit->images.count && !HAS(image_alt); i++) {
        fill_alt(known, &edit->images.items[i]);
    }
    edit->seo.title = HAS(seo_title) ? edit->seo.title : known->seo.title;
    edit->seo.description = HAS(seo_description) ? edit->seo.description : known->seo.description;
}
