/*
 * url_check: whether addresses in settings can be used, before anything connects.
 *
 * The functions return NULL or what is wrong, as the second half of a sentence ("names no host");
 * it never repeats a part of the address, because that may hold a password.
 */
#ifndef AIZY_SERVER_CONFIG_URL_CHECK_H
#define AIZY_SERVER_CONFIG_URL_CHECK_H

#include "base/arena.h"
#include "base/str.h"

/* One kind of address that a setting may have. */
struct url_scheme {
    const char *prefix;         /* "mysql://" */
    const char *host_parameter; /* the query parameter that stands in for a host, or NULL */
    bool needs_host;
    bool needs_path;      /* a database */
    bool raw_credentials; /* the last '@' of all ends them, so that they may contain '?' too */
};

#define URL_SCHEMES_MAX 4

/*
 * The last '@' before the query ends the credentials, so a password may contain '@', ':' and '/'.
 * Several hosts may stand with commas between them. `schemes` ends with a row without prefix. What
 * connects reads the address again, and more closely: nothing it accepts is refused here.
 */
const char *url_problem(struct arena *arena, struct str url, const struct url_scheme *schemes);

/* scheme://host[:port] exactly as browsers send it: http or https, lower case, no default port. */
const char *origin_problem(struct arena *arena, struct str origin);

#endif
