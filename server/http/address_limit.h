/*
 * address_limit: how many connections each client has, over all loops.
 *
 * A client is an IPv4 address, also one that comes through an IPv6 socket, or an IPv6 /64, because
 * whoever has one address of it has all of them. Any thread may call; memory is bounded by the
 * connections there are.
 */
#ifndef AIZY_SERVER_HTTP_ADDRESS_LIMIT_H
#define AIZY_SERVER_HTTP_ADDRESS_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/check.h"

struct address_limit;

struct address_key {
    uint64_t bits;
    enum { ADDRESS_UNKNOWN, ADDRESS_IPV4, ADDRESS_IPV6 } kind;
};

struct address_key address_key_of(const struct sockaddr_storage *address);

/* `max` 0: everybody may have as many as they like. */
struct address_limit *address_limit_open(size_t max);
void address_limit_close(struct address_limit *limit);

/* False when the client has `max` already. Who is unknown is let in: it has left. */
MUST_USE bool address_limit_enter(struct address_limit *limit, struct address_key key);

/* Once for each that was let in. */
void address_limit_leave(struct address_limit *limit, struct address_key key);

#endif
