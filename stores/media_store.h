/*
 * media_store: which files of images there are, and which of them products show, in MongoDB.
 *
 * A record for each uploaded image, made before its first file is written, so that there is never a
 * file that nothing knows of. It goes one way only:
 *
 *     pending   its files are being written
 *     used      products name it; they and the record change in one transaction
 *     doomed    nobody may name it any more; its files are being removed
 *     (gone)    its files are removed
 *
 * A product is saved only when every image of ours that it names is pending or used, and makes it
 * used; the last product to give one up dooms it. Whoever removes files does so of doomed records
 * alone. So, however many processes there are and whenever one of them dies, no product names a
 * file that is not there; what a process leaves half-done stays pending until it is doomed by age.
 */
#ifndef AIZY_STORES_MEDIA_STORE_H
#define AIZY_STORES_MEDIA_STORE_H

#include "base/arena.h"
#include "base/fault.h"

struct mongo_store;

/* An id: 32 hexadecimal digits in lower case. */
#define MEDIA_ID_BYTES 32

/* Behind it is the name of a file, which begins with the id. */
#define MEDIA_URL_PREFIX "/media/"

bool media_id_is_valid(struct str id);

/* The id in an address of ours; absent when the address is not ours. */
struct str media_id_of_url(struct str url);

struct media_record {
    struct str id;
    struct str_list names; /* of its files */
};

struct media_record_list {
    struct media_record *items;
    size_t count;
};

/* A pending record: before the first of its files is put. */
MUST_USE struct fault media_store_begin(struct mongo_store *store,
                                        const struct media_record *record);

/* Dooms the record if it is pending; *is_doomed says whether it was. */
MUST_USE struct fault media_store_give_up(struct mongo_store *store, struct str id,
                                          bool *is_doomed);

/* Dooms whatever has been pending since before that time. */
MUST_USE struct fault media_store_expire(struct mongo_store *store, int64_t before_ms);

/* Records doomed before that time, the earliest first, at most `limit`. */
MUST_USE struct fault media_store_find_doomed(struct mongo_store *store, struct arena *arena,
                                              int64_t before_ms, size_t limit,
                                              struct media_record_list *records);

/* Forgets a doomed record: after all its files have been removed. */
MUST_USE struct fault media_store_forget(struct mongo_store *store, struct str id);

#endif
