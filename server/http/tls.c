#include "server/http/tls.h"

#include <stdlib.h>

#include "base/lock.h"
#include "base/log.h"
#include "server/security/tls_pair.h"

#define CIPHERS_OF_TLS_1_2 "ECDHE+AESGCM:ECDHE+CHACHA20"
#define SESSIONS_MAX 4096
#define SESSION_SECONDS 3600

struct tls {
    const struct config *config;
    SSL_CTX *context;
    struct lock lock; /* guards the pair */
    struct tls_pair pair;
};

/* OpenSSL's, at each handshake: takes references, so the pair may be replaced right after. */
static int use_pair(SSL *ssl, void *argument) {
    struct tls *tls = argument;
    lock_acquire(&tls->lock);
    int used = SSL_use_cert_and_key(ssl, tls->pair.certificate, tls->pair.key, tls->pair.chain, 1);
    lock_give(&tls->lock);
    return used;
}

/* Who speaks ALPN, but not HTTP/1.1, is told so (RFC 7301, 3.2). */
static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *chosen_size,
                           const unsigned char *offered, unsigned offered_size, void *argument) {
    static const unsigned char http_1_1[] = "\x08http/1.1";
    (void)ssl;
    (void)argument;
    unsigned char *found = NULL;
    int result = SSL_select_next_proto(&found, chosen_size, http_1_1, sizeof http_1_1 - 1, offered,
                                       offered_size);
    *chosen = found;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static SSL_CTX *make_context(struct tls *tls) {
    static const unsigned char sessions_of[] = "aizy";
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    CHECK(context != NULL && "out of memory");
    CHECK(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1);
    CHECK(SSL_CTX_set_cipher_list(context, CIPHERS_OF_TLS_1_2) == 1);
    (void)SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                           SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                           SSL_OP_PRIORITIZE_CHACHA);
    (void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
    (void)SSL_CTX_sess_set_cache_size(context, SESSIONS_MAX);
    (void)SSL_CTX_set_timeout(context, SESSION_SECONDS);
    CHECK(SSL_CTX_set_session_id_context(context, sessions_of, sizeof sessions_of - 1) == 1);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    SSL_CTX_set_cert_cb(context, use_pair, tls);
    return context;
}

static bool load(struct tls *tls, struct tls_pair *pair) {
    const char *wrong = tls_pair_load(pair, tls->config->tls_cert, tls->config->tls_key);
    if (wrong != NULL) {
        log_error("tls.unusable", LOG_TEXT("problem", wrong));
        return false;
    }
    if (pair->is_expired) {
        log_warn("tls.expired", LOG_TEXT("problem", "The certificate is not valid now."));
    }
    return true;
}

struct fault tls_open(const struct config *config, struct tls **tls) {
    *tls = NULL;
    if (str_is_absent(config->tls_cert)) {
        return fault_none();
    }
    struct tls *opened = calloc(1, sizeof *opened);
    CHECK(opened != NULL && "out of memory");
    opened->config = config;
    if (!load(opened, &opened->pair)) {
        free(opened);
        return fault_of(FAULT_INVALID);
    }
    lock_init(&opened->lock);
    opened->context = make_context(opened);
    *tls = opened;
    return fault_none();
}

void tls_close(struct tls *tls) {
    if (tls == NULL) {
        return;
    }
    SSL_CTX_free(tls->context);
    tls_pair_release(&tls->pair);
    lock_release(&tls->lock);
    free(tls);
}

SSL_CTX *tls_context(struct tls *tls) {
    return tls->context;
}

void tls_reload(struct tls *tls) {
    struct tls_pair pair;
    if (!load(tls, &pair)) {
        return;
    }
    lock_acquire(&tls->lock);
    struct tls_pair previous = tls->pair;
    tls->pair = pair;
    lock_give(&tls->lock);
    tls_pair_release(&previous);
    log_info("tls.reloaded", LOG_NOTHING);
}
