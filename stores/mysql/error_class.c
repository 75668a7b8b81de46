#include "stores/mysql/error_class.h"

#include <stddef.h>

#include "base/check.h"

static const struct {
    unsigned int error_number;
    enum mysql_class class;
} classes[] = {
    {2006, MYSQL_CLASS_LOST}, /* server has gone away */
    {2013, MYSQL_CLASS_LOST}, /* lost connection during a query */
    {2055, MYSQL_CLASS_LOST}, /* lost connection, with the system's errno */
    {1047, MYSQL_CLASS_LOST}, /* Galera: this node is not of the primary component */
    {1053, MYSQL_CLASS_LOST}, /* server shutdown in progress */
    {1079, MYSQL_CLASS_LOST}, /* server shutdown complete */
    {1152, MYSQL_CLASS_LOST}, /* aborted connection */
    {1158, MYSQL_CLASS_LOST}, /* error reading packets */
    {1159, MYSQL_CLASS_LOST}, /* timeout reading packets */
    {1160, MYSQL_CLASS_LOST}, /* error writing packets */
    {1161, MYSQL_CLASS_LOST}, /* timeout writing packets */
    {1243, MYSQL_CLASS_LOST}, /* unknown prepared statement: the session is not ours any more */
    {1615, MYSQL_CLASS_LOST}, /* prepared statement needs to be re-prepared */
    {1927, MYSQL_CLASS_LOST}, /* connection was killed */
    {4031, MYSQL_CLASS_LOST}, /* MySQL: disconnected for inactivity */

    {1317, MYSQL_CLASS_TIMED_OUT}, /* query interrupted */
    {1969, MYSQL_CLASS_TIMED_OUT}, /* MariaDB: max_statement_time */
    {3024, MYSQL_CLASS_TIMED_OUT}, /* MySQL: max_execution_time */

    {1020, MYSQL_CLASS_DEADLOCK}, /* MariaDB: record changed since last read */
    {1213, MYSQL_CLASS_DEADLOCK}, /* deadlock; Galera: certification failed */
    {3101, MYSQL_CLASS_DEADLOCK}, /* Group Replication: rolled back during commit */

    {1205, MYSQL_CLASS_LOCKED}, /* lock wait timeout */
    {3572, MYSQL_CLASS_LOCKED}, /* NOWAIT */

    {1062, MYSQL_CLASS_DUPLICATE}, /* duplicate entry */
    {1586, MYSQL_CLASS_DUPLICATE}, /* duplicate entry, with the key's name */

    {1021, MYSQL_CLASS_UNAVAILABLE}, /* disk full */
    {1037, MYSQL_CLASS_UNAVAILABLE}, /* out of memory */
    {1040, MYSQL_CLASS_UNAVAILABLE}, /* too many connections */
    {1041, MYSQL_CLASS_UNAVAILABLE}, /* out of resources */
    {1044, MYSQL_CLASS_UNAVAILABLE}, /* access to the database denied */
    {1045, MYSQL_CLASS_UNAVAILABLE}, /* access denied */
    {1049, MYSQL_CLASS_UNAVAILABLE}, /* unknown database */
    {1114, MYSQL_CLASS_UNAVAILABLE}, /* table is full */
    {1129, MYSQL_CLASS_UNAVAILABLE}, /* host is blocked */
    {1130, MYSQL_CLASS_UNAVAILABLE}, /* host is not allowed */
    {1203, MYSQL_CLASS_UNAVAILABLE}, /* too many connections of this user */
    {1226, MYSQL_CLASS_UNAVAILABLE}, /* a limit of this user */
    {1290, MYSQL_CLASS_UNAVAILABLE}, /* running with --read-only */
    {1698, MYSQL_CLASS_UNAVAILABLE}, /* access denied, without a password */
    {1792, MYSQL_CLASS_UNAVAILABLE}, /* read-only transaction */
    {1836, MYSQL_CLASS_UNAVAILABLE}, /* running in read-only mode */
    {2002, MYSQL_CLASS_UNAVAILABLE}, /* cannot connect */
    {2003, MYSQL_CLASS_UNAVAILABLE}, /* cannot connect over TCP */
    {2005, MYSQL_CLASS_UNAVAILABLE}, /* unknown host */
    {2012, MYSQL_CLASS_UNAVAILABLE}, /* handshake failed */
    {2026, MYSQL_CLASS_UNAVAILABLE}, /* TLS failed */
    {2058, MYSQL_CLASS_UNAVAILABLE}, /* authentication plugin cannot be loaded */
    {2059, MYSQL_CLASS_UNAVAILABLE}, /* authentication plugin failed */

    {1050, MYSQL_CLASS_ALREADY_DONE}, /* table exists */
    {1051, MYSQL_CLASS_ALREADY_DONE}, /* table is not there */
    {1060, MYSQL_CLASS_ALREADY_DONE}, /* column exists */
    {1061, MYSQL_CLASS_ALREADY_DONE}, /* key exists */
    {1091, MYSQL_CLASS_ALREADY_DONE}, /* column or key is not there */
    {1359, MYSQL_CLASS_ALREADY_DONE}, /* trigger exists */
    {1360, MYSQL_CLASS_ALREADY_DONE}, /* trigger is not there */
    {1826, MYSQL_CLASS_ALREADY_DONE}, /* foreign key exists */
    {4092, MYSQL_CLASS_ALREADY_DONE}, /* MariaDB: view is not there */
};

/* UNAVAILABLE ends the connection too: after a failover the name may lead to another server. */
static const struct mysql_class_row rows[MYSQL_CLASS_COUNT] = {
    [MYSQL_CLASS_NONE] = {"none", FAULT_NONE, LOG_DEBUG, false},
    [MYSQL_CLASS_LOST] = {"lost", FAULT_STORE_DOWN, LOG_WARN, true},
    [MYSQL_CLASS_TIMED_OUT] = {"timed_out", FAULT_STORE_DOWN, LOG_WARN, true},
    [MYSQL_CLASS_DEADLOCK] = {"deadlock", FAULT_BUSY, LOG_INFO, false},
    [MYSQL_CLASS_LOCKED] = {"locked", FAULT_BUSY, LOG_WARN, false},
    [MYSQL_CLASS_DUPLICATE] = {"duplicate", FAULT_CONFLICT, LOG_DEBUG, false},
    [MYSQL_CLASS_UNAVAILABLE] = {"unavailable", FAULT_STORE_DOWN, LOG_WARN, true},
    [MYSQL_CLASS_ALREADY_DONE] = {"already_done", FAULT_INTERNAL, LOG_WARN, false},
    [MYSQL_CLASS_OTHER] = {"other", FAULT_INTERNAL, LOG_ERROR, false},
};

enum mysql_class mysql_class_of(unsigned int error_number) {
    if (error_number == 0) {
        return MYSQL_CLASS_NONE;
    }
    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        if (classes[i].error_number == error_number) {
            return classes[i].class;
        }
    }
    return MYSQL_CLASS_OTHER;
}

const struct mysql_class_row *mysql_class_row(enum mysql_class class) {
    CHECK(class < MYSQL_CLASS_COUNT);
    return &rows[class];
}
