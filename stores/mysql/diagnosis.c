/*
 * What is wrong with the connection, in words for whoever runs the server.
 */
#include "stores/mysql/statement.h"

#include <stdio.h>

struct sentence {
    unsigned int error_number;
    const char *text;
};

/* Each completes "Cannot use MySQL as 'user' at host:port, database 'name': ". */
static const struct sentence sentences[] = {
    {1040, "the server has no connection left; raise its max_connections or lower MYSQL_WORKERS"},
    {1044, "this user has no rights on the database; GRANT ALL PRIVILEGES ON it to the user"},
    {1045, "the server refuses the user or the password; correct DATABASE_URL, or create the user "
           "for the host it connects from"},
    {1049, "the server has no such database; CREATE DATABASE it with CHARACTER SET utf8mb4"},
    {1129, "the server has blocked this host after failed connections; run FLUSH HOSTS there"},
    {1130, "the server allows no connection from this host; create the user for it"},
    {1203, "this user has too many connections; raise its limit or lower MYSQL_WORKERS"},
    {1290, "the server is read-only; point DATABASE_URL at the primary"},
    {1698, "the server refuses this user without its own way of logging in (unix_socket); create a "
           "user with a password"},
    {1836, "the server is read-only; point DATABASE_URL at the primary"},
    {2002, "nothing answers there; start the server, or correct the host, port or socket in "
           "DATABASE_URL"},
    {2003, "nothing answers there; start the server, or correct the host and port in DATABASE_URL"},
    {2005, "this host name is not known; correct the host in DATABASE_URL"},
    {2012, "what answers there does not speak MySQL's protocol; correct the port in DATABASE_URL"},
    {2013, "the server answers too slowly or closes the connection; see its log and the network"},
    {2026, "TLS could not be agreed; name the server's authority with ssl-ca, choose another "
           "ssl-mode, or ssl-mode=DISABLED where the network itself is safe"},
    {2058, "the user logs in by a method that this driver cannot load; use caching_sha2_password "
           "or mysql_native_password"},
    {2059, "the user logs in by a method that this driver cannot load; use caching_sha2_password "
           "or mysql_native_password"},
};

/* The oldest that the statements and migrations are written for. */
static const struct {
    const char *product;
    bool is_mariadb;
    int major;
    int minor;
} oldest[] = {
    {"MariaDB 10.6", true, 10, 6},
    {"MySQL 8.0", false, 8, 0},
};

static const char *sentence_of(unsigned int error_number) {
    for (size_t i = 0; i < COUNT_OF(sentences); i++) {
        if (sentences[i].error_number == error_number) {
            return sentences[i].text;
        }
    }
    return "the call failed; the log has the server's own words";
}

static struct str place_of(const struct database_url *url, struct arena *arena) {
    if (url->socket[0] != '\0') {
        return arena_printf(arena, "socket %s", url->socket);
    }
    bool is_ipv6 = strchr(url->host, ':') != NULL;
    return arena_printf(arena, is_ipv6 ? "[%s]:%u" : "%s:%u", url->host, url->port);
}

static struct str complain(const struct mysql_store *store, struct arena *arena,
                           const char *sentence) {
    struct str place = place_of(&store->url, arena);
    return arena_printf(arena, "Cannot use MySQL as '%s' at %.*s, database '%s': %s.",
                        store->url.user, STR_ARG(place), store->url.database, sentence);
}

struct description {
    struct str version;
    struct str character_set;
};

/* NULL when it is new enough. */
static const char *find_missing_version(struct mysql_store *store, struct arena *arena,
                                        struct str version) {
    bool is_mariadb = mariadb_connection(store->session) != 0;
    int major = 0;
    int minor = 0;
    /* NOLINTNEXTLINE(cert-err34-c): what does not parse is 0.0, which is too old. */
    (void)sscanf(arena_c_string(arena, version), "%d.%d", &major, &minor);
    for (size_t i = 0; i < COUNT_OF(oldest); i++) {
        bool is_old =
            major < oldest[i].major || (major == oldest[i].major && minor < oldest[i].minor);
        if (oldest[i].is_mariadb == is_mariadb && is_old) {
            return oldest[i].product;
        }
    }
    return NULL;
}

static struct str judge(struct mysql_store *store, struct arena *arena,
                        const struct description *description) {
    const char *wanted = find_missing_version(store, arena, description->version);
    if (wanted != NULL) {
        struct str text = arena_printf(arena, "the server is %.*s; at least %s is needed",
                                       STR_ARG(description->version), wanted);
        return complain(store, arena, text.data);
    }
    if (!str_equals(description->character_set, STR("utf8mb4"))) {
        struct str text = arena_printf(
            arena, "its character set is %.*s; run ALTER DATABASE `%s` CHARACTER SET utf8mb4",
            STR_ARG(description->character_set), store->url.database);
        return complain(store, arena, text.data);
    }
    return (struct str){NULL, 0};
}

struct str mysql_store_diagnose(struct mysql_store *store, struct arena *arena) {
    static const struct mysql_column columns[] = {
        {COLUMN_STR, offsetof(struct description, version)},
        {COLUMN_STR, offsetof(struct description, character_set)},
    };
    const struct mysql_use use = {.statement = STATEMENT_DATABASE_DESCRIBE,
                                  .columns = columns,
                                  .column_count = COUNT_OF(columns)};
    struct description description;
    if (fault_occurred(mysql_read_one(store, arena, &use, &description))) {
        return complain(store, arena, sentence_of(store->failure.error_number));
    }
    return judge(store, arena, &description);
}
