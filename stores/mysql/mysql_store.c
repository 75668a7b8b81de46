#include "stores/mysql_store.h"

#include <stdlib.h>

#include "base/log.h"
#include "stores/mysql/connection.h"

struct fault mysql_store_library_init(void) {
    ENSURE(mysql_library_init(0, NULL, NULL) == 0, FAULT_INTERNAL);
    return fault_none();
}

void mysql_store_library_release(void) {
    mysql_library_end();
}

struct fault mysql_store_open(const struct mysql_store_options *options,
                              struct mysql_store **store) {
    struct database_url url;
    const char *problem = NULL;
    struct fault fault = database_url_parse(options->url, &url, &problem);
    if (fault_occurred(fault)) {
        log_error("mysql.url_refused", LOG_TEXT("problem", problem));
        return fault;
    }
    struct mysql_store *opened = calloc(1, sizeof(*opened));
    CHECK(opened != NULL);
    CHECK(mysql_thread_init() == 0);
    opened->options = *options;
    opened->url = url;
    *store = opened;
    return fault_none();
}

void mysql_store_close(struct mysql_store *store) {
    mysql_disconnect(store);
    mysql_thread_end();
    free(store);
}

static unsigned int ping(struct mysql_store *store, void *context) {
    (void)context;
    return mysql_ping(store->session) == 0 ? 0 : mysql_errno(store->session);
}

struct fault mysql_store_ping(struct mysql_store *store) {
    const struct mysql_call call = {.name = "ping", .run = ping};
    struct fault fault = mysql_call(store, &call);
    return store->failure.class == MYSQL_CLASS_LOST ? mysql_call(store, &call) : fault;
}
