/*
 * tls: what listeners that speak TLS have in common.
 *
 * TLS 1.2 with forward secrecy and authenticated encryption, and TLS 1.3. ALPN knows http/1.1 only.
 * Sessions are resumed from a bounded memory of this process, so that there is no ticket key whose
 * theft would open what was recorded. One context for all threads; the certificate is looked up at
 * each handshake, so that another one can take its place at any time.
 */
#ifndef AIZY_SERVER_HTTP_TLS_H
#define AIZY_SERVER_HTTP_TLS_H

#include <openssl/ssl.h>

#include "base/fault.h"
#include "server/config/config.h"

struct tls;

/* Borrows config. Without TLS_CERT *tls is NULL. FAULT_INVALID: the log says what is wrong. */
MUST_USE struct fault tls_open(const struct config *config, struct tls **tls);
void tls_close(struct tls *tls);

SSL_CTX *tls_context(struct tls *tls);

/* Reads both files anew, in any thread. A pair that cannot be used is logged and changes nothing.
 */
void tls_reload(struct tls *tls);

#endif
