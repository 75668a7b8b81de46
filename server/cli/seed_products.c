#include "server/cli/seed_products.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "server/catalogue/made_up.h"
#include "stores/product_store.h"

/* One transaction: many enough that its commit hardly counts, few enough for its time-out. */
#define BATCH 25
#define BATCH_ARENA_BYTES (32UL * 1024 * 1024)
#define REPORTS 10

struct seeding {
    struct context *context;
    struct product_author author;
    struct arena arena; /* of one batch */
    struct product_edit edits[BATCH];
    int64_t made;
};

static bool make_categories(struct context *context) {
    for (size_t i = 0; i < made_up_category_count; i++) {
        struct fault fault =
            category_store_put(context->mongo, &context->arena, &made_up_categories[i]);
        if (fault_occurred(fault)) {
            context_problem("The category %.*s was refused.", STR_ARG(made_up_categories[i].slug));
            context_fault("MongoDB", fault);
            return false;
        }
    }
    return true;
}

static struct fault create_one(struct seeding *seeding, const struct product_edit *edit) {
    struct violations violations;
    struct product product;
    violations_init(&violations, &seeding->arena);
    return product_store_create(seeding->context->mongo, &seeding->arena, edit, &seeding->author,
                                &violations, &product);
}

/* Some of them are there: the others are made one by one. */
static struct fault make_missing(struct seeding *seeding, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct fault fault = create_one(seeding, &seeding->edits[i]);
        if (!fault_is(fault, FAULT_SLUG_TAKEN) && !fault_is(fault, FAULT_SKU_TAKEN)) {
            TRY(fault);
            seeding->made++;
        }
    }
    return fault_none();
}

static struct fault make_batch(struct seeding *seeding, int64_t first, size_t count) {
    struct violations violations;
    violations_init(&violations, &seeding->arena);
    for (size_t i = 0; i < count; i++) {
        made_up_product(first + (int64_t)i, &seeding->arena, &seeding->edits[i]);
    }
    struct fault fault =
        product_store_create_all(seeding->context->mongo, &seeding->arena, seeding->edits, count,
                                 &seeding->author, &violations);
    if (fault_is(fault, FAULT_SLUG_TAKEN) || fault_is(fault, FAULT_SKU_TAKEN)) {
        return make_missing(seeding, count);
    }
    TRY(fault);
    seeding->made += (int64_t)count;
    return fault_none();
}

static bool make_products(struct seeding *seeding, int64_t count) {
    int64_t reported = 0;
    for (int64_t done = 0; done < count;) {
        size_t size = (size_t)(count - done < BATCH ? count - done : BATCH);
        arena_init(&seeding->arena, BATCH_ARENA_BYTES);
        struct fault fault = make_batch(seeding, done + 1, size);
        arena_release(&seeding->arena);
        if (fault_occurred(fault)) {
            context_problem("A product between number %" PRId64 " and %" PRId64 " was refused.",
                            done + 1, done + (int64_t)size);
            context_fault("MongoDB", fault);
            return false;
        }
        done += (int64_t)size;
        if (done < count && done * REPORTS / count > reported) {
            reported = done * REPORTS / count;
            (void)printf("%" PRId64 " of %" PRId64 "\n", done, count);
            (void)fflush(stdout);
        }
    }
    return true;
}

enum command_result seed_products(struct context *context, int64_t count) {
    struct seeding seeding = {
        .context = context,
        .author = {.default_currency = context->config.currency},
    };
    int64_t begun_us = clock_monotonic_us();
    if (!context_open_mongo(context, 0)) {
        return COMMAND_MISUSED;
    }
    if (!make_categories(context) || !make_products(&seeding, count)) {
        return COMMAND_FAILED;
    }
    (void)printf("products: %" PRId64 ", %" PRId64 " of them new, in %.1f s\n", count, seeding.made,
                 (double)(clock_monotonic_us() - begun_us) / 1e6);
    return COMMAND_DONE;
}
