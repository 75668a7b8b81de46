#include "base/stripes.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/lock.h"

/* More than what is sold at the same moment. */
#define STRIPE_COUNT 1024

struct stripe {
    struct lock lock;
    struct condition given;
    bool is_taken;
};

struct stripes {
    struct stripe items[STRIPE_COUNT];
};

struct stripes *stripes_open(void) {
    struct stripes *stripes = calloc(1, sizeof(*stripes));
    CHECK(stripes != NULL && "out of memory");
    for (size_t i = 0; i < STRIPE_COUNT; i++) {
        lock_init(&stripes->items[i].lock);
        condition_init(&stripes->items[i].given);
    }
    return stripes;
}

void stripes_close(struct stripes *stripes) {
    for (size_t i = 0; stripes != NULL && i < STRIPE_COUNT; i++) {
        CHECK(!stripes->items[i].is_taken);
        condition_release(&stripes->items[i].given);
        lock_release(&stripes->items[i].lock);
    }
    free(stripes);
}

/* FNV-1a. Names that collide wait for each other, and no more. */
static size_t stripe_of(struct str name) {
    uint64_t hash = 14695981039346656037U;
    for (size_t i = 0; i < name.size; i++) {
        hash = (hash ^ (unsigned char)name.data[i]) * 1099511628211U;
    }
    return (size_t)((hash ^ hash >> 32) % STRIPE_COUNT);
}

static void add_in_order(struct stripes_hold *hold, size_t index) {
    size_t at = hold->count;
    for (size_t i = 0; i < hold->count; i++) {
        if (hold->indexes[i] == index) {
            return;
        }
    }
    while (at > 0 && hold->indexes[at - 1] > index) {
        hold->indexes[at] = hold->indexes[at - 1];
        at--;
    }
    hold->indexes[at] = index;
    hold->count++;
}

static bool take_one(struct stripe *stripe, int64_t deadline_us) {
    lock_acquire(&stripe->lock);
    bool is_late = false;
    while (stripe->is_taken && !is_late) {
        int64_t left_ms = (deadline_us - clock_monotonic_us() + 999) / 1000;
        is_late = left_ms <= 0 ||
                  (!condition_wait_for(&stripe->given, &stripe->lock, left_ms) && stripe->is_taken);
    }
    bool is_mine = !stripe->is_taken;
    stripe->is_taken = true;
    lock_give(&stripe->lock);
    return is_mine;
}

static void give_first(struct stripes *stripes, const struct stripes_hold *hold, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct stripe *stripe = &stripes->items[hold->indexes[i]];
        lock_acquire(&stripe->lock);
        CHECK(stripe->is_taken);
        stripe->is_taken = false;
        condition_signal(&stripe->given);
        lock_give(&stripe->lock);
    }
}

bool stripes_take(struct stripes *stripes, const struct str *names, size_t count,
                  int64_t timeout_ms, struct stripes_hold *hold) {
    int64_t deadline_us = clock_monotonic_us() + timeout_ms * 1000;
    CHECK(count >= 1 && count <= STRIPES_HOLD_MAX);
    hold->count = 0;
    for (size_t i = 0; i < count; i++) {
        add_in_order(hold, stripe_of(names[i]));
    }
    for (size_t i = 0; i < hold->count; i++) {
        if (!take_one(&stripes->items[hold->indexes[i]], deadline_us)) {
            give_first(stripes, hold, i);
            hold->count = 0;
            return false;
        }
    }
    return true;
}

void stripes_give(struct stripes *stripes, const struct stripes_hold *hold) {
    give_first(stripes, hold, hold->count);
}
