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

struct fault mysql_store_probe(struct mysql_store *store) {
    static const struct str sql = STR_INIT("SELECT id FROM roles LIMIT 1");
    struct fault fault = mysql_run_text(store, "probe", sql);
    if (store->failure.class == MYSQL_CLASS_LOST) {
        fault = mysql_run_text(store, "probe", sql);
    }
    return fault_is(fault, FAULT_STORE_DOWN) ? fault : fault_none();
}
