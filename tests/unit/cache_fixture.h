/*
 * cache_fixture: entries are put into a cache and looked for, for the tests of base/cache.h.
 */
#ifndef AIZY_TESTS_UNIT_CACHE_FIXTURE_H
#define AIZY_TESTS_UNIT_CACHE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cache.h"

#define ABSENT ((struct str){NULL, 0})

static inline void put_at(struct cache *cache, struct cache_moment moment, struct str key,
                          struct str subject, struct str bytes) {
    const struct cache_form forms[CACHE_FORM_COUNT] = {{STR("\"1-0\""), bytes}};
    const struct cache_entry *entry = cache_entry_make(moment, key, subject, forms);
    cache_put(cache, entry);
    cache_entry_release(entry);
}

static inline struct str plain_bytes(const struct cache_entry *entry) {
    return cache_entry_form(entry, CACHE_PLAIN).bytes;
}

/* Whether it is handed out, and with these bytes. */
static inline bool has(struct cache *cache, const char *key, const char *bytes) {
    const struct cache_entry *entry = NULL;
    if (cache_get(cache, str_of(key), &entry) == CACHE_MISS) {
        return false;
    }
    bool is_equal = str_equals(plain_bytes(entry), str_of(bytes));
    cache_entry_release(entry);
    assert_true(is_equal);
    return true;
}

#endif
