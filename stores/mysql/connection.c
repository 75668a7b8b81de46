#include "stores/mysql/connection.h"

#include <errmsg.h>
#include <openssl/x509.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "stores/fault_injection.h"
#include "stores/store_figures.h"

#define SESSION_TEXT_SIZE 512

/* Even for DDL: while it waits for a table, everybody else's statements queue up behind it. */
#define LOCK_WAIT_MAX_MS 60000

/* Seconds are the driver's unit; what is less than one becomes one. */
static unsigned int seconds_of(int64_t milliseconds) {
    return (unsigned int)((milliseconds + 999) / 1000);
}

static void set_tls(MYSQL *session, const struct database_url *url) {
    const my_bool yes = 1;
    if (url->tls_mode == TLS_DISABLED) {
        return;
    }
    (void)mysql_optionsv(session, MYSQL_OPT_SSL_ENFORCE, &yes);
    if (url->tls_mode == TLS_REQUIRED) {
        return;
    }
    /* With authorities the driver verifies the chain; with this option the name as well. */
    bool has_ca = url->ssl_ca[0] != '\0';
    (void)mysql_optionsv(session, has_ca ? MYSQL_OPT_SSL_CA : MYSQL_OPT_SSL_CAPATH,
                         has_ca ? url->ssl_ca : X509_get_default_cert_dir());
    if (url->tls_mode == TLS_VERIFY_IDENTITY) {
        (void)mysql_optionsv(session, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
    }
}

static void set_options(MYSQL *session, const struct mysql_store *store) {
    const unsigned int connect_seconds = seconds_of(store->options.connect_timeout_ms);
    /* The server gives up first and says why; this is for one that does not answer at all. */
    const unsigned int seconds = seconds_of(store->options.timeout_ms) + 1;
    const my_bool no = 0;
    const unsigned int no_files = 0;
    /* The driver takes "localhost" for a socket even when there is a port. */
    bool has_socket = store->url.socket[0] != '\0';
    const unsigned int protocol = has_socket ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
    (void)mysql_optionsv(session, MYSQL_OPT_CONNECT_TIMEOUT, &connect_seconds);
    (void)mysql_optionsv(session, MYSQL_OPT_READ_TIMEOUT, &seconds);
    (void)mysql_optionsv(session, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
    (void)mysql_optionsv(session, MYSQL_OPT_PROTOCOL, &protocol);
    (void)mysql_optionsv(session, MYSQL_OPT_RECONNECT, &no);
    (void)mysql_optionsv(session, MYSQL_OPT_LOCAL_INFILE, &no_files);
    (void)mysql_optionsv(session, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    set_tls(session, &store->url);
}

/* The one session variable that the two servers name differently: how long a statement may run. */
static void print_statement_limit(MYSQL *session, int64_t timeout_ms, char *text, size_t size) {
    if (mariadb_connection(session)) {
        (void)snprintf(text, size, "max_statement_time = %lld.%03lld", (long long)timeout_ms / 1000,
                       (long long)timeout_ms % 1000);
        return;
    }
    (void)snprintf(text, size, "max_execution_time = %lld", (long long)timeout_ms);
}

/*
 * A lock is waited for shorter than an answer, so that a wait too long shows as such and not as a
 * lost connection.
 */
static unsigned int set_session(struct mysql_store *store, MYSQL *session) {
    char limit[64];
    char text[SESSION_TEXT_SIZE];
    int64_t lock_ms = store->options.timeout_ms / 2;
    unsigned int lock_seconds = seconds_of(lock_ms < LOCK_WAIT_MAX_MS ? lock_ms : LOCK_WAIT_MAX_MS);
    print_statement_limit(session, store->options.timeout_ms, limit, sizeof(limit));
    int length = snprintf(text, sizeof(text),
                          "SET SESSION autocommit = 1, time_zone = '+00:00', sql_mode = "
                          "'STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
                          "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', "
                          "innodb_lock_wait_timeout = %u, lock_wait_timeout = %u, %s",
                          lock_seconds, lock_seconds, limit);
    CHECK(length > 0 && (size_t)length < sizeof(text));
    if (mysql_real_query(session, text, (unsigned long)length) != 0) {
        return mysql_errno(session);
    }
    static const char isolation[] = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
    return mysql_real_query(session, isolation, sizeof(isolation) - 1) == 0 ? 0
                                                                            : mysql_errno(session);
}

static unsigned int open_session(struct mysql_store *store, void *context) {
    (void)context;
    const struct database_url *url = &store->url;
    store->session = mysql_init(NULL);
    CHECK(store->session != NULL);
    set_options(store->session, store);
    bool has_socket = url->socket[0] != '\0';
    if (mysql_real_connect(store->session, has_socket ? "localhost" : url->host, url->user,
                           url->password, url->database, url->port, has_socket ? url->socket : NULL,
                           CLIENT_FOUND_ROWS) == NULL) {
        return mysql_errno(store->session);
    }
    if (url->tls_mode != TLS_DISABLED && mysql_get_ssl_cipher(store->session) == NULL) {
        return CR_SSL_CONNECTION_ERROR;
    }
    return set_session(store, store->session);
}

void mysql_disconnect(struct mysql_store *store) {
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        if (store->statements[i] != NULL) {
            (void)mysql_stmt_close(store->statements[i]);
            store->statements[i] = NULL;
        }
    }
    if (store->session != NULL) {
        mysql_close(store->session);
        store->session = NULL;
    }
}

static void log_failure(const struct mysql_store *store, const struct mysql_call *call,
                        int64_t elapsed_ms) {
    const struct mysql_class_row *row = mysql_class_row(store->failure.class);
    struct str text = STR("");
    if (!call->carries_values && store->session != NULL) {
        text = str_of(mysql_error(store->session));
    }
    const struct log_field fields[] = {
        LOG_TEXT("call", call->name),
        LOG_TEXT("class", row->name),
        LOG_INT("error_number", store->failure.error_number),
        LOG_INT("elapsed_ms", elapsed_ms),
        LOG_STR("text", text),
        LOG_NOTHING,
    };
    log_write(row->level, "mysql.failed", fields);
}

static struct fault finish(struct mysql_store *store, const struct mysql_call *call,
                           unsigned int error_number, int64_t elapsed_ms) {
    if (error_number == 0) {
        if (store->options.slow_ms > 0 && elapsed_ms >= store->options.slow_ms) {
            log_warn("mysql.slow", LOG_TEXT("call", call->name), LOG_INT("elapsed_ms", elapsed_ms));
        }
        return fault_none();
    }
    store->failure = (struct mysql_failure){mysql_class_of(error_number), error_number};
    /* The driver says "lost" for a timeout too; repeating that would only double the wait. */
    if (store->failure.class == MYSQL_CLASS_LOST && elapsed_ms >= store->options.timeout_ms) {
        store->failure.class = MYSQL_CLASS_TIMED_OUT;
    }
    log_failure(store, call, elapsed_ms);
    const struct mysql_class_row *row = mysql_class_row(store->failure.class);
    if (row->ends_connection) {
        mysql_disconnect(store);
    }
    return fault_of(row->fault);
}

static unsigned int run_or_inject(struct mysql_store *store, const struct mysql_call *call) {
    unsigned int error_number = 0;
    switch (fault_injection_next("mysql", &store->options.watch, store->options.timeout_ms)) {
    case INJECT_FAIL:
        return CR_SERVER_GONE_ERROR;
    case INJECT_HANG:
        return CR_SERVER_LOST;
    case INJECT_LOST:
        error_number = call->run(store, call->context);
        return error_number == 0 ? CR_SERVER_LOST : error_number;
    case INJECT_NOTHING:
        break;
    }
    return call->run(store, call->context);
}

/* A server that says why it gives up or refuses a statement is there, whatever it says. */
static enum store_outcome outcome_of(const struct mysql_store *store, const struct mysql_call *call,
                                     unsigned int error_number, int64_t elapsed_ms) {
    enum mysql_class class = mysql_class_of(error_number);
    bool is_connecting = call->run == open_session;
    if (class == MYSQL_CLASS_NONE || (class != MYSQL_CLASS_LOST && !is_connecting)) {
        return STORE_ANSWERED;
    }
    int64_t patience_ms =
        is_connecting ? store->options.connect_timeout_ms : store->options.timeout_ms;
    return elapsed_ms >= patience_ms ? STORE_MUTE : STORE_UNREACHED;
}

/* Everything that reaches the driver and may wait passes here: measure, or make it fail, here. */
static struct fault run_step(struct mysql_store *store, const struct mysql_call *call) {
    int64_t begun_us = clock_monotonic_us();
    store->failure = (struct mysql_failure){MYSQL_CLASS_NONE, 0};
    unsigned int error_number = run_or_inject(store, call);
    int64_t elapsed_us = clock_monotonic_us() - begun_us;
    int64_t elapsed_ms = elapsed_us / 1000;
    enum store_outcome outcome = outcome_of(store, call, error_number, elapsed_ms);
    store_figures_note("mysql", call->name, error_number == 0, outcome, elapsed_us);
    store_watch_note(&store->options.watch, outcome, begun_us);
    return finish(store, call, error_number, elapsed_ms);
}

static struct fault connect(struct mysql_store *store) {
    struct fault fault =
        run_step(store, &(struct mysql_call){.name = "connect", .run = open_session});
    if (!fault_occurred(fault)) {
        return fault;
    }
    /* Whatever kept it from connecting, there is no session to go on with, and nothing was done. */
    mysql_disconnect(store);
    if (store->failure.class != MYSQL_CLASS_OTHER) {
        store->failure.class = MYSQL_CLASS_UNAVAILABLE;
    }
    return fault_of(FAULT_STORE_DOWN);
}

struct fault mysql_call(struct mysql_store *store, const struct mysql_call *call) {
    if (store->session == NULL) {
        ENSURE(!store->in_transaction, FAULT_STORE_DOWN);
        TRY(connect(store));
    }
    return run_step(store, call);
}

/* The driver must have taken every row before it can do anything else. */
static unsigned int drop_rows(MYSQL *session) {
    MYSQL_RES *rows = mysql_store_result(session);
    mysql_free_result(rows);
    return rows == NULL ? mysql_errno(session) : 0;
}

static unsigned int run_text(struct mysql_store *store, void *context) {
    const struct str *sql = context;
    if (mysql_real_query(store->session, sql->data, (unsigned long)sql->size) != 0) {
        return mysql_errno(store->session);
    }
    return drop_rows(store->session);
}

struct fault mysql_run_text(struct mysql_store *store, const char *name, struct str sql) {
    return mysql_call(store, &(struct mysql_call){.name = name, .run = run_text, .context = &sql});
}
