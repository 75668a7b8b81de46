/*
 * expected_versions: which versions of a thing a change may be made to, so that nobody's work is
 * lost to somebody who has not seen it. They are compared in the transaction that makes the change.
 */
#ifndef AIZY_STORES_EXPECTED_VERSIONS_H
#define AIZY_STORES_EXPECTED_VERSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPECTED_VERSIONS_MAX 16

/* NULL, or none of them: any. */
struct expected_versions {
    size_t count;
    int64_t items[EXPECTED_VERSIONS_MAX];
};

static inline bool expected_versions_allow(const struct expected_versions *expected,
                                           int64_t version) {
    for (size_t i = 0; expected != NULL && i < expected->count; i++) {
        if (expected->items[i] == version) {
            return true;
        }
    }
    return expected == NULL || expected->count == 0;
}

#endif
