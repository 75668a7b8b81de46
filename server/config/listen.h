/*
 * listen: the addresses that LISTEN, or HOST and PORT, name.
 *
 * LISTEN is a list with commas: host:port, [IPv6]:port, either with "tls:" before it. Without it
 * there is one address, HOST and PORT, which speaks TLS when TLS_CERT is set.
 */
#ifndef AIZY_SERVER_CONFIG_LISTEN_H
#define AIZY_SERVER_CONFIG_LISTEN_H

#include "server/config/config.h"

#define LISTEN_ADDRESSES_MAX 8

struct listen_address {
    struct str host; /* without brackets; borrowed from the settings */
    int64_t port;
    bool is_tls;
};

struct listen_addresses {
    struct listen_address items[LISTEN_ADDRESSES_MAX];
    size_t count;
};

/*
 * NULL, or what is wrong as the second half of a sentence; then the contents of *addresses mean
 * nothing. A host is not looked up.
 */
const char *listen_parse(const struct config *config, struct listen_addresses *addresses);

#endif
