/*
 * mongo_fault: what the driver's and the server's errors mean; see mongo_connection.h.
 */
#ifndef AIZY_STORES_MONGO_MONGO_FAULT_H
#define AIZY_STORES_MONGO_MONGO_FAULT_H

#include "stores/mongo/mongo_connection.h"

/* The fault of store->error; sets store->is_transient and logs what is not everyday. */
struct fault mongo_fault_classify(struct mongo_store *store, const char *name, const bson_t *reply,
                                  bool is_write);

/* Whether a successful write command refused a document; its error then goes to *error. */
bool mongo_fault_of_document(const bson_t *reply, bson_error_t *error);

#endif
