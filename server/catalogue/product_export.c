#include "server/catalogue/product_export.h"

#include "base/money.h"
#include "server/catalogue/product_row.h"

#define PAGE_PRODUCTS 100
/* Of a currency that was written by hand. */
#define EXPONENT_UNKNOWN 2

static const struct str no_option_name = STR_INIT("Title");
static const struct str no_option_value = STR_INIT("Default Title");

/* Whether the n-th new value that the variants have of an option is its n-th value, for all. */
static bool has_values_in_order(const struct product *product, size_t option) {
    const struct str_list *values = &product->options.items[option].values;
    size_t met = 0;
    for (size_t i = 0; i < product->variants.count; i++) {
        const struct str_pair_list *pairs = &product->variants.items[i].options;
        struct str value = option < pairs->count ? pairs->items[option].value : (struct str){0};
        size_t at = 0;
        while (at < met && !str_equals(values->items[at], value)) {
            at++;
        }
        if (at == met) {
            if (met == values->count || !str_equals(values->items[met], value)) {
                return false;
            }
            met++;
        }
    }
    return met == values->count;
}

/* Whether the rows of the variants say all of the options to whoever reads them. */
static bool are_options_told_by_rows(const struct product *product) {
    const struct product_option_list *options = &product->options;
    bool looks_like_none = options->count == 1 && product->variants.count == 1 &&
                           options->items[0].values.count == 1 &&
                           str_equals(options->items[0].name, no_option_name) &&
                           str_equals(options->items[0].values.items[0], no_option_value);
    bool is_told = !looks_like_none;
    for (size_t i = 0; i < options->count && is_told; i++) {
        is_told = has_values_in_order(product, i);
    }
    return is_told;
}

static void fill_own(const struct product_walked *walked, struct product_row *row) {
    const struct product *product = &walked->product;
    row->title = product->name;
    row->body = product->description;
    row->vendor = product->brand;
    row->type = walked->category_name;
    row->type_slug = product->category;
    row->tags = product->tags;
    row->published = product->status == PRODUCT_ACTIVE ? STR("true") : STR("false");
    row->status = str_of(product_status_names[product->status]);
    row->currency = product->currency;
    row->seo_title = product->seo.title;
    row->seo_description = product->seo.description;
    row->attributes = product->attributes;
    row->option_names[0] = no_option_name;
    for (size_t i = 0; i < product->options.count && i < PRODUCT_OPTIONS_MAX; i++) {
        row->option_names[i] = product->options.items[i].name;
    }
    if (!are_options_told_by_rows(product)) {
        row->options = product->options;
    }
}

static void fill_variant(const struct product_variant *variant, struct arena *scratch,
                         struct product_row *row) {
    row->option_values[0] = no_option_value;
    for (size_t i = 0; i < variant->options.count && i < PRODUCT_OPTIONS_MAX; i++) {
        row->option_values[i] = variant->options.items[i].value;
    }
    bool has_own_title =
        !str_equals(variant->title, product_variant_default_title(variant, scratch));
    row->sku = variant->sku_is_made ? (struct str){0} : variant->sku;
    row->variant_title = has_own_title ? variant->title : (struct str){0};
    row->grams = variant->weight_grams;
    row->tracker = variant->track_stock ? STR("shopify") : (struct str){0};
    row->quantity = variant->track_stock ? variant->stock : INT64_ABSENT;
    row->policy = variant->allow_backorder ? STR("continue") : STR("deny");
    row->price = variant->price;
    row->compare_at_price = variant->compare_at_price;
    row->barcode = variant->barcode;
}

static void fill_image(const struct product_image *image, size_t index, struct product_row *row) {
    row->image_src = image->url;
    row->image_alt = image->alt;
    row->image_position = (int64_t)index + 1;
}

void product_export_write(const struct product_walked *walked, struct arena *scratch,
                          struct buf *text, struct buf *out) {
    const struct product *product = &walked->product;
    size_t variants = product->variants.count;
    size_t images = product->images.count;
    int exponent = currency_exponent(product->currency);
    exponent = exponent < 0 ? EXPONENT_UNKNOWN : exponent;
    for (size_t i = 0; i < variants || i < images; i++) {
        struct product_row row;
        product_row_clear(&row);
        row.handle = product->slug;
        if (i == 0) {
            fill_own(walked, &row);
        }
        if (i < variants) {
            fill_variant(&product->variants.items[i], scratch, &row);
        }
        if (i < images) {
            fill_image(&product->images.items[i], i, &row);
        }
        product_row_write(&row, exponent, text, out);
    }
}

/* Whole products until the page is full; the position is behind the last that is in it. */
static struct fault write_page(struct product_export *export, const struct product_walk *walk,
                               struct arena *scratch, struct buf *text, struct buf *out) {
    struct str last = walk->last;
    export->is_done = !walk->has_more;
    for (size_t i = 0; i < walk->count; i++) {
        product_export_write(&walk->items[i], scratch, text, out);
        export->products++;
        if (out->size >= PRODUCT_EXPORT_PAGE_BYTES && i + 1 < walk->count) {
            last = walk->items[i].product.slug;
            export->is_done = false;
            break;
        }
    }
    ENSURE(last.size <= PRODUCT_SLUG_MAX_BYTES, FAULT_INTERNAL);
    memcpy(export->after, str_is_absent(last) ? "" : last.data, last.size);
    export->after[last.size] = '\0';
    return fault_none();
}

struct fault product_export_page(struct product_export *export, struct mongo_store *store,
                                 struct arena *scratch, struct buf *out) {
    struct product_walk walk;
    struct buf text;
    TRY(product_store_walk(store, scratch, str_of(export->after), PAGE_PRODUCTS, &walk));
    if (!export->is_begun) {
        product_row_write_header(out);
        export->is_begun = true;
    }
    buf_init(&text, PRODUCT_EXPORT_BUF_BYTES);
    struct fault fault = write_page(export, &walk, scratch, &text, out);
    buf_release(&text);
    TRY(fault);
    ENSURE(!buf_is_overflowed(out), FAULT_ANSWER_TOO_LARGE);
    return fault_none();
}
