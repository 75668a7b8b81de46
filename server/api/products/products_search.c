#include "server/api/products/product_schema.h"
#include "server/api/products/products.h"
#include "server/api/reply.h"

#define SUGGESTIONS_DEFAULT 5

/* The index of the name, or the number of names. */
static size_t index_of(const char *const *names, struct str name) {
    size_t index = 0;
    while (names[index] != NULL && !str_equals(str_of(names[index]), name)) {
        index++;
    }
    return index;
}

static void read_sort(struct job *job, const struct product_list_query *query,
                      struct product_query *wanted) {
    bool is_search = !str_is_absent(wanted->q);
    wanted->sort = is_search ? PRODUCT_SORT_RELEVANCE : PRODUCT_SORT_NEWEST;
    if (!str_is_absent(query->sort)) {
        wanted->sort = (enum product_sort)index_of(product_sort_names, query->sort);
    }
    if (wanted->sort != PRODUCT_SORT_RELEVANCE) {
        return;
    }
    if (!is_search) {
        violations_add(&job->violations, STR("sort"), "can be relevance only together with q");
    }
    if (!str_is_absent(query->paging.cursor)) {
        violations_add(&job->violations, STR("cursor"),
                       "is not for relevance, which has pages only: give page, or another sort");
    }
}

static void read_facets(struct job *job, struct str text, struct product_query *wanted) {
    struct str rest = text;
    struct str name;
    if (str_is_empty(text) || str_equals(text, STR("false"))) {
        return;
    }
    if (str_equals(text, STR("true"))) {
        wanted->facets = (1U << PRODUCT_FACET_COUNT) - 1;
        return;
    }
    while (str_next(&rest, ',', &name)) {
        size_t facet = index_of(product_facet_names, str_trim(name));
        if (facet == PRODUCT_FACET_COUNT) {
            violations_add(&job->violations, STR("facets"),
                           "must be true, or some of category, brand, tag, price");
            return;
        }
        wanted->facets |= 1U << facet;
    }
}

struct fault products_search_read(struct job *job, const struct product_list_query *query,
                                  struct product_query *wanted) {
    read_sort(job, query, wanted);
    read_facets(job, query->facets, wanted);
    ENSURE(!violations_any(&job->violations), FAULT_INVALID);
    return fault_none();
}

struct fault products_suggest(struct job *job) {
    const struct product_suggest_query *query = job->query;
    struct product_suggestions suggestions;
    size_t limit = query->limit == INT64_ABSENT ? SUGGESTIONS_DEFAULT : (size_t)query->limit;
    TRY(product_store_suggest(job->mongo, &job->arena, query->q, limit, &suggestions));
    return reply_object(job, &suggestions);
}
