#include "stores/mongo/product_vocabulary.h"

#include "stores/mongo/term_document.h"
#include "stores/product_terms.h"

/* Ids count upwards, so that their last digits are no sample. */
static bool is_sampled(const struct product *product) {
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < product->id.size; i++) {
        hash = (hash ^ (unsigned char)product->id.data[i]) * 16777619U;
    }
    return (hash >> 16) % TERM_SAMPLING == 0;
}

/* Those of `terms` that are not in `others`. */
static struct str_list difference(const struct str_list *terms, const struct str_list *others,
                                  struct arena *arena) {
    struct term_set set;
    struct str_list rest = {arena_alloc_array(arena, terms->count, sizeof(struct str)), 0};
    term_set_init(&set, arena, others->count);
    for (size_t i = 0; i < others->count; i++) {
        term_set_add(&set, others->items[i]);
    }
    for (size_t i = 0; i < terms->count; i++) {
        if (!term_set_has(&set, terms->items[i])) {
            rest.items[rest.count++] = terms->items[i];
        }
    }
    return rest;
}

static void put_terms(const struct product_terms *terms, bson_t *document) {
    bson_t members;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(document, "terms", &members));
    mongo_put_strs(&members, "name", &terms->name);
    mongo_put_strs(&members, "label", &terms->label);
    mongo_put_strs(&members, "all", &terms->all);
    CHECK(bson_append_document_end(document, &members));
}

struct fault product_vocabulary_write(struct mongo_store *store, struct arena *arena,
                                      const struct product *before, const struct product *after,
                                      bson_t *document) {
    struct product_terms old = {0};
    struct product_terms new;
    if (before != NULL) {
        product_terms_of(before, arena, &old);
    }
    product_terms_of(after, arena, &new);
    put_terms(&new, document);
    struct str_list gained = difference(&new.all, &old.all, arena);
    struct str_list lost = difference(&old.all, &new.all, arena);
    TRY(term_documents_ensure(store, arena, &gained));
    if (!is_sampled(after)) {
        return fault_none();
    }
    TRY(term_documents_count(store, &gained, TERM_SAMPLING));
    return term_documents_count(store, &lost, -TERM_SAMPLING);
}

struct fault product_vocabulary_forget(struct mongo_store *store, struct arena *arena,
                                       const struct product *product) {
    struct product_terms terms;
    if (!is_sampled(product)) {
        return fault_none();
    }
    product_terms_of(product, arena, &terms);
    return term_documents_count(store, &terms.all, -TERM_SAMPLING);
}
