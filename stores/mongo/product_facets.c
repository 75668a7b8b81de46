#include "stores/mongo/product_facets.h"

#include <stdlib.h>

#include "stores/product.h"

const char *const product_facet_names[] = {"category", "brand", "tag", "price", NULL};

/* Different values beyond this are not counted: PRODUCT_CANDIDATES_MAX products can have more. */
#define VALUES_MAX 4096

/* 1, 2 and 5 times each power of ten up to PRODUCT_PRICE_MAX, and what is below 1. */
#define PRICE_RANGES_MAX 40

/* Each text's count; the set gives it its place. */
struct value_counter {
    struct term_set values;
    int64_t *counts;
};

struct facet_counter {
    struct arena *arena;
    unsigned facets;
    const struct category_index *categories;
    int64_t *category_counts; /* by the index's order */
    struct value_counter brands;
    struct value_counter tags;
    int64_t price_counts[PRICE_RANGES_MAX];
};

static bool is_wanted(const struct facet_counter *counter, enum product_facet facet) {
    return (counter->facets & (1U << facet)) != 0;
}

static void value_counter_init(struct value_counter *counter, struct arena *arena) {
    term_set_init(&counter->values, arena, VALUES_MAX);
    counter->counts = arena_alloc_array(arena, VALUES_MAX, sizeof(*counter->counts));
}

struct facet_counter *product_facets_begin(struct arena *arena, unsigned facets,
                                           const struct category_index *categories) {
    struct facet_counter *counter = ARENA_NEW(arena, struct facet_counter);
    counter->arena = arena;
    counter->facets = facets;
    counter->categories = categories;
    counter->category_counts =
        arena_alloc_array(arena, categories->count, sizeof(*counter->category_counts));
    if (is_wanted(counter, PRODUCT_FACET_BRAND)) {
        value_counter_init(&counter->brands, arena);
    }
    if (is_wanted(counter, PRODUCT_FACET_TAG)) {
        value_counter_init(&counter->tags, arena);
    }
    return counter;
}

static void count_value(struct value_counter *counter, const bson_iter_t *at) {
    uint32_t size = 0;
    if (!BSON_ITER_HOLDS_UTF8(at)) {
        return;
    }
    const char *text = bson_iter_utf8(at, &size);
    struct str value = {text, size};
    (void)term_set_add(&counter->values, value);
    size_t index = term_set_index(&counter->values, value);
    if (index < counter->values.count) {
        counter->counts[index]++;
    }
}

/* The same tag twice counts once: members of an array are looked at behind each other. */
static bool came_before(const bson_iter_t *array, const bson_iter_t *item) {
    bson_iter_t at;
    if (!bson_iter_recurse(array, &at)) {
        return false;
    }
    while (bson_iter_next(&at) && strcmp(bson_iter_key(&at), bson_iter_key(item)) != 0) {
        if (BSON_ITER_HOLDS_UTF8(&at) && BSON_ITER_HOLDS_UTF8(item) &&
            strcmp(bson_iter_utf8(&at, NULL), bson_iter_utf8(item, NULL)) == 0) {
            return true;
        }
    }
    return false;
}

static void count_tags(struct facet_counter *counter, const bson_iter_t *tags) {
    bson_iter_t item;
    if (!BSON_ITER_HOLDS_ARRAY(tags) || !bson_iter_recurse(tags, &item)) {
        return;
    }
    while (bson_iter_next(&item)) {
        if (!came_before(tags, &item)) {
            count_value(&counter->tags, &item);
        }
    }
}

static void count_categories(struct facet_counter *counter, const bson_iter_t *path) {
    bson_iter_t id;
    if (!BSON_ITER_HOLDS_ARRAY(path) || !bson_iter_recurse(path, &id)) {
        return;
    }
    while (bson_iter_next(&id)) {
        const struct category_entry *entry =
            BSON_ITER_HOLDS_OID(&id) ? category_index_find(counter->categories, bson_iter_oid(&id))
                                     : NULL;
        if (entry != NULL) {
            counter->category_counts[entry - counter->categories->items]++;
        }
    }
}

/* Where a range begins: 0, 1, 2, 5, 10, 20, 50, ... */
static int64_t range_start(size_t range) {
    static const int64_t steps[] = {1, 2, 5};
    int64_t start = 1;
    if (range == 0) {
        return 0;
    }
    for (size_t i = 0; i < (range - 1) / COUNT_OF(steps); i++) {
        start *= 10;
    }
    return start * steps[(range - 1) % COUNT_OF(steps)];
}

static void count_price(struct facet_counter *counter, int64_t price) {
    size_t range = 0;
    while (range + 1 < PRICE_RANGES_MAX && range_start(range + 1) <= price) {
        range++;
    }
    counter->price_counts[range]++;
}

void product_facets_note(struct facet_counter *counter, const bson_t *document) {
    bson_iter_t at;
    if (counter->facets == 0 || !bson_iter_init(&at, document)) {
        return;
    }
    while (bson_iter_next(&at)) {
        const char *key = bson_iter_key(&at);
        if (strcmp(key, "category_path") == 0 && is_wanted(counter, PRODUCT_FACET_CATEGORY)) {
            count_categories(counter, &at);
        } else if (strcmp(key, "brand") == 0 && is_wanted(counter, PRODUCT_FACET_BRAND)) {
            count_value(&counter->brands, &at);
        } else if (strcmp(key, "tags") == 0 && is_wanted(counter, PRODUCT_FACET_TAG)) {
            count_tags(counter, &at);
        } else if (strcmp(key, "price") == 0 && is_wanted(counter, PRODUCT_FACET_PRICE)) {
            count_price(counter, bson_iter_as_int64(&at));
        }
    }
}

static int compare_values(const void *left_item, const void *right_item) {
    const struct product_facet_value *left = left_item;
    const struct product_facet_value *right = right_item;
    if (left->count != right->count) {
        return left->count > right->count ? -1 : 1;
    }
    size_t size = left->value.size < right->value.size ? left->value.size : right->value.size;
    int order = memcmp(left->value.data, right->value.data, size);
    return order != 0
               ? order
               : (left->value.size > right->value.size) - (left->value.size < right->value.size);
}

static void sort_values(struct product_facet_value_list *list) {
    if (list->count > 1) {
        qsort(list->items, list->count, sizeof(*list->items), compare_values);
    }
    list->count = list->count < PRODUCT_FACET_VALUES_MAX ? list->count : PRODUCT_FACET_VALUES_MAX;
}

/* Of a facet that was not asked for, no list, which is less than an empty one. */
static struct product_facet_value_list end_values(const struct value_counter *counter,
                                                  struct arena *arena) {
    struct product_facet_value_list list = {0};
    if (counter->counts == NULL) {
        return list;
    }
    list.count = counter->values.count;
    list.items = arena_alloc_array(arena, list.count, sizeof(*list.items));
    for (size_t i = 0; i < list.count; i++) {
        list.items[i].value = counter->values.items[i];
        list.items[i].count = counter->counts[i];
    }
    sort_values(&list);
    return list;
}

static struct product_facet_value_list end_categories(const struct facet_counter *counter) {
    const struct category_index *categories = counter->categories;
    struct product_facet_value_list list = {
        arena_alloc_array(counter->arena, categories->count, sizeof(*list.items)), 0};
    for (size_t i = 0; i < categories->count; i++) {
        const struct category_entry *entry = &categories->items[i];
        if (counter->category_counts[i] > 0 && !str_is_absent(entry->slug)) {
            list.items[list.count++] =
                (struct product_facet_value){entry->slug, entry->name, counter->category_counts[i]};
        }
    }
    sort_values(&list);
    return list;
}

static struct product_price_range_list end_prices(const struct facet_counter *counter) {
    struct product_price_range_list list = {
        arena_alloc_array(counter->arena, PRICE_RANGES_MAX, sizeof(*list.items)), 0};
    for (size_t i = 0; i < PRICE_RANGES_MAX; i++) {
        if (counter->price_counts[i] > 0) {
            list.items[list.count++] = (struct product_price_range){
                range_start(i), range_start(i + 1) - 1, counter->price_counts[i]};
        }
    }
    return list;
}

void product_facets_end(struct facet_counter *counter, struct product_facets *facets) {
    *facets = (struct product_facets){0};
    if (is_wanted(counter, PRODUCT_FACET_CATEGORY)) {
        facets->categories = end_categories(counter);
    }
    facets->brands = end_values(&counter->brands, counter->arena);
    facets->tags = end_values(&counter->tags, counter->arena);
    if (is_wanted(counter, PRODUCT_FACET_PRICE)) {
        facets->prices = end_prices(counter);
    }
}
