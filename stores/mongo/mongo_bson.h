/*
 * mongo_bson: BSON to and from plain structs, by rows.
 *
 * A `struct mongo_shape` lists the members of a document; the same rows encode and decode it.
 * Decoding checks every type, count and text, because documents are also edited by hand: what does
 * not fit is refused, never guessed. What is decoded lives in the arena. Absent members
 * (base/str.h) are not written.
 */
#ifndef AIZY_STORES_MONGO_MONGO_BSON_H
#define AIZY_STORES_MONGO_MONGO_BSON_H

#include <bson/bson.h>
#include <stdint.h>

#include "base/arena.h"

/* A local document that is destroyed with its scope, so that TRY and ENSURE may leave it. */
#define MONGO_BSON(name) bson_t name __attribute__((cleanup(bson_destroy))) = BSON_INITIALIZER

enum mongo_field_kind {
    MONGO_FIELD_STR,       /* struct str <-> string */
    MONGO_FIELD_ID,        /* struct str of 24 hexadecimal digits <-> ObjectId */
    MONGO_FIELD_INT64,     /* int64_t <-> long; reads any whole number */
    MONGO_FIELD_BOOL,      /* bool; false when it is not there */
    MONGO_FIELD_DATE,      /* int64_t milliseconds <-> date, years 0000 to 9999 */
    MONGO_FIELD_ENUM,      /* enum (int) <-> string out of `names` */
    MONGO_FIELD_STR_LIST,  /* struct str_list <-> array of strings */
    MONGO_FIELD_ID_LIST,   /* struct str_list <-> array of ObjectIds */
    MONGO_FIELD_PAIR_LIST, /* struct str_pair_list <-> array of {name, value}: names are data */
    MONGO_FIELD_LIST,      /* {items, count} of `shape` <-> array of documents */
    MONGO_FIELD_DOCUMENT,  /* a struct inside, of `shape` <-> document */
};

struct mongo_shape;

struct mongo_field {
    const char *key;
    enum mongo_field_kind kind;
    size_t offset;
    bool is_required;                /* decoding refuses a document without it */
    const struct mongo_shape *shape; /* of LIST and DOCUMENT */
    const char *const *names;        /* of ENUM; ends with NULL */
};

struct mongo_shape {
    const struct mongo_field *fields;
    size_t count;
    size_t struct_size;
};

/* More items than this in an array are refused. */
#define MONGO_LIST_MAX 1000

/* Appends the members of `object`. */
void mongo_shape_encode(const struct mongo_shape *shape, const void *object, bson_t *document);

/* False when the document does not fit, and *key then names the member, for the log. */
MUST_USE bool mongo_shape_decode(const struct mongo_shape *shape, const bson_t *document,
                                 struct arena *arena, void *object, const char **key);

/* Single members; absent ones are not appended. An id must be valid. */
void mongo_put_str(bson_t *document, const char *key, struct str text);
void mongo_put_int64(bson_t *document, const char *key, int64_t number);
void mongo_put_id(bson_t *document, const char *key, struct str id);

/* As `$gt` it finds every id, and nothing that is none. */
#define MONGO_ID_FIRST STR("000000000000000000000000")

/* An array of them, also an empty one. */
void mongo_put_strs(bson_t *document, const char *key, const struct str_list *texts);
void mongo_put_ids(bson_t *document, const char *key, const struct str_list *ids);

/* An ObjectId made here and now, as text in the arena. */
struct str mongo_new_id(struct arena *arena);

/* A whole number at `key` ("n", "cursor.id"); 0 when it is not there. */
int64_t mongo_get_int64(const bson_t *document, const char *key);

/* The text at `key`, borrowed; absent when it is not there or no string. */
struct str mongo_get_str(const bson_t *document, const char *key);

#endif
