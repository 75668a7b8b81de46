#include "stores/mongo/product_filter.h"

#include "stores/mongo/category_document.h"

static struct fault find_category(struct mongo_store *store, struct arena *arena,
                                  struct product_filter *filter) {
    struct category_record category;
    if (str_is_absent(filter->query->category)) {
        return fault_none();
    }
    TRY(category_record_find_any(store, arena, filter->query->category, &category));
    filter->category_id = category.id;
    return fault_none();
}

struct fault product_filter_resolve(struct mongo_store *store, struct arena *arena,
                                    const struct product_query *query,
                                    struct product_filter *filter) {
    *filter = (struct product_filter){.query = query};
    TRY(find_category(store, arena, filter));
    bool has_words = !str_is_empty(query->q);
    if (has_words || (query->facets & (1U << PRODUCT_FACET_CATEGORY)) != 0) {
        TRY(category_index_read(store, arena, &filter->categories));
    }
    TRY(product_match_resolve(store, arena, query->q, &filter->categories, &filter->match));
    ENSURE(!filter->match.is_impossible, FAULT_NOT_FOUND);
    return fault_none();
}

/* NULL: any. */
static const char *status_of(const struct product_query *query) {
    bool is_public = query->view == PRODUCT_VIEW_PUBLIC;
    if (!is_public && query->status == PRODUCT_STATUS_ANY) {
        return NULL;
    }
    return product_status_names[is_public ? PRODUCT_ACTIVE : (int)query->status];
}

void product_filter_put_status(const struct product_query *query, bson_t *document) {
    const char *name = status_of(query);
    bson_t condition;
    bson_t negation;
    if (name == NULL) {
        return;
    }
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(document, "status", &condition));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&condition, "$not", &negation));
    mongo_put_str(&negation, "$ne", str_of(name));
    CHECK(bson_append_document_end(&condition, &negation));
    CHECK(bson_append_document_end(document, &condition));
}

/* Every index that has an order names it; "any" names all that there are. */
static void put_leading_status(const struct product_query *query, bson_t *document) {
    const char *name = status_of(query);
    bson_t condition;
    bson_t names;
    if (name != NULL) {
        mongo_put_str(document, "status", str_of(name));
        return;
    }
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(document, "status", &condition));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&condition, "$in", &names));
    for (uint32_t i = 0; product_status_names[i] != NULL; i++) {
        char buffer[16];
        const char *key = NULL;
        bson_uint32_to_string(i, &key, buffer, sizeof(buffer));
        mongo_put_str(&names, key, str_of(product_status_names[i]));
    }
    CHECK(bson_append_array_end(&condition, &names));
    CHECK(bson_append_document_end(document, &condition));
}

static bool is_narrowed(const struct product_filter *filter, enum product_filter_use use) {
    const struct product_query *query = filter->query;
    bool has_value = !str_is_absent(filter->category_id) || !str_is_absent(query->brand) ||
                     !str_is_absent(query->tag);
    return filter->match.count > 0 || (use == FILTER_FOR_ALL && has_value);
}

void product_filter_put(const struct product_filter *filter, enum product_filter_use use,
                        bson_t *document) {
    const struct product_query *query = filter->query;
    mongo_put_id(document, "category_path", filter->category_id);
    if (is_narrowed(filter, use)) {
        product_filter_put_status(query, document);
    } else {
        put_leading_status(query, document);
    }
    mongo_put_str(document, "brand", query->brand);
    mongo_put_str(document, "tags", query->tag);
    if (query->in_stock_only) {
        CHECK(BSON_APPEND_BOOL(document, "in_stock", true));
    }
    if (query->min_price != INT64_ABSENT || query->max_price != INT64_ABSENT) {
        bson_t range;
        CHECK(BSON_APPEND_DOCUMENT_BEGIN(document, "price", &range));
        mongo_put_int64(&range, "$gte", query->min_price);
        /* Not $lte: SecantusDB for Python would leave out who costs exactly that. */
        if (query->max_price != INT64_ABSENT) {
            mongo_put_int64(&range, "$lt", query->max_price + 1);
        }
        CHECK(bson_append_document_end(document, &range));
    }
}

void product_filter_put_whole(const struct product_filter *filter, enum product_filter_use use,
                              bson_t *document) {
    bson_t all;
    uint32_t count = 0;
    product_filter_put(filter, use, document);
    if (filter->match.count > 0) {
        CHECK(BSON_APPEND_ARRAY_BEGIN(document, "$and", &all));
        product_match_put(&filter->match, &all, &count);
        CHECK(bson_append_array_end(document, &all));
    }
}
