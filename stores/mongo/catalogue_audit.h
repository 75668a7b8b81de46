/*
 * catalogue_audit: who changed which members of what in the catalogue, in the collection `audit`.
 */
#ifndef AIZY_STORES_MONGO_CATALOGUE_AUDIT_H
#define AIZY_STORES_MONGO_CATALOGUE_AUDIT_H

#include "stores/mongo/mongo_connection.h"
#include "stores/product_store.h"

struct catalogue_change {
    const char *action;  /* "product.update", "category.create", ... */
    const char *subject; /* "product", "category" */
    struct str id;
    struct str name;      /* its slug */
    const bson_t *before; /* the members in which these differ are named; either may be empty */
    const bson_t *after;
    const char *also; /* named besides them; NULL: nothing */
};

/* Within the transaction of the change. Values are not kept. */
MUST_USE struct fault catalogue_audit_write(struct mongo_store *store,
                                            const struct catalogue_change *change,
                                            const struct product_author *author);

#endif
