/*
 * postgres_url: reads ADMIN_DATABASE_URL into the keywords of libpq.
 *
 *     postgresql://user:password@host:port/database?sslmode=&sslrootcert=&...
 *
 * libpq has a reader of its own, which ends the credentials at the first '@'; here the last one
 * before the query does, so a password may contain '@', ':' and '/' as they are. Every part is
 * percent-decoded, parameters are libpq's own keywords, and those that name where and as whom are
 * refused, because the URL says it already, and so are those that come twice. One host; an IPv6
 * address in brackets.
 *
 * Without sslmode, TLS is libpq's "prefer" for this machine and "verify-full" for any other host;
 * without sslrootcert the system's bundle of authorities counts.
 */
#ifndef AIZY_SINKS_POSTGRES_URL_H
#define AIZY_SINKS_POSTGRES_URL_H

#include "base/arena.h"
#include "base/fault.h"

/* user, password, host, port, dbname, and parameters. */
#define POSTGRES_KEYWORDS_MAX 24

/* For PQconnectdbParams: both end with NULL. */
struct postgres_keywords {
    const char *names[POSTGRES_KEYWORDS_MAX + 1];
    const char *values[POSTGRES_KEYWORDS_MAX + 1];
    size_t count;
};

/* FAULT_INVALID with *problem the second half of a sentence (static) that quotes nothing of it. */
MUST_USE struct fault postgres_url_parse(struct str url, struct arena *arena,
                                         struct postgres_keywords *keywords, const char **problem);

/* NULL when there is none. */
const char *postgres_keywords_find(const struct postgres_keywords *keywords, const char *name);

/* CHECKs that there is room; `name` is static, `value` lives as long as the keywords. */
void postgres_keywords_add(struct postgres_keywords *keywords, const char *name, const char *value);

#endif
