/*
 * error_class: what an error number of the server or the driver means for whoever called.
 */
#ifndef AIZY_STORES_MYSQL_ERROR_CLASS_H
#define AIZY_STORES_MYSQL_ERROR_CLASS_H

#include <stdbool.h>

#include "base/fault.h"
#include "base/log.h"

enum mysql_class {
    MYSQL_CLASS_NONE,
    MYSQL_CLASS_LOST,         /* the connection is gone, or of no more use */
    MYSQL_CLASS_TIMED_OUT,    /* the call took longer than it may */
    MYSQL_CLASS_DEADLOCK,     /* the server rolled the transaction back; it may be repeated */
    MYSQL_CLASS_LOCKED,       /* waited too long for a lock; only the statement was undone */
    MYSQL_CLASS_DUPLICATE,    /* a unique key has the value already */
    MYSQL_CLASS_UNAVAILABLE,  /* the server will not serve now: read-only, full, refuses us */
    MYSQL_CLASS_ALREADY_DONE, /* DDL whose object is already there, or already gone */
    MYSQL_CLASS_OTHER,
    MYSQL_CLASS_COUNT
};

struct mysql_class_row {
    const char *name; /* for the log */
    enum fault_name fault;
    enum log_level level;
    bool ends_connection;
};

enum mysql_class mysql_class_of(unsigned int error_number);
const struct mysql_class_row *mysql_class_row(enum mysql_class class);

#endif
