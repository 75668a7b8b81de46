/*
 * schema: what goes in and out, as rows.
 *
 * A schema describes one C struct, a row per JSON member. The same rows decode a body or a query
 * string into the struct, check it, encode the struct into an answer, and write the OpenAPI
 * document: a member that has no row can neither be set nor leak.
 *
 *     struct login_body { struct str email, password; };
 *     static const struct field login_body_fields[] = {
 *         {.name = "email", .type = FIELD_STR, .offset = offsetof(struct login_body, email), ...},
 *     };
 *     const struct schema login_body_schema =
 *         SCHEMA("Login", struct login_body, login_body_fields);
 *
 * Absence. An absent or null str has NULL data, an absent or null number, amount or time is
 * INT64_ABSENT, a list has no items. Where it matters whether a member was given at all (an edit),
 * the row names a bool of the struct in `given`.
 */
#ifndef AIZY_SERVER_API_SCHEMA_H
#define AIZY_SERVER_API_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/violation.h"

enum field_type {
    FIELD_UNSET,
    FIELD_STR,     /* struct str */
    FIELD_INT,     /* int64_t */
    FIELD_BOOL,    /* bool */
    FIELD_TIME,    /* int64_t: milliseconds since 1970 */
    FIELD_MONEY,   /* int64_t: minor units; a decimal string is read by the currency's exponent */
    FIELD_CHOICE,  /* int (an enum): the index into `choices` */
    FIELD_STRS,    /* struct str_list */
    FIELD_PAIRS,   /* struct str_pair_list: an object of strings */
    FIELD_OBJECT,  /* the struct of `object`, embedded */
    FIELD_OBJECTS, /* struct any_list of structs of `object` */
};

/* What every list of structs looks like: struct product_list and the like. */
struct any_list {
    void *items;
    size_t count;
};

enum field_format {
    FORMAT_NONE,
    FORMAT_EMAIL,    /* an address; see format_email_is_valid */
    FORMAT_PASSWORD, /* documentation only: never shown */
    FORMAT_SLUG,
    FORMAT_ID,        /* 24 hexadecimal digits */
    FORMAT_URL,       /* http or https, ASCII, at most 2,048 bytes, without a password */
    FORMAT_CURRENCY,  /* ISO 4217 */
    FORMAT_IMAGE_URL, /* as FORMAT_URL, or the path under which an uploaded image is served */
};

struct schema;

struct field {
    const char *name;
    enum field_type type;
    size_t offset;
    bool is_required;
    bool is_nullable;  /* null is taken (as absent); in a reply, absent is written as null */
    bool omit_absent;  /* in a reply: an absent value leaves the member out */
    bool keeps_text;   /* the text is taken as it is; else spaces around it are cut off and
                          control characters refused */
    bool is_multiline; /* line ends and tabs are no control characters */
    size_t given;      /* GIVEN(type, member): the bool that says that it was there; 0: none */
    int64_t min, max;  /* of numbers: the value; of text: code points; of lists: items. max 0: see
                          schema.c for each type's own */
    enum field_format format;
    const char *const *choices; /* of FIELD_CHOICE, and of FIELD_STR: ends with NULL */
    const struct schema *object;
    const char *doc;
};

#define GIVEN(type, member) (1 + offsetof(type, member))

struct schema {
    const char *name; /* in the OpenAPI document, such as "Product" */
    size_t size;
    const struct field *fields;
    size_t field_count;
    const char *const *required; /* names beyond the rows' own, for schemas that share rows; ends
                                    with NULL; NULL: none */
    const char *const *any_of;   /* names of which at least one must be there; ends with NULL; NULL:
                                    none */
    bool ignores_unknown; /* for bodies of clients that exist already; else unknown members are 400
                           */
};

#define SCHEMA(schema_name, struct_type, rows)                                \
    {                                                                         \
        .name = (schema_name), .size = sizeof(struct_type), .fields = (rows), \
        .field_count = sizeof(rows) / sizeof((rows)[0])                       \
    }

/* What decoding needs beyond the rows, and what it found. */
struct schema_decoding {
    struct arena *arena;
    struct violations *violations;
    struct str default_currency;
    struct str decimal_currency; /* out: the currency by which a decimal string was read; absent */
};

/*
 * Decodes a JSON body into a zeroed struct of schema->size, made in the arena. FAULT_MALFORMED_JSON
 * for what is not strict JSON (RFC 8259: one value, UTF-8, no duplicate names, no U+0000, at most
 * 64 deep); FAULT_INVALID, with every violation noted, for what is JSON but not this schema.
 */
MUST_USE struct fault schema_decode(const struct schema *schema, struct str json,
                                    struct schema_decoding *decoding, void **object);

/* The same for the members of an array at the top: fixtures. `member` is the array's name. */
MUST_USE struct fault schema_decode_list(const struct schema *schema, const char *member,
                                         struct str json, struct schema_decoding *decoding,
                                         struct any_list *list);

/*
 * Decodes a query string (application/x-www-form-urlencoded) of at most 64 members. An unknown or
 * repeated name is a violation, and so is a required one that is missing.
 */
MUST_USE struct fault schema_decode_query(const struct schema *schema, struct str query,
                                          struct schema_decoding *decoding, void **object);

/*
 * CHECKs what decoding and encoding rely on, also of the schemas inside: each row names a type,
 * lies within the struct, has what its type needs, and no two have the same name.
 */
void schema_check(const struct schema *schema);

/* Whether its rows are those of a query: text, whole numbers, booleans, times and choices. */
bool schema_is_for_queries(const struct schema *schema);

/* Appends the object as JSON. */
void schema_encode(const struct schema *schema, const void *object, struct buf *out);

/* Whether there is a row of this name that says in `given` that the member was there. */
bool schema_has_given(const struct schema *schema, const char *name);

/* Whether a decoded object had the member, whose row has a `given`. */
bool schema_was_given(const struct schema *schema, const void *object, const char *name);

/* Whether the member must be there. */
bool schema_requires(const struct schema *schema, const struct field *field);

/* A schema's absent values where zero is not absent: numbers and times become INT64_ABSENT. */
void schema_clear(const struct schema *schema, void *object);

#endif
