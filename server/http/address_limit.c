#include "server/http/address_limit.h"

#include <netinet/in.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"

#define SLOTS 4096

struct client {
    struct client *next;
    struct address_key key;
    size_t connections;
};

struct address_limit {
    size_t max;
    uint64_t seed; /* so that nobody can choose addresses that meet in one slot */
    struct lock lock;
    struct client *slots[SLOTS];
};

struct address_key address_key_of(const struct sockaddr_storage *address) {
    struct address_key key = {0, ADDRESS_UNKNOWN};
    if (address->ss_family == AF_INET) {
        key.kind = ADDRESS_IPV4;
        memcpy(&key.bits, &((const struct sockaddr_in *)address)->sin_addr, 4);
    } else if (address->ss_family == AF_INET6) {
        const struct in6_addr *v6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
        bool is_v4 = IN6_IS_ADDR_V4MAPPED(v6);
        key.kind = is_v4 ? ADDRESS_IPV4 : ADDRESS_IPV6;
        memcpy(&key.bits, v6->s6_addr + (is_v4 ? 12 : 0), is_v4 ? 4 : 8);
    }
    return key;
}

struct address_limit *address_limit_open(size_t max) {
    struct address_limit *limit = calloc(1, sizeof *limit);
    CHECK(limit != NULL && "out of memory");
    CHECK(RAND_bytes((unsigned char *)&limit->seed, sizeof limit->seed) == 1);
    limit->max = max;
    lock_init(&limit->lock);
    return limit;
}

void address_limit_close(struct address_limit *limit) {
    for (size_t i = 0; i < SLOTS; i++) {
        CHECK(limit->slots[i] == NULL);
    }
    lock_release(&limit->lock);
    free(limit);
}

/* The link that leads to the client, or the end of its slot's chain. */
static struct client **find(struct address_limit *limit, struct address_key key) {
    /* The finalizer of splitmix64: every bit of the key decides over every bit of the slot. */
    uint64_t mixed = key.bits ^ limit->seed ^ (uint64_t)key.kind;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    struct client **link = &limit->slots[(mixed ^ (mixed >> 31)) % SLOTS];
    while (*link != NULL && ((*link)->key.bits != key.bits || (*link)->key.kind != key.kind)) {
        link = &(*link)->next;
    }
    return link;
}

bool address_limit_enter(struct address_limit *limit, struct address_key key) {
    if (limit->max == 0 || key.kind == ADDRESS_UNKNOWN) {
        return true;
    }
    lock_acquire(&limit->lock);
    struct client **link = find(limit, key);
    if (*link == NULL) {
        *link = calloc(1, sizeof **link);
        CHECK(*link != NULL && "out of memory");
        (*link)->key = key;
    }
    bool may_enter = (*link)->connections < limit->max;
    (*link)->connections += may_enter;
    lock_give(&limit->lock);
    return may_enter;
}

void address_limit_leave(struct address_limit *limit, struct address_key key) {
    if (limit->max == 0 || key.kind == ADDRESS_UNKNOWN) {
        return;
    }
    lock_acquire(&limit->lock);
    struct client **link = find(limit, key);
    CHECK(*link != NULL && (*link)->connections > 0);
    if (--(*link)->connections == 0) {
        struct client *gone = *link;
        *link = gone->next;
        free(gone);
    }
    lock_give(&limit->lock);
}
