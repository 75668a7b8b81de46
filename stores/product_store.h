/*
 * product_store: the products, in MongoDB.
 *
 * Whatever is read lives in the arena that is passed. A write is one transaction over the product,
 * its inventory documents and the catalogue's audit trail.
 */
#ifndef AIZY_STORES_PRODUCT_STORE_H
#define AIZY_STORES_PRODUCT_STORE_H

#include "stores/expected_versions.h"
#include "stores/product.h"
#include "stores/product_search.h"

struct mongo_store;

/* Which products a reader sees. */
enum product_view {
    PRODUCT_VIEW_PUBLIC,   /* active ones only; `available` counted up to 10, `stock` absent */
    PRODUCT_VIEW_MANAGING, /* all of it */
};

#define PRODUCT_PUBLIC_AVAILABLE_MAX 10

/*
 * By id when it is 24 hexadecimal digits and such an id exists, else by slug, else by a slug that
 * it had before (and no product has taken since): then product->slug is another one.
 * FAULT_NOT_FOUND.
 */
MUST_USE struct fault product_store_find(struct mongo_store *store, struct arena *arena,
                                         struct str id_or_slug, enum product_view view,
                                         struct product *product);

enum product_sort {
    PRODUCT_SORT_NEWEST, /* created_at descending */
    PRODUCT_SORT_PRICE,
    PRODUCT_SORT_PRICE_DESCENDING,
    PRODUCT_SORT_NAME,
    PRODUCT_SORT_RELEVANCE, /* only of a search; without `after` (product_search.h) */
};

/* "newest", "price", "-price", "name", "relevance", NULL: by enum product_sort. */
extern const char *const product_sort_names[];

/* Where a list goes on: the sort key and id of the last product that was shown. */
struct product_position {
    int64_t number;  /* of newest: milliseconds; of price: minor units */
    struct str text; /* of name: the sort name */
    struct str id;
};

enum product_status_filter {
    PRODUCT_STATUS_DRAFT = PRODUCT_DRAFT,
    PRODUCT_STATUS_ACTIVE = PRODUCT_ACTIVE,
    PRODUCT_STATUS_ARCHIVED = PRODUCT_ARCHIVED,
    PRODUCT_STATUS_ANY,
};

struct product_query {
    enum product_view view;
    enum product_status_filter status; /* of the managing view */
    struct str category;               /* a slug, with its descendants; absent: all */
    struct str brand;                  /* exact; absent */
    struct str tag;                    /* exact; absent */
    int64_t min_price;                 /* INT64_ABSENT */
    int64_t max_price;                 /* INT64_ABSENT; a product matches by its lowest price */
    bool in_stock_only;
    struct str q;    /* words to search for (product_search.h); absent: all */
    unsigned facets; /* which to count: bits 1 << enum product_facet */
    enum product_sort sort;
    size_t limit; /* 1 to 100 */
    size_t skip;  /* for pages; with `after` 0 */
    const struct product_position *after;
    bool with_total;
};

/* Totals are counted up to this; beyond, total is this and not exact. */
#define PRODUCT_TOTAL_MAX 10000

struct product_page {
    struct product_list products;
    bool has_more;
    struct product_position last; /* of the last product shown */
    int64_t total;                /* INT64_ABSENT unless asked for */
    bool total_is_exact;
    struct product_facets facets; /* those that were asked for */
};

/*
 * By relevance, limit and skip together reach PRODUCT_CANDIDATES_MAX at most: FAULT_TOO_DEEP.
 * An unknown category gives an empty page.
 */
MUST_USE struct fault product_store_list(struct mongo_store *store, struct arena *arena,
                                         const struct product_query *query,
                                         struct product_page *page);

/* Who changes the catalogue, for its audit trail. */
struct product_author {
    int64_t user_id;       /* 0: the command line */
    struct str address;    /* absent on the command line */
    struct str request_id; /* absent on the command line */
    struct str default_currency;
};

/*
 * Makes a product. The slug, when none was given, gets "-2", "-3", ... until it is free (after
 * "-50" the end of a new id), and so do made SKUs; one that was given and is taken is
 * FAULT_SLUG_TAKEN, a given SKU that another product has FAULT_SKU_TAKEN. FAULT_INVALID with
 * violations for what product_apply refuses and for a category that does not exist.
 */
MUST_USE struct fault product_store_create(struct mongo_store *store, struct arena *arena,
                                           const struct product_edit *edit,
                                           const struct product_author *author,
                                           struct violations *violations, struct product *product);

/*
 * Makes several, all of them or none, in one transaction: what each would be by
 * product_store_create, with its faults.
 */
#define PRODUCT_CREATE_ALL_MAX 100
MUST_USE struct fault product_store_create_all(struct mongo_store *store, struct arena *arena,
                                               const struct product_edit *edits, size_t count,
                                               const struct product_author *author,
                                               struct violations *violations);

/*
 * Changes a product. `expected`: stores/expected_versions.h; else FAULT_PRECONDITION_FAILED when it
 * has moved. An edit that changes nothing leaves version and updated_at as they are.
 * FAULT_NOT_FOUND, and the faults of product_store_create.
 */
MUST_USE struct fault product_store_update(struct mongo_store *store, struct arena *arena,
                                           struct str id, const struct expected_versions *expected,
                                           const struct product_edit *edit,
                                           const struct product_author *author,
                                           struct violations *violations, struct product *product);

/* Removes a product and its inventory for good. FAULT_NOT_FOUND, FAULT_PRECONDITION_FAILED. */
MUST_USE struct fault product_store_remove(struct mongo_store *store, struct arena *arena,
                                           struct str id, const struct expected_versions *expected,
                                           const struct product_author *author);

enum product_import_result {
    PRODUCT_IMPORT_CREATED,
    PRODUCT_IMPORT_UPDATED,
    PRODUCT_IMPORT_UNCHANGED
};

/*
 * Completes an edit by what is known of the product that it is about. It may be called several
 * times for one import, each time with the edit as it was given, whose lists it must not change.
 */
typedef void product_import_fill(void *context, const struct product *known, struct arena *arena,
                                 struct product_edit *edit);

struct product_import_order {
    const struct product_edit *edit; /* with a slug */
    struct str category_name;        /* of edit->category, when that is not there yet; absent */
    bool is_rehearsal;               /* everything is checked and nothing is written */
    product_import_fill *fill;       /* NULL: nothing is to be added */
    void *fill_context;
};

/*
 * Creates or changes the product that has the edit's slug. A category that is not there is made.
 * The faults of product_store_create.
 */
MUST_USE struct fault product_store_import(struct mongo_store *store, struct arena *arena,
                                           const struct product_import_order *order,
                                           const struct product_author *author,
                                           struct violations *violations,
                                           enum product_import_result *result);

/* A product, and what its file says of its category beyond the slug. */
struct product_walked {
    struct product product;   /* as those see it who manage it */
    struct str category_name; /* absent without a category */
};

struct product_walk {
    struct product_walked *items;
    size_t count;
    bool has_more;
    struct str last; /* the slug after which the walk goes on */
};

#define PRODUCT_WALK_LIMIT_MAX 200

/*
 * All products, whatever their status, in the order of their slugs' bytes: the next `limit` of them
 * after the slug `after` (absent: from the beginning). What is created, changed or removed
 * meanwhile makes the walk neither skip nor repeat another product; one whose slug changes may be
 * met under both or none. A damaged document is left out, and logged.
 */
MUST_USE struct fault product_store_walk(struct mongo_store *store, struct arena *arena,
                                         struct str after, size_t limit, struct product_walk *walk);

MUST_USE struct fault product_store_count(struct mongo_store *store, int64_t *count);

#endif
