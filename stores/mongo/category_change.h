/*
 * category_change: what creating, changing and removing categories have in common. All of it runs
 * within a transaction.
 */
#ifndef AIZY_STORES_MONGO_CATEGORY_CHANGE_H
#define AIZY_STORES_MONGO_CATEGORY_CHANGE_H

#include "stores/mongo/category_document.h"
#include "stores/product_store.h"

/*
 * The category that `slug` names, for the body's member `field`: what does not exist is a
 * violation, and FAULT_INVALID.
 */
MUST_USE struct fault category_find_named(struct mongo_store *store, struct arena *arena,
                                          struct str field, struct str slug,
                                          struct violations *violations,
                                          struct category_record *record);

/* Behind the last child of `parent_id` (absent: of the roots). */
MUST_USE struct fault category_last_position(struct mongo_store *store, struct str parent_id,
                                             int64_t *position);

/* A violation of `field` when what is `levels` deep would not fit under `parent` (NULL: a root). */
MUST_USE struct fault category_ensure_depth(const struct category_record *parent, size_t levels,
                                            struct str field, struct violations *violations);

/* How many levels it has, itself included. */
MUST_USE struct fault category_levels(struct mongo_store *store, struct arena *arena,
                                      const struct category_record *record, size_t *levels);

/* `id` lies below the category, or is it. */
bool category_contains(const struct category_record *category, const struct category_record *other);

/*
 * Everything below the category: the first `from` ids of each path become `prefix`; and it is
 * marked as due.
 */
MUST_USE struct fault category_move_descendants(struct mongo_store *store,
                                                const struct category_record *category, size_t from,
                                                const struct str_list *prefix, struct str due);

/* The list of former slugs with `slug` in front, and without `current`. */
struct str_list category_remember_slug(const struct str_list *known, struct str slug,
                                       struct str current, struct arena *arena);

/* Removes the document as it was found; FAULT_BUSY, to be repeated, when it has moved. */
MUST_USE struct fault category_take_away(struct mongo_store *store,
                                         const struct category_record *record);

/* The documents before and after; NULL: there was, or is, none. */
MUST_USE struct fault category_audit(struct mongo_store *store, const char *action,
                                     const struct category_record *before,
                                     const struct category_record *after,
                                     const struct product_author *author);

#endif
