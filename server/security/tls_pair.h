/*
 * tls_pair: a server's certificate with its chain, and the key that belongs to it, from PEM files.
 */
#ifndef AIZY_SERVER_SECURITY_TLS_PAIR_H
#define AIZY_SERVER_SECURITY_TLS_PAIR_H

#include <openssl/ssl.h>

#include "base/str.h"

/* What OpenSSL counts references of; connections that use a pair keep it alive. */
struct tls_pair {
    X509 *certificate;
    EVP_PKEY *key;
    STACK_OF(X509) * chain; /* may be empty; the issuer of the certificate first */
    bool is_expired;        /* or not valid yet, when it was loaded */
};

#define TLS_PAIR_PATH_MAX 4096

/*
 * Reads both files. NULL, or a sentence that names the variable and never the contents; then *pair
 * is empty. A key with a passphrase is refused: nobody would be asked for it.
 */
const char *tls_pair_load(struct tls_pair *pair, struct str certificate_path, struct str key_path);

void tls_pair_release(struct tls_pair *pair);

#endif
