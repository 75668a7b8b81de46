/*
 * database_url: reads DATABASE_URL.
 *
 *     mysql://user:password@host:port/database?socket=&ssl-mode=&ssl-ca=
 *
 * The last '@' of the whole text ends the credentials, so a password may contain '@', ':', '/', '?'
 * and '#' as they are; an '@' in a parameter is written %40. Every part is percent-decoded. An IPv6
 * host stands in brackets. No parameter comes twice. A port forces TCP; without port and socket,
 * TCP is used too, on 3306.
 *
 * Without ssl-mode, TLS is off for a socket and for this machine itself, and VERIFY_IDENTITY for
 * any other host.
 *
 * (libcurl's parser was tried: it refuses a second '@'.)
 */
#ifndef AIZY_STORES_MYSQL_DATABASE_URL_H
#define AIZY_STORES_MYSQL_DATABASE_URL_H

#include <stdint.h>

#include "base/fault.h"
#include "base/str.h"

enum tls_mode {
    TLS_BY_HOST, /* not given; never what database_url_parse answers */
    TLS_DISABLED,
    TLS_REQUIRED,       /* encrypted, to whoever answers */
    TLS_VERIFY_CA,      /* and with a certificate of a trusted authority */
    TLS_VERIFY_IDENTITY /* and one that names the host */
};

#define DATABASE_URL_HOST_SIZE 256
#define DATABASE_URL_USER_SIZE 129
#define DATABASE_URL_PASSWORD_SIZE 1025
#define DATABASE_URL_DATABASE_SIZE 257 /* 64 characters of UTF-8 */
#define DATABASE_URL_PATH_SIZE 1025

struct database_url {
    char host[DATABASE_URL_HOST_SIZE]; /* without brackets; "" with a socket only */
    char user[DATABASE_URL_USER_SIZE];
    char password[DATABASE_URL_PASSWORD_SIZE]; /* "" when there is none */
    char database[DATABASE_URL_DATABASE_SIZE];
    char socket[DATABASE_URL_PATH_SIZE]; /* "" when there is none */
    char ssl_ca[DATABASE_URL_PATH_SIZE]; /* "": the system's authorities */
    unsigned int port;                   /* 0 with a socket */
    enum tls_mode tls_mode;
};

/*
 * FAULT_INVALID when it is not one, with *problem a sentence (static) that quotes nothing of it;
 * `parsed` is then undefined.
 */
MUST_USE struct fault database_url_parse(struct str url, struct database_url *parsed,
                                         const char **problem);

#endif
