#include "stores/mongo/product_save.h"

#include <stdlib.h>

#include "stores/mongo/mongo_command.h"
#include "stores/product_rules.h"

/* Beyond, the end of a new id is put behind the slug: that is free at once. */
#define SLUG_NUMBER_MAX 50
#define SLUG_ENDING_BYTES 8

#define SKU_COUNTED_TRIES 10
#define SKU_TRIES_MAX 20

/* Which of these texts other products have. */
struct taken {
    struct str product_id; /* not this one; absent for a new product */
    const struct str *texts;
    bool *is_taken;
    size_t count;
};

static void note_text(const struct taken *taken, struct str text) {
    for (size_t i = 0; i < taken->count; i++) {
        taken->is_taken[i] = taken->is_taken[i] || str_equals(taken->texts[i], text);
    }
}

static bool is_own(const struct taken *taken, const bson_t *document) {
    bson_iter_t at;
    char digits[PRODUCT_ID_BYTES + 1];
    if (!bson_iter_init_find(&at, document, "_id") || !BSON_ITER_HOLDS_OID(&at)) {
        return false;
    }
    bson_oid_to_string(bson_iter_oid(&at), digits);
    return str_equals(taken->product_id, str_of(digits));
}

static struct fault note_product(void *context, const bson_t *document) {
    const struct taken *taken = context;
    bson_iter_t start;
    bson_iter_t variants;
    bson_iter_t item;
    if (is_own(taken, document)) {
        return fault_none();
    }
    note_text(taken, mongo_get_str(document, "slug"));
    if (!bson_iter_init_find(&start, document, "variants") ||
        !bson_iter_recurse(&start, &variants)) {
        return fault_none();
    }
    while (bson_iter_next(&variants)) {
        uint32_t size = 0;
        if (BSON_ITER_HOLDS_DOCUMENT(&variants) && bson_iter_recurse(&variants, &item) &&
            bson_iter_find(&item, "sku") && BSON_ITER_HOLDS_UTF8(&item)) {
            const char *sku = bson_iter_utf8(&item, &size);
            note_text(taken, (struct str){sku, size});
        }
    }
    return fault_none();
}

/* `member` "slug" or "variants.sku". */
static struct fault find_taken(struct mongo_store *store, const char *member,
                               const struct taken *taken) {
    MONGO_BSON(filter);
    MONGO_BSON(options);
    bson_t condition;
    bson_t texts;
    bson_t members;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&filter, member, &condition));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&condition, "$in", &texts));
    for (size_t i = 0; i < taken->count; i++) {
        char buffer[16];
        const char *key = NULL;
        bson_uint32_to_string((uint32_t)i, &key, buffer, sizeof(buffer));
        mongo_put_str(&texts, key, taken->texts[i]);
    }
    CHECK(bson_append_array_end(&condition, &texts));
    CHECK(bson_append_document_end(&filter, &condition));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&options, "projection", &members));
    CHECK(BSON_APPEND_INT32(&members, member, 1));
    CHECK(bson_append_document_end(&options, &members));
    return mongo_connection_find(store, "product.taken", "products", &filter, &options,
                                 note_product, (void *)taken);
}

/* Without a '-' at the end, so that another word can follow. */
static struct str cut_slug(struct str base, size_t room) {
    struct str cut = str_slice(base, 0, PRODUCT_SLUG_MAX_BYTES - room);
    while (cut.size > 0 && cut.data[cut.size - 1] == '-') {
        cut.size--;
    }
    return cut;
}

struct fault product_free_slug(struct mongo_store *store, struct arena *arena, struct str base,
                               struct str product_id, struct str *slug) {
    struct str candidates[SLUG_NUMBER_MAX] = {base};
    bool is_taken[SLUG_NUMBER_MAX] = {false};
    struct taken taken = {product_id, candidates, is_taken, SLUG_NUMBER_MAX};
    struct str cut = cut_slug(base, STR("-50").size);
    for (size_t i = 1; i < SLUG_NUMBER_MAX; i++) {
        candidates[i] = arena_printf(arena, "%.*s-%zu", STR_ARG(cut), i + 1);
    }
    TRY(find_taken(store, "slug", &taken));
    for (size_t i = 0; i < SLUG_NUMBER_MAX; i++) {
        if (!is_taken[i]) {
            *slug = candidates[i];
            return fault_none();
        }
    }
    struct str id = mongo_new_id(arena);
    struct str ending = str_slice(id, id.size - SLUG_ENDING_BYTES, SLUG_ENDING_BYTES);
    cut = cut_slug(base, 1 + SLUG_ENDING_BYTES);
    *slug = arena_printf(arena, "%.*s-%.*s", STR_ARG(cut), STR_ARG(ending));
    return fault_none();
}

struct fault product_claim_slug(struct mongo_store *store, struct str slug) {
    return mongo_command_pull(store, "product.claim_slug", "products", "old_slugs", slug);
}

static bool is_used(const struct product *product, struct str sku) {
    for (size_t i = 0; i < product->variants.count; i++) {
        if (str_equals(product->variants.items[i].sku, sku)) {
            return true;
        }
    }
    return false;
}

/*
 * Gives each made SKU that is taken its next number; one that collides with a sister keeps what it
 * has and gets the number after. *is_any: the result has to be looked up again.
 */
static struct fault renumber(struct product *product, const struct str *made, const bool *is_taken,
                             size_t number, struct arena *arena, bool *is_any) {
    for (size_t i = 0; i < product->variants.count; i++) {
        struct product_variant *variant = &product->variants.items[i];
        ENSURE(!is_taken[i] || variant->sku_is_made, FAULT_SKU_TAKEN);
        if (is_taken[i]) {
            struct str sku = product_sku_numbered(made[i], number, arena);
            variant->sku = is_used(product, sku) ? variant->sku : sku;
            *is_any = true;
        }
    }
    return fault_none();
}

/* The next numbers for some tries, each of which asks the store; then one that nobody can have. */
static size_t sku_number(size_t tries, struct arena *arena) {
    if (tries <= SKU_COUNTED_TRIES) {
        return tries + 1;
    }
    struct str id = mongo_new_id(arena);
    return strtoul(arena_c_string(arena, str_slice(id, id.size - SLUG_ENDING_BYTES, id.size)), NULL,
                   16);
}

struct fault product_free_skus(struct mongo_store *store, struct arena *arena,
                               struct product *product) {
    size_t count = product->variants.count;
    struct str *made = arena_alloc_array(arena, count, sizeof(*made));
    struct str *skus = arena_alloc_array(arena, count, sizeof(*skus));
    struct taken taken = {.product_id = product->id, .texts = skus, .count = count};
    for (size_t i = 0; i < count; i++) {
        made[i] = product->variants.items[i].sku;
    }
    for (size_t tries = 1; tries <= SKU_TRIES_MAX; tries++) {
        bool is_any = false;
        taken.is_taken = arena_alloc_array(arena, count, sizeof(bool));
        for (size_t i = 0; i < count; i++) {
            skus[i] = product->variants.items[i].sku;
        }
        TRY(find_taken(store, "variants.sku", &taken));
        TRY(renumber(product, made, taken.is_taken, sku_number(tries, arena), arena, &is_any));
        if (!is_any) {
            return fault_none();
        }
    }
    return fault_of(FAULT_SKU_TAKEN);
}
