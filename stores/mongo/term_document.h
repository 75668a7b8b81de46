/*
 * term_document: the vocabulary, which is the collection `terms`.
 *
 * {_id: the term, products, prefixes, deletions}: every term by which any product was ever found.
 * `prefixes` are its first one to three letters, `deletions` what term_deletions gives. Searches
 * resolve what people type to terms by it; that a term is here says nothing about products.
 *
 * No point of contention. Terms are written outside of the transaction of the product that brings
 * them, before it: only those that are not there yet, and one that ends up without a product does
 * no harm. `products`, by how many products a term is found, is an estimate for choosing the more
 * frequent of too many terms: one product in TERM_SAMPLING, told by its id, counts so many times,
 * in an update outside of transactions too. Counts of repeated or aborted transactions stay.
 */
#ifndef AIZY_STORES_MONGO_TERM_DOCUMENT_H
#define AIZY_STORES_MONGO_TERM_DOCUMENT_H

#include "stores/mongo/mongo_connection.h"
#include "stores/term.h"

#define TERM_SAMPLING 8

/* Beginnings so short have an index of their own; longer ones are few enough to be walked. */
#define TERM_PREFIX_MAX_CHARACTERS 3

/* What one word of a query may stand for, beside itself: the most frequent terms first. */
#define TERM_EXPANSIONS_PREFIX_MAX 32
#define TERM_EXPANSIONS_FUZZY_MAX 16

/* Makes sure that these are there. Within a transaction it takes no part in it. */
MUST_USE struct fault term_documents_ensure(struct mongo_store *store, struct arena *arena,
                                            const struct str_list *terms);

/* Likewise notes that so many products more (less than zero: fewer) have them. */
MUST_USE struct fault term_documents_count(struct mongo_store *store, const struct str_list *terms,
                                           int64_t products);

/* What a word of a query stands for: itself, terms that begin with it, terms one typo away. */
struct term_expansion {
    struct str term;
    int64_t products;
    enum term_match match;
};

struct term_expansion_list {
    struct term_expansion *items;
    size_t count;
};

MUST_USE struct fault term_documents_expand(struct mongo_store *store, struct arena *arena,
                                            struct str word,
                                            struct term_expansion_list *expansions);

#endif
