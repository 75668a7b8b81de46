#include "stores/term.h"

void term_set_init(struct term_set *set, struct arena *arena, size_t max) {
    size_t slot_count = 16;
    while (slot_count < 2 * max) {
        slot_count *= 2;
    }
    *set = (struct term_set){
        .arena = arena,
        .items = arena_alloc_array(arena, max, sizeof(*set->items)),
        .max = max,
        .slots = arena_alloc_array(arena, slot_count, sizeof(*set->slots)),
        .slot_count = slot_count,
    };
}

/* FNV-1a. */
static size_t hash_of(struct str term) {
    uint64_t hash = 14695981039346656037ULL;
    for (size_t i = 0; i < term.size; i++) {
        hash = (hash ^ (unsigned char)term.data[i]) * 1099511628211ULL;
    }
    return (size_t)(hash ^ (hash >> 32));
}

/* Where it is, or would be: there is always a free slot. */
static uint32_t *find_slot(const struct term_set *set, struct str term) {
    size_t at = hash_of(term) & (set->slot_count - 1);
    while (set->slots[at] != 0 && !str_equals(set->items[set->slots[at] - 1], term)) {
        at = (at + 1) & (set->slot_count - 1);
    }
    return &set->slots[at];
}

bool term_set_has(const struct term_set *set, struct str term) {
    return *find_slot(set, term) != 0;
}

size_t term_set_index(const struct term_set *set, struct str term) {
    uint32_t slot = *find_slot(set, term);
    return slot == 0 ? set->count : slot - 1;
}

bool term_set_add(struct term_set *set, struct str term) {
    uint32_t *slot = find_slot(set, term);
    if (*slot != 0 || set->count == set->max) {
        return false;
    }
    set->items[set->count++] = arena_copy(set->arena, term);
    *slot = (uint32_t)set->count;
    return true;
}

struct str_list term_set_list(const struct term_set *set) {
    return (struct str_list){set->items, set->count};
}
