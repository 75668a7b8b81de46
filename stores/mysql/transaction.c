#include "stores/mysql/transaction.h"

#include <openssl/rand.h>
#include <time.h>

#include "base/log.h"

#define REPEATS_MAX 3

/* Times the number of the repeat, at most. */
#define PAUSE_MS 20

static bool had_no_effect(const struct mysql_store *store) {
    return store->failure.class == MYSQL_CLASS_LOST || store->failure.class == MYSQL_CLASS_DEADLOCK;
}

static struct fault commit(struct mysql_store *store, bool *may_repeat) {
    struct fault fault = mysql_run_text(store, "COMMIT", STR("COMMIT"));
    *may_repeat = store->failure.class == MYSQL_CLASS_DEADLOCK;
    bool is_unknown =
        store->failure.class == MYSQL_CLASS_LOST || store->failure.class == MYSQL_CLASS_TIMED_OUT;
    if (fault_occurred(fault)) {
        mysql_disconnect(store);
    }
    return fault_occurred(fault) && is_unknown ? fault_of(FAULT_OUTCOME_UNKNOWN) : fault;
}

static struct fault run_body(struct mysql_store *store, mysql_transaction_body *body, void *context,
                             bool *may_repeat) {
    struct fault fault = mysql_run_text(store, "START TRANSACTION", STR("START TRANSACTION"));
    store->in_transaction = true;
    if (!fault_occurred(fault)) {
        fault = body(store, context);
    }
    if (!fault_occurred(fault)) {
        return commit(store, may_repeat);
    }
    *may_repeat = had_no_effect(store);
    /* What the body answers is what counts; a session that cannot even roll back is not kept. */
    if (store->session != NULL &&
        fault_occurred(mysql_run_text(store, "ROLLBACK", STR("ROLLBACK")))) {
        mysql_disconnect(store);
    }
    return fault;
}

/* Not the same for everybody: two that have met would meet again. */
static void pause_before(int repeat) {
    unsigned char chance = 0;
    CHECK(RAND_bytes(&chance, 1) == 1);
    const struct timespec pause = {.tv_nsec = (long)repeat * PAUSE_MS * 1000000 * chance / 256};
    (void)nanosleep(&pause, NULL);
}

struct fault mysql_transaction_run(struct mysql_store *store, mysql_transaction_body *body,
                                   void *context) {
    CHECK(!store->in_transaction);
    bool may_repeat = false;
    struct fault fault = run_body(store, body, context, &may_repeat);
    store->in_transaction = false;
    for (int repeat = 1; fault_occurred(fault) && may_repeat && repeat <= REPEATS_MAX; repeat++) {
        log_info("mysql.transaction_repeated", LOG_INT("repeat", repeat));
        pause_before(repeat);
        fault = run_body(store, body, context, &may_repeat);
        store->in_transaction = false;
    }
    return fault;
}
