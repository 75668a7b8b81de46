#include "base/cache.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/lock.h"

/* Loops rarely meet in the same shard; each has its own lock, list and share of the memory. */
#define SHARDS 16
#define BUCKETS_PER_SHARD 1024

/*
 * Subjects that were dropped are remembered by the generation of their drop, in slots that several
 * of them may share: then more is dropped than had to be, never less.
 */
#define SUBJECT_SLOTS 4096

struct cache_entry {
    atomic_size_t references; /* one of them is the cache's, while it is in there */
    atomic_bool refresh_is_claimed;
    struct cache_moment moment;
    int64_t true_at_us; /* it is known to have been */
    uint64_t hash;
    size_t subject_slot; /* SUBJECT_SLOTS: about everything */
    struct cache_entry *next_in_bucket;
    struct cache_entry *newer, *older; /* by last use */
    struct str key;
    struct cache_form forms[CACHE_FORM_COUNT];
    size_t size; /* with what it points to */
    char data[];
};

struct shard {
    struct lock lock;
    struct cache_entry *buckets[BUCKETS_PER_SHARD];
    struct cache_entry *newest, *oldest;
    size_t bytes;
    struct cache_figures figures;
};

struct cache {
    struct cache_options options;
    atomic_uint_fast64_t generation;
    atomic_uint_fast64_t flushed_at;         /* the generation of the last flush */
    atomic_uint_fast64_t general_dropped_at; /* of the last drop of what is about everything */
    atomic_uint_fast64_t dropped_at[SUBJECT_SLOTS]; /* the generation of the slot's last drop */
    atomic_int_least64_t complete_until_us;         /* cache_follow */
    struct shard shards[SHARDS];
};

static size_t subject_slot_of(struct str subject) {
    return str_is_absent(subject) ? SUBJECT_SLOTS : str_hash(subject) % SUBJECT_SLOTS;
}

struct cache *cache_open(const struct cache_options *options) {
    struct cache *cache = calloc(1, sizeof *cache);
    CHECK(cache != NULL && "out of memory");
    cache->options = *options;
    for (size_t i = 0; i < SHARDS; i++) {
        lock_init(&cache->shards[i].lock);
    }
    return cache;
}

static struct shard *shard_of(struct cache *cache, uint64_t hash) {
    return &cache->shards[hash % SHARDS];
}

static struct cache_entry **bucket_of(struct shard *shard, uint64_t hash) {
    return &shard->buckets[hash / SHARDS % BUCKETS_PER_SHARD];
}

static void unlink_use(struct shard *shard, struct cache_entry *entry) {
    if (entry->newer != NULL) {
        entry->newer->older = entry->older;
    } else {
        shard->newest = entry->older;
    }
    if (entry->older != NULL) {
        entry->older->newer = entry->newer;
    } else {
        shard->oldest = entry->newer;
    }
}

static void link_newest(struct shard *shard, struct cache_entry *entry) {
    entry->newer = NULL;
    entry->older = shard->newest;
    if (shard->newest != NULL) {
        shard->newest->newer = entry;
    } else {
        shard->oldest = entry;
    }
    shard->newest = entry;
}

static struct cache_entry *find(struct shard *shard, uint64_t hash, struct str key) {
    struct cache_entry *entry = *bucket_of(shard, hash);
    while (entry != NULL && !(entry->hash == hash && str_equals(entry->key, key))) {
        entry = entry->next_in_bucket;
    }
    return entry;
}

void cache_entry_release(const struct cache_entry *entry) {
    struct cache_entry *counted = (struct cache_entry *)entry;
    if (atomic_fetch_sub(&counted->references, 1) == 1) {
        free(counted);
    }
}

static void remove_entry(struct shard *shard, struct cache_entry *entry) {
    struct cache_entry **link = bucket_of(shard, entry->hash);
    while (*link != entry) {
        link = &(*link)->next_in_bucket;
    }
    *link = entry->next_in_bucket;
    unlink_use(shard, entry);
    shard->bytes -= entry->size;
    shard->figures.entries--;
    cache_entry_release(entry);
}

static void remove_oldest(struct shard *shard) {
    CHECK(shard->oldest != NULL && shard->oldest->older == NULL);
    remove_entry(shard, shard->oldest);
}

void cache_close(struct cache *cache) {
    for (size_t i = 0; i < SHARDS; i++) {
        while (cache->shards[i].oldest != NULL) {
            remove_oldest(&cache->shards[i]);
        }
        lock_release(&cache->shards[i].lock);
    }
    free(cache);
}

/* Dropped since its generation was noted. */
static bool is_dropped(struct cache *cache, size_t subject_slot, struct cache_moment moment) {
    uint64_t dropped_at = subject_slot == SUBJECT_SLOTS
                              ? atomic_load(&cache->general_dropped_at)
                              : atomic_load(&cache->dropped_at[subject_slot]);
    return dropped_at > moment.generation || atomic_load(&cache->flushed_at) > moment.generation;
}

/*
 * The latest time at which what was read at `moment` is known to have been true. The generation is
 * looked at last: by then whatever was written until that time has moved it.
 */
static int64_t known_true_at_us(struct cache *cache, size_t subject_slot,
                                struct cache_moment moment, int64_t now_us) {
    int64_t complete_until_us = atomic_load(&cache->complete_until_us);
    int64_t until_us = complete_until_us < now_us ? complete_until_us : now_us;
    bool is_in_doubt = subject_slot == SUBJECT_SLOTS
                           ? atomic_load(&cache->generation) != moment.generation
                           : is_dropped(cache, subject_slot, moment);
    return is_in_doubt || until_us < moment.at_us ? moment.at_us : until_us;
}

static void confirm(struct cache *cache, struct cache_entry *entry, int64_t now_us) {
    int64_t true_at_us = known_true_at_us(cache, entry->subject_slot, entry->moment, now_us);
    if (entry->true_at_us < true_at_us) {
        entry->true_at_us = true_at_us;
    }
}

static enum cache_result judge(struct cache *cache, struct cache_entry *entry) {
    const struct cache_options *options = &cache->options;
    int64_t now_us = clock_monotonic_us();
    int64_t lifetime_us = options->lifetime_ms * 1000;
    int64_t longest_us = options->followed_lifetime_ms * 1000;
    longest_us = longest_us > lifetime_us ? longest_us : lifetime_us;
    confirm(cache, entry, now_us);
    int64_t doubt_us = now_us - entry->true_at_us;
    int64_t age_us = now_us - entry->moment.at_us;
    bool is_too_old = doubt_us > lifetime_us || age_us > longest_us;
    if (is_too_old || is_dropped(cache, entry->subject_slot, entry->moment)) {
        return CACHE_MISS;
    }
    bool is_half_over = doubt_us * 2 > lifetime_us || age_us * 2 > longest_us;
    if (is_half_over && !atomic_exchange(&entry->refresh_is_claimed, true)) {
        return CACHE_REFRESH;
    }
    return CACHE_HIT;
}

static void count(struct cache_figures *figures, enum cache_result result) {
    figures->misses += result == CACHE_MISS;
    figures->hits += result != CACHE_MISS;
    figures->refreshes += result == CACHE_REFRESH;
}

enum cache_result cache_get(struct cache *cache, struct str key, const struct cache_entry **entry) {
    uint64_t hash = str_hash(key);
    struct shard *shard = shard_of(cache, hash);
    lock_acquire(&shard->lock);
    struct cache_entry *found = find(shard, hash, key);
    enum cache_result result = found == NULL ? CACHE_MISS : judge(cache, found);
    count(&shard->figures, result);
    if (result != CACHE_MISS) {
        atomic_fetch_add(&found->references, 1);
        unlink_use(shard, found);
        link_newest(shard, found);
        *entry = found;
    } else if (found != NULL) {
        remove_entry(shard, found);
    }
    lock_give(&shard->lock);
    return result;
}

struct cache_form cache_entry_form(const struct cache_entry *entry, enum cache_form_name name) {
    return entry->forms[name];
}

const struct cache_entry *cache_entry_retain(const struct cache_entry *entry) {
    atomic_fetch_add(&((struct cache_entry *)entry)->references, 1);
    return entry;
}

struct cache_moment cache_now(struct cache *cache) {
    return (struct cache_moment){atomic_load(&cache->generation), clock_monotonic_us()};
}

bool cache_is_current(struct cache *cache, struct cache_moment moment) {
    int64_t now_us = clock_monotonic_us();
    int64_t true_at_us = known_true_at_us(cache, SUBJECT_SLOTS, moment, now_us);
    return atomic_load(&cache->generation) == moment.generation &&
           now_us - true_at_us <= cache->options.lifetime_ms * 1000;
}

/* What is absent stays absent. */
static struct str place(char **at, struct str text) {
    struct str placed = {str_is_absent(text) ? NULL : *at, text.size};
    if (text.size > 0) {
        memcpy(*at, text.data, text.size);
    }
    *at += text.size;
    return placed;
}

const struct cache_entry *cache_entry_make(struct cache_moment moment, struct str key,
                                           struct str subject,
                                           const struct cache_form forms[static CACHE_FORM_COUNT]) {
    size_t size = sizeof(struct cache_entry) + key.size;
    for (size_t i = 0; i < CACHE_FORM_COUNT; i++) {
        size += forms[i].tag.size + forms[i].bytes.size;
    }
    struct cache_entry *entry = malloc(size);
    CHECK(entry != NULL && "out of memory");
    *entry = (struct cache_entry){.moment = moment,
                                  .true_at_us = moment.at_us,
                                  .hash = str_hash(key),
                                  .subject_slot = subject_slot_of(subject),
                                  .size = size};
    atomic_init(&entry->references, 1);
    char *at = entry->data;
    entry->key = place(&at, key);
    for (size_t i = 0; i < CACHE_FORM_COUNT; i++) {
        entry->forms[i].tag = place(&at, forms[i].tag);
        entry->forms[i].bytes = place(&at, forms[i].bytes);
    }
    return entry;
}

static void insert(struct shard *shard, struct cache_entry *entry) {
    struct cache_entry **bucket = bucket_of(shard, entry->hash);
    entry->next_in_bucket = *bucket;
    *bucket = entry;
    link_newest(shard, entry);
    shard->bytes += entry->size;
    shard->figures.entries++;
}

void cache_put(struct cache *cache, const struct cache_entry *made) {
    /* From here on the cache alone writes to it, under the lock of its shard. */
    struct cache_entry *entry = (struct cache_entry *)made;
    size_t share = cache->options.max_bytes / SHARDS;
    if (is_dropped(cache, entry->subject_slot, entry->moment) || entry->size > share) {
        return;
    }
    struct shard *shard = shard_of(cache, entry->hash);
    (void)cache_entry_retain(entry);
    lock_acquire(&shard->lock);
    confirm(cache, entry, clock_monotonic_us());
    struct cache_entry *before = find(shard, entry->hash, entry->key);
    if (before != NULL) {
        remove_entry(shard, before);
    }
    insert(shard, entry);
    while (shard->bytes > share) {
        shard->figures.evictions++;
        remove_oldest(shard);
    }
    lock_give(&shard->lock);
}

/* Another drop may be ahead of this one; the later generation stays. */
static void raise_to(atomic_uint_fast64_t *latest, uint64_t generation) {
    uint_fast64_t before = atomic_load(latest);
    while (before < generation && !atomic_compare_exchange_weak(latest, &before, generation)) {}
}

/*
 * What a drop moves, it moves to a generation of its own. Whoever notes that generation before the
 * mark has moved reads its store after the drop, and rightly keeps what it found.
 */
static uint64_t next_generation(struct cache *cache) {
    return atomic_fetch_add(&cache->generation, 1) + 1;
}

void cache_drop_subject(struct cache *cache, struct str subject) {
    CHECK(!str_is_absent(subject));
    raise_to(&cache->dropped_at[subject_slot_of(subject)], next_generation(cache));
}

void cache_drop(struct cache *cache, struct str subject) {
    uint64_t generation = next_generation(cache);
    raise_to(&cache->general_dropped_at, generation);
    if (!str_is_absent(subject)) {
        raise_to(&cache->dropped_at[subject_slot_of(subject)], generation);
    }
}

void cache_flush(struct cache *cache) {
    raise_to(&cache->flushed_at, next_generation(cache));
}

void cache_follow(struct cache *cache, int64_t complete_until_us) {
    atomic_store(&cache->complete_until_us, complete_until_us);
}

struct cache_figures cache_figures(struct cache *cache) {
    struct cache_figures all = {0};
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *shard = &cache->shards[i];
        lock_acquire(&shard->lock);
        all.hits += shard->figures.hits;
        all.refreshes += shard->figures.refreshes;
        all.misses += shard->figures.misses;
        all.evictions += shard->figures.evictions;
        all.entries += shard->figures.entries;
        all.bytes += shard->bytes;
        lock_give(&shard->lock);
    }
    return all;
}
