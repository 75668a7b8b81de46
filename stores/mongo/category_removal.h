/*
 * category_removal: the removal of a category whose products and children go to another one first.
 *
 * As long as anything is left to be done, the category says where its contents go and on whose
 * behalf, written in the transaction that moves its children, before any product moves. So when
 * nobody is about it any more, any process goes on with it (category_finish.c). The mark that says
 * since when is set anew whenever somebody begins. Who edits the category meanwhile takes the
 * removal back: what has gone stays gone, and the category stays.
 */
#ifndef AIZY_STORES_MONGO_CATEGORY_REMOVAL_H
#define AIZY_STORES_MONGO_CATEGORY_REMOVAL_H

#include "stores/mongo/category_document.h"

/* category_store_remove on behalf of whoever asked for it once. FAULT_BUSY when `pace` says no. */
MUST_USE struct fault category_removal_go_on(struct mongo_store *store, struct arena *arena,
                                             const struct category_record *category,
                                             const struct category_pace *pace);

#endif
