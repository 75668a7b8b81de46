/*
 * product_fixture: edits and products for the tests of the pure rules.
 */
#ifndef AIZY_TESTS_PRODUCT_FIXTURE_H
#define AIZY_TESTS_PRODUCT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "stores/product.h"

static struct arena arena;
static struct violations violations;

static inline int set_up(void **state) {
    (void)state;
    arena_init(&arena, (size_t)64 << 20);
    violations_init(&violations, &arena);
    return 0;
}

static inline int tear_down(void **state) {
    (void)state;
    arena_release(&arena);
    return 0;
}

#define assert_text(actual, expected)                                                    \
    do {                                                                                 \
        struct str text_ = (actual);                                                     \
        assert_int_equal(text_.size, strlen(expected));                                  \
        assert_memory_equal(text_.data == NULL ? "" : text_.data, expected, text_.size); \
    } while (0)

static inline struct product_edit simple_edit(void) {
    return (struct product_edit){
        .name = STR("Ocean Blue Shirt"), .name_given = true, .price = 1999, .price_given = true};
}

static inline struct fault apply(struct product *product, const struct product_edit *edit) {
    violations_init(&violations, &arena);
    return product_apply(product, edit, STR("USD"), &arena, &violations);
}

static inline struct product made(const struct product_edit *edit) {
    struct product product = {0};
    struct fault fault = apply(&product, edit);
    for (size_t i = 0; i < violations.count; i++) {
        print_message("%.*s: %.*s\n", STR_ARG(violations.items[i].field),
                      STR_ARG(violations.items[i].message));
    }
    assert_false(fault_occurred(fault));
    /* As the store does once it has written it. */
    product.version = 1;
    for (size_t i = 0; i < product.variants.count; i++) {
        product.variants.items[i].id = arena_printf(&arena, "%024zx", i + 1);
    }
    for (size_t i = 0; i < product.images.count; i++) {
        product.images.items[i].id = arena_printf(&arena, "%024zx", i + 100);
    }
    return product;
}

static inline void assert_violates(const struct product_edit *edit, const struct product *before,
                                   const char *field) {
    struct product product = before == NULL ? (struct product){0} : *before;
    assert_true(fault_is(apply(&product, edit), FAULT_INVALID));
    for (size_t i = 0; i < violations.count; i++) {
        if (str_equals(violations.items[i].field, str_of(field))) {
            return;
        }
    }
    fail_msg("no violation of %s", field);
}

static struct str sizes[] = {STR_INIT("Small"), STR_INIT("Large"), STR_INIT("特大")};
static struct str colours[] = {STR_INIT("Red"), STR_INIT("Blue")};
static struct product_option options[] = {{STR_INIT("Size"), {sizes, 3}},
                                          {STR_INIT("Colour"), {colours, 2}}};

static inline struct product_variant variant_of(size_t size, size_t colour, int64_t price) {
    struct str_pair *pairs = arena_alloc_array(&arena, 2, sizeof(*pairs));
    /* In the other order than the options: the product's order counts. */
    pairs[0] = (struct str_pair){STR("Colour"), colours[colour]};
    pairs[1] = (struct str_pair){STR("Size"), sizes[size]};
    return (struct product_variant){.options = {pairs, 2},
                                    .price = price,
                                    .compare_at_price = INT64_ABSENT,
                                    .weight_grams = INT64_ABSENT,
                                    .stock = INT64_ABSENT};
}

static inline struct product_edit shirt_edit(struct product_variant *variants, size_t count) {
    return (struct product_edit){.name = STR("Shirt"),
                                 .name_given = true,
                                 .options = {options, 2},
                                 .options_given = true,
                                 .variants = {variants, count},
                                 .variants_given = true};
}

#endif
