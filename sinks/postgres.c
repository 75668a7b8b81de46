#include <libpq-fe.h>
#include <string.h>

#include "sinks/admin_database.h"
#include "sinks/postgres_url.h"

/* The oldest that its makers still supported when this was written, as PQserverVersion says it. */
#define OLDEST_VERSION 130000

/* What libpq says when it fails, and how it is mended; the first row that fits. */
static const struct {
    const char *pattern;
    const char *advice;
} remedies[] = {
    {"password authentication failed", "correct the user and password in ADMIN_DATABASE_URL"},
    {"no password supplied", "put a password into ADMIN_DATABASE_URL"},
    {"pg_hba.conf", "allow this user and address in the server's pg_hba.conf"},
    {"certificate", "name the authority with sslrootcert, and the host as its certificate does"},
    {"SSL", "switch TLS on at the server, or choose another sslmode"},
    {"database", "create the database, or correct its name in ADMIN_DATABASE_URL"},
    {"invalid connection option", "correct the parameters of ADMIN_DATABASE_URL"},
    {"could not translate host name", "correct the host in ADMIN_DATABASE_URL"},
    {"refused", "start PostgreSQL, or correct host and port in ADMIN_DATABASE_URL"},
    {"timeout expired", "see that the host in ADMIN_DATABASE_URL can be reached from here"},
};

static const char *remedy_of(const char *message) {
    for (size_t i = 0; i < COUNT_OF(remedies); i++) {
        if (strstr(message, remedies[i].pattern) != NULL) {
            return remedies[i].advice;
        }
    }
    return "see the server's log";
}

/* libpq's messages name host, port, user and database, never the password. */
static struct str describe(const PGconn *connection, struct arena *arena) {
    const char *message = PQerrorMessage(connection);
    struct str line = str_slice(str_of(message), 0, str_find_byte(str_of(message), '\n'));
    return arena_printf(arena, "%.*s; %s.", STR_ARG(str_trim(line)), remedy_of(message));
}

/* A role that may not create anything could not hold the copy. */
static struct str ask(PGconn *connection, int64_t timeout_ms, struct arena *arena) {
    struct str question =
        arena_printf(arena,
                     "SET statement_timeout = %lld;"
                     "SELECT has_database_privilege(current_database(), 'CREATE'),"
                     " current_setting('server_encoding') = 'UTF8'",
                     (long long)timeout_ms);
    PGresult *result = PQexec(connection, question.data);
    struct str problem = {0};
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        problem = describe(connection, arena);
    } else if (PQgetvalue(result, 0, 0)[0] != 't') {
        problem = STR("This user may not create anything in the administrators' database; "
                      "GRANT CREATE ON DATABASE to it, or use its owner.");
    } else if (PQgetvalue(result, 0, 1)[0] != 't') {
        problem = STR("The administrators' database is not UTF-8; create it anew with "
                      "ENCODING 'UTF8'.");
    }
    PQclear(result);
    return problem;
}

static struct str diagnose(PGconn *connection, int64_t timeout_ms, struct arena *arena) {
    if (PQstatus(connection) != CONNECTION_OK) {
        return describe(connection, arena);
    }
    int version = PQserverVersion(connection);
    if (version < OLDEST_VERSION) {
        return arena_printf(arena, "PostgreSQL %d is too old; %d or newer is needed.",
                            version / 10000, OLDEST_VERSION / 10000);
    }
    return ask(connection, timeout_ms, arena);
}

struct str admin_database_diagnose(struct str url, int64_t timeout_ms, struct arena *arena) {
    struct postgres_keywords keywords;
    const char *problem = NULL;
    if (fault_occurred(postgres_url_parse(url, arena, &keywords, &problem))) {
        return arena_printf(arena,
                            "ADMIN_DATABASE_URL %s; it looks like "
                            "postgresql://user:password@host:port/database.",
                            problem);
    }
    /* libpq counts whole seconds, and takes 1 for 2. */
    struct str seconds = arena_printf(arena, "%lld", (long long)((timeout_ms + 999) / 1000));
    if (postgres_keywords_find(&keywords, "connect_timeout") == NULL) {
        postgres_keywords_add(&keywords, "connect_timeout", seconds.data);
    }
    postgres_keywords_add(&keywords, "client_encoding", "UTF8");
    postgres_keywords_add(&keywords, "fallback_application_name", "aizy");
    PGconn *connection = PQconnectdbParams(keywords.names, keywords.values, 0);
    CHECK(connection != NULL);
    struct str sentence = diagnose(connection, timeout_ms, arena);
    PQfinish(connection);
    return sentence;
}
