#include "server/catalogue/made_up.h"

#include <inttypes.h>

#include "server/catalogue/made_up_words.h"

#define COLOURS_MAX 3
#define TAGS_MAX 6
#define SENTENCES_MAX 8
#define BARCODE_DIGITS 13

/* SplitMix64: numbers that look like chance and are the same wherever they are made. */
struct chance {
    uint64_t state;
};

static uint64_t next(struct chance *chance) {
    uint64_t mixed = chance->state += 0x9E3779B97F4A7C15U;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBU;
    return mixed ^ mixed >> 31;
}

/* 0 to count - 1, each as often. */
static size_t below(struct chance *chance, size_t count) {
    return (size_t)(next(chance) % count);
}

/* 0 to count - 1, the first ones by far most often: a tenth of them makes up half. */
static size_t popular_below(struct chance *chance, size_t count) {
    double share = (double)(next(chance) >> 11) / (double)(1ULL << 53);
    size_t place = (size_t)(share * share * share * (double)count);
    return place < count ? place : count - 1;
}

static bool happens(struct chance *chance, unsigned percent) {
    return below(chance, 100) < percent;
}

static size_t count_words(const char *const *words) {
    size_t count = 0;
    while (words[count] != NULL) {
        count++;
    }
    return count;
}

static struct str any_word(struct chance *chance, const char *const *words) {
    return str_of(words[popular_below(chance, count_words(words))]);
}

static struct str join(struct str first, const char *between, struct str second,
                       struct arena *arena) {
    return arena_printf(arena, "%.*s%s%.*s", STR_ARG(first), between, STR_ARG(second));
}

/* As many steps of a tenth as chance wants between the two, then as shops round. */
static int64_t make_price(struct chance *chance, const struct made_up_kind *kind) {
    int64_t price = kind->price_min;
    size_t steps = 0;
    for (int64_t at = price; at < kind->price_max; at += at / 10) {
        steps++;
    }
    for (size_t left = below(chance, steps + 1); left > 0; left--) {
        price += price / 10;
    }
    int64_t ending = happens(chance, 70) ? 99 : happens(chance, 50) ? 50 : 0;
    return price - price % 100 + ending;
}

/* Some nothing, most a few, few of them many. */
static int64_t make_stock(struct chance *chance) {
    return happens(chance, 12) ? 0 : 1 + (int64_t)popular_below(chance, 400);
}

/* EAN-13 of a prefix that shops may use within themselves, with its check digit. */
static struct str make_barcode(int64_t number, size_t variant, struct arena *arena) {
    struct str digits =
        arena_printf(arena, "200%07" PRId64 "%02zu", number % 10000000, variant % 100);
    unsigned sum = 0;
    for (size_t i = 0; i + 1 < BARCODE_DIGITS; i++) {
        sum += (unsigned)(digits.data[i] - '0') * (i % 2 == 0 ? 1 : 3);
    }
    return arena_printf(arena, "%.*s%u", STR_ARG(digits), (10 - sum % 10) % 10);
}

/* Different ones, in an order of chance; gives how many. */
static size_t pick_words(struct chance *chance, const char *const *words, size_t most,
                         struct str *picked) {
    size_t count = 0;
    for (size_t tries = 0; tries < most; tries++) {
        struct str word = any_word(chance, words);
        bool is_there = false;
        for (size_t i = 0; i < count; i++) {
            is_there = is_there || str_equals(picked[i], word);
        }
        if (!is_there) {
            picked[count++] = word;
        }
    }
    return count;
}

static struct str_list words_list(const char *const *words, struct arena *arena) {
    size_t count = words == NULL ? 0 : count_words(words);
    struct str_list list = {arena_alloc_array(arena, count, sizeof(struct str)), count};
    for (size_t i = 0; i < count; i++) {
        list.items[i] = str_of(words[i]);
    }
    return list;
}

/* No option, sizes, colours, or both. */
static void make_options(struct chance *chance, const struct made_up_kind *kind,
                         struct arena *arena, struct product_edit *edit) {
    struct product_option *options = arena_alloc_array(arena, 2, sizeof(*options));
    struct str_list sizes = words_list(made_up_size_lists[kind->sizes], arena);
    struct str *colours = arena_alloc_array(arena, COLOURS_MAX, sizeof(*colours));
    size_t colours_max = below(chance, COLOURS_MAX + 1);
    size_t colour_count = pick_words(chance, made_up_colours, colours_max, colours);
    size_t count = 0;
    if (sizes.count > 0) {
        options[count++] = (struct product_option){STR("Size"), sizes};
    }
    if (colour_count > 1) {
        options[count++] =
            (struct product_option){STR("Colour"), (struct str_list){colours, colour_count}};
    }
    edit->options = (struct product_option_list){options, count};
    edit->options_given = count > 0;
}

static struct product_variant make_variant(struct chance *chance, const struct made_up_kind *kind,
                                           int64_t price, bool is_tracked) {
    /* One after the other: an initialiser would leave the order to the compiler. */
    bool is_reduced = happens(chance, 15);
    bool allows_backorder = happens(chance, 5);
    int64_t stock = make_stock(chance);
    return (struct product_variant){
        .price = price,
        .compare_at_price = is_reduced ? price + price / 4 : INT64_ABSENT,
        .track_stock = is_tracked,
        .track_stock_given = true,
        .allow_backorder = allows_backorder,
        .stock = is_tracked ? stock : INT64_ABSENT,
        .stock_given = is_tracked,
        .weight_grams = kind->weight_grams,
    };
}

/* One of each combination of the options' values. */
static void make_variants(struct chance *chance, const struct made_up_kind *kind, int64_t number,
                          struct arena *arena, struct product_edit *edit) {
    const struct product_option_list *options = &edit->options;
    int64_t price = make_price(chance, kind);
    bool is_tracked = happens(chance, 80);
    size_t count = 1;
    for (size_t i = 0; i < options->count; i++) {
        count *= options->items[i].values.count;
    }
    struct product_variant *variants = arena_alloc_array(arena, count, sizeof(*variants));
    for (size_t i = 0; i < count; i++) {
        struct str_pair *pairs = arena_alloc_array(arena, options->count, sizeof(*pairs));
        size_t rest = i;
        for (size_t at = 0; at < options->count; at++) {
            const struct str_list *values = &options->items[at].values;
            pairs[at] =
                (struct str_pair){options->items[at].name, values->items[rest % values->count]};
            rest /= values->count;
        }
        variants[i] = make_variant(chance, kind, price, is_tracked);
        variants[i].options = (struct str_pair_list){pairs, options->count};
        variants[i].sku = arena_printf(arena, "MU-%07" PRId64 "-%02zu", number, i + 1);
        variants[i].barcode = make_barcode(number, i, arena);
    }
    edit->variants = (struct product_variant_list){variants, count};
    edit->variants_given = true;
}

static struct str make_description(struct chance *chance, struct str name, struct str brand,
                                   struct arena *arena) {
    struct str picked[SENTENCES_MAX];
    size_t most = 2 + below(chance, SENTENCES_MAX - 1);
    size_t count = pick_words(chance, made_up_sentences, most, picked);
    struct str text = arena_printf(arena, "%.*s by %.*s.", STR_ARG(name), STR_ARG(brand));
    for (size_t i = 0; i < count; i++) {
        text = join(text, i % 3 == 2 ? "\n\n" : " ", picked[i], arena);
    }
    return text;
}

static void make_attributes(struct chance *chance, struct str material, struct arena *arena,
                            struct product_edit *edit) {
    struct str_pair *pairs = arena_alloc_array(arena, 2, sizeof(*pairs));
    pairs[0] = (struct str_pair){STR("Material"), material};
    pairs[1] = (struct str_pair){STR("Made in"), any_word(chance, made_up_places)};
    edit->attributes = (struct str_pair_list){pairs, 2};
    edit->attributes_given = true;
}

static struct str make_brand(struct chance *chance, struct arena *arena) {
    struct str beginning = any_word(chance, made_up_brand_beginnings);
    struct str ending = any_word(chance, made_up_brand_endings);
    return join(beginning, "", ending, arena);
}

static enum product_status make_status(struct chance *chance) {
    size_t percent = below(chance, 100);
    return percent < 94 ? PRODUCT_ACTIVE : percent < 98 ? PRODUCT_DRAFT : PRODUCT_ARCHIVED;
}

void made_up_product(int64_t number, struct arena *arena, struct product_edit *edit) {
    struct chance chance = {(uint64_t)number * 0xD1342543DE82EF95U};
    const struct made_up_kind *kind = &made_up_kinds[popular_below(&chance, made_up_kind_count)];
    struct str adjective = any_word(&chance, made_up_adjectives);
    struct str material = any_word(&chance, made_up_materials);
    struct str brand = make_brand(&chance, arena);
    enum product_status status = make_status(&chance);
    struct str *tags = arena_alloc_array(arena, TAGS_MAX, sizeof(*tags));
    size_t tags_max = below(&chance, TAGS_MAX + 1);
    *edit = (struct product_edit){
        .name = join(join(adjective, " ", material, arena), " ", str_of(kind->noun), arena),
        .brand = brand,
        .category = str_of(kind->category),
        .status = str_of(product_status_names[status]),
        .name_given = true,
        .slug_given = true,
        .description_given = true,
        .brand_given = true,
        .category_given = true,
        .status_given = true,
        .tags_given = true,
        .price = INT64_ABSENT,
        .compare_at_price = INT64_ABSENT,
        .stock = INT64_ABSENT,
        .weight_grams = INT64_ABSENT,
    };
    edit->slug =
        arena_printf(arena, "%.*s-%" PRId64, STR_ARG(product_slug_of(edit->name, arena)), number);
    edit->tags = (struct str_list){tags, pick_words(&chance, made_up_tags, tags_max, tags)};
    edit->description = make_description(&chance, edit->name, edit->brand, arena);
    make_attributes(&chance, material, arena, edit);
    make_options(&chance, kind, arena, edit);
    make_variants(&chance, kind, number, arena, edit);
}
