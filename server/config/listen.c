#include "server/config/listen.h"

static const char *parse_port(struct str text, int64_t *port) {
    bool is_port = text.size > 0 && text.data[0] != '-' && str_to_int64(text, port);
    return is_port && *port <= 65535 ? NULL : "names no port from 0 to 65535";
}

static const char *parse_address(struct str text, struct listen_address *address) {
    const struct str tls = STR("tls:");
    *address = (struct listen_address){0};
    if (str_starts_with(text, tls)) {
        address->is_tls = true;
        text = str_slice(text, tls.size, text.size);
    }
    bool has_brackets = str_starts_with(text, STR("["));
    size_t end = str_find_byte(text, has_brackets ? ']' : ':');
    size_t colon = has_brackets ? end + 1 : end;
    if (colon >= text.size || text.data[colon] != ':') {
        return "has an address without a port";
    }
    address->host = str_slice(text, has_brackets ? 1 : 0, end - (has_brackets ? 1 : 0));
    struct str port = str_slice(text, colon + 1, text.size);
    if (!has_brackets && str_find_byte(port, ':') < port.size) {
        return "has an IPv6 address without brackets";
    }
    return str_is_empty(address->host) ? "has an address without a host"
                                       : parse_port(port, &address->port);
}

const char *listen_parse(const struct config *config, struct listen_addresses *addresses) {
    addresses->count = 0;
    if (str_is_absent(config->listen)) {
        addresses->items[addresses->count++] =
            (struct listen_address){config->host, config->port, !str_is_absent(config->tls_cert)};
        return NULL;
    }
    struct str rest = config->listen;
    struct str item;
    while (str_next(&rest, ',', &item)) {
        if (addresses->count == LISTEN_ADDRESSES_MAX) {
            return "has more than 8 addresses";
        }
        struct listen_address *address = &addresses->items[addresses->count++];
        const char *wrong = parse_address(str_trim(item), address);
        if (wrong != NULL) {
            return wrong;
        }
        if (address->is_tls && str_is_absent(config->tls_cert)) {
            return "wants TLS, which needs TLS_CERT and TLS_KEY";
        }
    }
    return addresses->count == 0 ? "names no address" : NULL;
}
