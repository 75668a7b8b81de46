/*
 * category_store: the tree of categories, in MongoDB.
 *
 * A category knows its ancestors, from the root down to its parent, so that a product, which
 * carries its category and all of that one's ancestors, is found under each of them by one index.
 * The tree is at most CATEGORY_DEPTH_MAX deep and has at most CATEGORY_COUNT_MAX categories, so
 * that it is read, and moved about, as a whole. Slugs are unique in the shop, names need not be,
 * not even among siblings: the slug tells them apart. Siblings stand in the order of their
 * position, and of their age where that is the same.
 *
 * A change is one transaction over the tree and the catalogue's audit trail. The products that it
 * concerns are brought in line after it, in batches of their own, before the call returns: after a
 * move, what they say about their ancestors; after a change of slug, their ETags. Ended in the
 * middle, it leaves a tree that is right and products that are still listed where they were; the
 * same call again, any later change in that part of the tree, or category_store_finish, which every
 * server calls now and then, goes on. A product that is written meanwhile follows the tree as it is
 * then (mongo/category_guard.h says why).
 */
#ifndef AIZY_STORES_CATEGORY_STORE_H
#define AIZY_STORES_CATEGORY_STORE_H

#include "base/arena.h"
#include "base/fault.h"
#include "base/violation.h"
#include "stores/expected_versions.h"

struct mongo_store;
struct product_author;

#define CATEGORY_DEPTH_MAX 20
#define CATEGORY_COUNT_MAX 5000
#define CATEGORY_POSITION_MAX 1000000

struct category_crumb {
    struct str slug;
    struct str name;
};

struct category_crumb_list {
    struct category_crumb *items;
    size_t count;
};

struct category_list {
    struct category_node *items;
    size_t count;
};

/* A category in its tree. */
struct category_node {
    struct str id;
    struct str slug;
    struct str name;
    struct str parent;                     /* a slug; absent at the root */
    struct str_list path;                  /* the slugs from the root down to its own */
    struct category_crumb_list breadcrumb; /* the same with names; only of category_store_find */
    struct category_list children;         /* in their order */
    int64_t product_count;                 /* active products in it and in its descendants */
    int64_t position;
    int64_t version; /* moves when its own name, slug, parent or position do */
};

/*
 * The roots in their order, with all that is below them. The tree and the counts are of one moment.
 * A category whose ancestors are not all there is left out.
 */
MUST_USE struct fault category_store_read_tree(struct mongo_store *store, struct arena *arena,
                                               struct category_list *roots);

/*
 * One category with its breadcrumb and children, whose own children are there too. By a slug that
 * it had before, and that no category has taken since, node->slug is another one. FAULT_NOT_FOUND.
 */
MUST_USE struct fault category_store_find(struct mongo_store *store, struct arena *arena,
                                          struct str slug, struct category_node *node);

/* A member counts only when its `..._given` is set. */
struct category_edit {
    struct str name;
    struct str slug;
    struct str parent; /* a slug; absent and given: at the root */
    int64_t position;  /* among the siblings */
    bool name_given, slug_given, parent_given, position_given;
};

/*
 * Makes a category. A slug that is not given is made from the name, and gets "-2", "-3", ... until
 * it is free; one that is given and taken is FAULT_SLUG_TAKEN. Without a position it comes last.
 * FAULT_INVALID with violations when the parent does not exist or the tree would be too deep,
 * FAULT_CATEGORY_LIMIT. Joins a transaction under way.
 */
MUST_USE struct fault category_store_create(struct mongo_store *store, struct arena *arena,
                                            const struct category_edit *edit,
                                            const struct product_author *author,
                                            struct violations *violations,
                                            struct category_node *node);

/*
 * Changes a category; another parent moves it with all that is below it, to the end of its new
 * siblings unless a position is given. `expected`: stores/expected_versions.h; else
 * FAULT_PRECONDITION_FAILED. FAULT_INVALID with violations for a parent that does not exist, is the
 * category itself or lies below it, or where the tree would be too deep. FAULT_NOT_FOUND,
 * FAULT_SLUG_TAKEN. FAULT_OUTCOME_UNKNOWN: the tree may have been changed, and not all products are
 * in line with it.
 *
 * Takes a time that grows with the number of products in it: not for the pool of short work.
 */
MUST_USE struct fault
category_store_update(struct mongo_store *store, struct arena *arena, struct str slug,
                      const struct expected_versions *expected, const struct category_edit *edit,
                      const struct product_author *author, struct violations *violations,
                      struct category_node *node);

/*
 * Removes a category. One that has products (of any status) or children is
 * FAULT_CATEGORY_NOT_EMPTY, with how many as violations, unless `move_to` is there: then both go to
 * the category of that slug first, and so does whoever asks for the removed one by its slug.
 * FAULT_INVALID with violations for a `move_to` that does not exist, is the category itself or lies
 * below it, or where the tree would be too deep. FAULT_NOT_FOUND, FAULT_PRECONDITION_FAILED;
 * FAULT_OUTCOME_UNKNOWN: a part may have been moved, and the same call goes on, or
 * category_store_finish does, unless the category is edited before that. Takes its time, as
 * category_store_update does.
 */
MUST_USE struct fault category_store_remove(struct mongo_store *store, struct arena *arena,
                                            struct str slug,
                                            const struct expected_versions *expected,
                                            struct str move_to, const struct product_author *author,
                                            struct violations *violations);

/* For what may take long: asked between two batches of products whether it may go on. */
struct category_pace {
    bool (*may_go_on)(void *context);
    void *context;
};

/*
 * Goes on with the changes and removals that were begun before `before_ms` and of which nobody has
 * made an end since, in any process. Several callers may do so at once, and meet those who are
 * about it still: each step is a transaction that may be repeated. *count: what was finished. A
 * removal into a category that is gone is given up, and logged. FAULT_BUSY when `pace` said no;
 * what is left after a fault is found by the next call.
 */
MUST_USE struct fault category_store_finish(struct mongo_store *store, struct arena *arena,
                                            int64_t before_ms, const struct category_pace *pace,
                                            size_t *count);

/* What a file says of a category. */
struct category {
    struct str slug;
    struct str name;
    struct str parent; /* a slug; absent at the root */
    int64_t position;
};

/*
 * Makes the category, or gives the one with this slug another name and position. FAULT_NOT_FOUND
 * when the parent does not exist; FAULT_CONFLICT when it exists under another parent (moves are not
 * made here), or would be too deep; FAULT_CATEGORY_LIMIT.
 */
MUST_USE struct fault category_store_put(struct mongo_store *store, struct arena *arena,
                                         const struct category *category);

#endif
