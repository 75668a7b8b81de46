/*
 * reservation_document: a reservation as it lies in the collection `reservations`.
 */
#ifndef AIZY_STORES_MONGO_RESERVATION_DOCUMENT_H
#define AIZY_STORES_MONGO_RESERVATION_DOCUMENT_H

#include "stores/mongo/mongo_connection.h"
#include "stores/reservation_store.h"

extern const struct mongo_shape reservation_shape;

/* Reads what the filter finds, at most as many as *list has room for. Damaged ones are left out,
 * with a line in the log. */
struct reservation_reader {
    struct arena *arena;
    struct reservation *items;
    size_t count;
    size_t capacity;
};
MUST_USE struct fault reservation_read(void *reader, const bson_t *document);

#endif
