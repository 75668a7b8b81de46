#include "server/security/tls_pair.h"

#include <openssl/err.h>
#include <openssl/pem.h>

static FILE *open_file(struct str path) {
    char name[TLS_PAIR_PATH_MAX];
    if (path.size >= sizeof name) {
        return NULL;
    }
    memcpy(name, path.data, path.size);
    name[path.size] = '\0';
    return fopen(name, "re");
}

/* Instead of asking on the terminal. */
static int no_passphrase(char *buffer, int size, int is_writing, void *data) {
    (void)buffer;
    (void)size;
    (void)is_writing;
    (void)data;
    return 0;
}

static const char *load_certificate(struct tls_pair *pair, FILE *file) {
    pair->certificate = PEM_read_X509(file, NULL, no_passphrase, NULL);
    if (pair->certificate == NULL) {
        return "TLS_CERT holds no certificate in PEM.";
    }
    pair->chain = sk_X509_new_null();
    CHECK(pair->chain != NULL && "out of memory");
    X509 *issuer = NULL;
    while ((issuer = PEM_read_X509(file, NULL, no_passphrase, NULL)) != NULL) {
        CHECK(sk_X509_push(pair->chain, issuer) > 0 && "out of memory");
    }
    bool is_whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    pair->is_expired = X509_cmp_current_time(X509_get0_notAfter(pair->certificate)) < 0 ||
                       X509_cmp_current_time(X509_get0_notBefore(pair->certificate)) > 0;
    return is_whole ? NULL : "TLS_CERT has a chain that cannot be read.";
}

static const char *load_key(struct tls_pair *pair, FILE *file) {
    pair->key = PEM_read_PrivateKey(file, NULL, no_passphrase, NULL);
    if (pair->key == NULL) {
        return "TLS_KEY holds no key in PEM, or one with a passphrase.";
    }
    bool belongs = X509_check_private_key(pair->certificate, pair->key) == 1;
    return belongs ? NULL : "TLS_KEY is not the key of the certificate in TLS_CERT.";
}

static const char *load(struct tls_pair *pair, struct str certificate_path, struct str key_path) {
    FILE *file = open_file(certificate_path);
    if (file == NULL) {
        return "The file that TLS_CERT names cannot be opened.";
    }
    const char *wrong = load_certificate(pair, file);
    (void)fclose(file);
    if (wrong != NULL) {
        return wrong;
    }
    file = open_file(key_path);
    if (file == NULL) {
        return "The file that TLS_KEY names cannot be opened.";
    }
    wrong = load_key(pair, file);
    (void)fclose(file);
    return wrong;
}

const char *tls_pair_load(struct tls_pair *pair, struct str certificate_path, struct str key_path) {
    *pair = (struct tls_pair){0};
    const char *wrong = load(pair, certificate_path, key_path);
    ERR_clear_error();
    if (wrong != NULL) {
        tls_pair_release(pair);
    }
    return wrong;
}

void tls_pair_release(struct tls_pair *pair) {
    X509_free(pair->certificate);
    EVP_PKEY_free(pair->key);
    sk_X509_pop_free(pair->chain, X509_free);
    *pair = (struct tls_pair){0};
}
