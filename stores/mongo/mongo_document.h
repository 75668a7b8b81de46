/*
 * mongo_document: what a read gives, as plain structs; what does not fit is logged as damaged.
 *
 * Documents are edited by hand too. The log says the collection, the _id and the member, never a
 * value. What is decoded lives in the arena; a document is valid during the call alone.
 */
#ifndef AIZY_STORES_MONGO_MONGO_DOCUMENT_H
#define AIZY_STORES_MONGO_MONGO_DOCUMENT_H

#include "stores/mongo/mongo_connection.h"

/* mongo_shape_decode; a document that does not fit is logged, and FAULT_INTERNAL. */
MUST_USE struct fault mongo_document_decode(const char *collection, const struct mongo_shape *shape,
                                            const bson_t *document, struct arena *arena,
                                            void *object);

/* Logs it where more is looked at than types: `member` is what does not fit. */
void mongo_document_log_damaged(const char *collection, const bson_t *document, const char *member);

/* One page of a list. The query asks for one more than `limit`: that tells whether there are more.
 */
struct mongo_page {
    struct arena *arena;
    const char *collection;
    const struct mongo_shape *shape;
    void *items;    /* room for `limit` structs of the shape, zeroed */
    size_t count;   /* decoded, at most `limit` */
    size_t matched; /* sent by the server, at most limit + 1 */
    size_t limit;
};

/*
 * A mongo_document_read of a struct mongo_page. One damaged document must not take the list down
 * with it: it is left out.
 */
MUST_USE struct fault mongo_page_read(void *context, const bson_t *document);

#endif
