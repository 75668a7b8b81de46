/*
 * product: the catalogue's central object, and what must always be true of one.
 *
 * Plain data: no database and no HTTP. Strings and lists live in the arena of whoever read or made
 * the product. Ids are 24 hexadecimal digits. Prices are minor units of `currency`.
 *
 * Invariants, which product_apply keeps:
 *  - name of 1 to 200 characters; slug of [a-z0-9] words joined by '-', at most 100 bytes;
 *  - 1 to 100 variants; without options exactly one; with options each variant has one value of
 * each option, all from the option's values, and no two variants have the same;
 *  - prices 0 to 10^12, compare_at_price absent or not below the price;
 *  - SKUs differ within the product; price and price_max are the lowest and highest of the
 * variants;
 *  - in_stock holds when any variant does not track stock, allows backorder or has stock available.
 */
#ifndef AIZY_STORES_PRODUCT_H
#define AIZY_STORES_PRODUCT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/violation.h"

#define PRODUCT_ID_BYTES 24
#define PRODUCT_SLUG_MAX_BYTES 100
#define PRODUCT_VARIANTS_MAX 100
#define PRODUCT_OPTIONS_MAX 3
#define PRODUCT_PRICE_MAX 1000000000000LL
#define PRODUCT_NAME_MAX_CHARACTERS 200
#define PRODUCT_DESCRIPTION_MAX_CHARACTERS 50000
#define PRODUCT_LABEL_MAX_CHARACTERS 100 /* brand, tag, barcode, names and values of options */
#define PRODUCT_TEXT_MAX_CHARACTERS 1000 /* title, alt, value of an attribute, members of seo */
#define PRODUCT_URL_MAX_BYTES 2048
#define PRODUCT_SKU_MAX_BYTES 100
#define PRODUCT_TAGS_MAX 100
#define PRODUCT_IMAGES_MAX 100
#define PRODUCT_ATTRIBUTES_MAX 100
#define PRODUCT_OPTION_VALUES_MAX 100
#define PRODUCT_STOCK_MAX 1000000000LL
#define PRODUCT_WEIGHT_MAX_GRAMS 1000000000LL
#define PRODUCT_SORT_NAME_MAX_BYTES 400
/* A product read from the store is refused above this, so that a page of 100 fits a job's arena. */
#define PRODUCT_MAX_BYTES (256 * 1024)

enum product_status { PRODUCT_DRAFT, PRODUCT_ACTIVE, PRODUCT_ARCHIVED };

/* "draft", "active", "archived", NULL: by enum product_status. */
extern const char *const product_status_names[];

struct product_option {
    struct str name;
    struct str_list values;
};

struct product_option_list {
    struct product_option *items;
    size_t count;
};

struct product_variant {
    struct str id;
    struct str sku;   /* absent: made from slug and options, and marked in sku_is_made */
    struct str title; /* absent: made from the options */
    struct str_pair_list options;
    int64_t price;
    int64_t compare_at_price; /* INT64_ABSENT */
    bool track_stock;
    bool allow_backorder;
    bool sku_is_made;
    int64_t stock;     /* on hand; from the inventory, INT64_ABSENT when not tracked */
    int64_t available; /* what can be reserved, never below zero; INT64_ABSENT when not tracked */
    bool in_stock;
    struct str barcode;     /* absent */
    int64_t weight_grams;   /* INT64_ABSENT */
    bool stock_given;       /* in an edit: `stock` sets the level */
    bool track_stock_given; /* in an edit: else stock is tracked when `stock` is given */
};

struct product_variant_list {
    struct product_variant *items;
    size_t count;
};

struct product_image {
    struct str id;
    struct str url;
    struct str alt; /* absent */
    int64_t width;  /* INT64_ABSENT when not known, as for remote images */
    int64_t height;
    struct str_pair_list thumbnails;
};

struct product_image_list {
    struct product_image *items;
    size_t count;
};

struct product_seo {
    struct str title;
    struct str description;
};

struct product {
    struct str id;
    struct str slug;
    struct str name;
    struct str description; /* absent */
    struct str brand;       /* absent */
    struct str category;    /* the category's slug; absent */
    struct str_list tags;
    enum product_status status;
    struct product_option_list options;
    struct product_variant_list variants;
    int64_t price;
    int64_t price_max;
    struct str currency;
    bool in_stock;
    struct product_image_list images;
    struct str_pair_list attributes;
    struct product_seo seo;
    int64_t version;   /* of what editors write; from 1 */
    int64_t stock_seq; /* moves when the stock that the public sees does */
    int64_t created_at_ms;
    int64_t updated_at_ms;
};

struct product_list {
    struct product *items;
    size_t count;
};

/*
 * What somebody wants to change; a member counts only when its `..._given` is set. An absent
 * value that is given clears the member. The members from `price` on describe the single variant
 * and are refused together with `variants`, and for a product that has several.
 */
struct product_edit {
    struct str name, slug, description, brand, category, currency, status;
    struct str_list tags;
    struct product_option_list options;
    struct product_variant_list variants;
    struct product_image_list images;
    struct str_pair_list attributes;
    struct product_seo seo;
    int64_t price, compare_at_price, stock, weight_grams;
    struct str sku, barcode;
    bool track_stock, allow_backorder;

    bool name_given, slug_given, description_given, brand_given, category_given, currency_given,
        status_given, tags_given, options_given, variants_given, images_given, attributes_given,
        seo_given, price_given, compare_at_price_given, stock_given, weight_grams_given, sku_given,
        barcode_given, track_stock_given, allow_backorder_given;

    /* It describes all of the product: see product_edit_make_whole. */
    bool is_whole;

    /* The currency by which decimal strings among the prices were read; absent: there were none. */
    struct str decimal_currency;
};

/*
 * The edit replaces the product: a member that was not given is set to what a new product would
 * have. Slug, SKUs and whether stock is tracked, and its level, stay as they are unless the edit
 * speaks of them, because links, orders and counts hang on them. Without `variants`, its members
 * for the single variant describe the only one there will be.
 */
void product_edit_make_whole(struct product_edit *edit);

/*
 * Applies an edit to *product, which is zeroed (version 0) for a new one. Fills what is derived:
 * title, made SKUs, price, price_max, in_stock, a slug made from the name when none is given,
 * defaults (status active, currency `default_currency`, track_stock false unless stock or
 * track_stock is given). Existing variants keep their id, their SKU and, unless the edit speaks of
 * it, their stock when they are matched by id, else by SKU, else by options; images keep theirs by
 * id, else by address. New variants and images have an absent id: the store gives it. The product
 * borrows the edit's strings. Notes every violation and returns FAULT_INVALID when there is one;
 * then *product is not to be used.
 */
MUST_USE struct fault product_apply(struct product *product, const struct product_edit *edit,
                                    struct str default_currency, struct arena *arena,
                                    struct violations *violations);

/* The title that a variant has unless it was given another: "Small / Red". */
struct str product_variant_default_title(const struct product_variant *variant,
                                         struct arena *arena);

/* Sets in_stock and available of the variants and of the product from the variants' levels. */
void product_derive_stock(struct product *product);

/*
 * A slug from any UTF-8: compatibility-decomposed, case-folded, accents dropped (utf8proc), each
 * run of anything but [a-z0-9] one '-'; at most PRODUCT_SLUG_MAX_BYTES. Letters of other scripts
 * are left out, so the result may be empty; product_apply then takes "product".
 */
struct str product_slug_of(struct str name, struct arena *arena);

bool product_slug_is_valid(struct str slug);

/* A 24-digit hexadecimal id, in lower case. */
bool product_id_is_valid(struct str id);

/* How names are sorted: NFKC, case-folded, accents dropped. */
struct str product_sort_name(struct str name, struct arena *arena);

#endif
