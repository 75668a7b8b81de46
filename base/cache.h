/*
 * cache: bounded memory of finished answers, shared by threads.
 *
 * An entry is a run of bytes under a key. It never changes once it is in the cache and is counted
 * by reference, so that whoever got one may send it without a copy while it is dropped or evicted.
 * When the cache is full, what was used longest ago goes.
 *
 * Freshness. Whoever fills the cache reads its store, and meanwhile somebody may write there. So a
 * filler notes the generation before it reads, and what it puts is thrown away when what it is
 * about was dropped meanwhile; whoever writes drops after its write is committed and before it says
 * so. A reader of such a process therefore never sees what was there before an acknowledged write
 * of the same process.
 *
 * Writes of other processes are not seen here, so an entry is handed out only while it is known to
 * have been true within the last `lifetime_ms`: when its generation was noted, however long it then
 * took to make, and again at each look, as long as nothing was dropped that it is about and
 * somebody follows what the others write, drops it, and keeps saying until when (cache_follow). So
 * what takes longer to make than lifetime_ms is kept when nobody changed anything meanwhile, and
 * what nobody changes stays, up to `followed_lifetime_ms` after its generation was noted. What is
 * about everything is in doubt after each drop, whatever it was of, and no longer known to be true.
 * In the second half of either time one reader is asked to make it anew while the others are still
 * served.
 *
 * Any thread may call anything. Work under the locks is short and bounded.
 */
#ifndef AIZY_BASE_CACHE_H
#define AIZY_BASE_CACHE_H

#include <stdint.h>

#include "base/check.h"
#include "base/str.h"

struct cache;

struct cache_options {
    size_t max_bytes;             /* of keys, bytes and bookkeeping together */
    int64_t lifetime_ms;          /* since it was known to be true */
    int64_t followed_lifetime_ms; /* since it was read, where that is longer */
};

/* What a filler notes before it reads. */
struct cache_moment {
    uint64_t generation;
    int64_t at_us;
};

/*
 * An entry has up to two forms: the bytes as they are and, where somebody wants it, the same packed
 * otherwise. Each has a tag, anything small that belongs to it.
 */
enum cache_form_name { CACHE_PLAIN = 0, CACHE_PACKED, CACHE_FORM_COUNT };

struct cache_form {
    struct str tag;
    struct str bytes; /* absent: there is no such form */
};

struct cache_entry;

struct cache *cache_open(const struct cache_options *options);

/* Entries that were handed out must have been released. */
void cache_close(struct cache *cache);

enum cache_result {
    CACHE_MISS,    /* nothing, or too old: make it */
    CACHE_HIT,     /* *entry is the caller's to release */
    CACHE_REFRESH, /* likewise usable, and the caller alone is asked to make it anew */
};

enum cache_result cache_get(struct cache *cache, struct str key, const struct cache_entry **entry);

/* Lives until the entry is released. */
struct cache_form cache_entry_form(const struct cache_entry *entry, enum cache_form_name name);

/* One reference more, or one less; in any thread. */
const struct cache_entry *cache_entry_retain(const struct cache_entry *entry);
void cache_entry_release(const struct cache_entry *entry);

struct cache_moment cache_now(struct cache *cache);

/* Whether nothing at all was dropped since, and what was read then was true within lifetime_ms. */
bool cache_is_current(struct cache *cache, struct cache_moment moment);

/*
 * Copies all of it. `subject` names what it is about, for cache_drop; absent: about everything. The
 * entry is the caller's to release, whether it is put anywhere or not.
 */
const struct cache_entry *cache_entry_make(struct cache_moment moment, struct str key,
                                           struct str subject,
                                           const struct cache_form forms[static CACHE_FORM_COUNT]);

/*
 * Keeps a reference to an entry under its key, in place of what is there. Does nothing when it was
 * dropped since its moment, or would take more than a sixteenth of max_bytes.
 */
void cache_put(struct cache *cache, const struct cache_entry *made);

/* Makes everything about `subject`, and whatever is about everything, unavailable at once. */
void cache_drop(struct cache *cache, struct str subject);

/* The same, but what is about everything may be handed out for lifetime_ms more. */
void cache_drop_subject(struct cache *cache, struct str subject);

/* Likewise everything that there is. */
void cache_flush(struct cache *cache);

/*
 * What others have written until `complete_until_us`, on the monotonic clock, has been dropped
 * here: whatever is in the cache and was not dropped since it was read was true until then. So
 * nothing that others have changed is handed out for longer than lifetime_ms after its change,
 * whatever becomes of whoever follows. Whoever begins to follow, or missed something, flushes
 * before it calls this. 0: nobody follows.
 */
void cache_follow(struct cache *cache, int64_t complete_until_us);

struct cache_figures {
    uint64_t hits; /* with refreshes */
    uint64_t refreshes;
    uint64_t misses;
    uint64_t evictions;
    uint64_t entries;
    uint64_t bytes;
};
struct cache_figures cache_figures(struct cache *cache);

#endif
