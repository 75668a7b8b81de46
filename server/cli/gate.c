#include "server/cli/gate.h"

#include "base/log.h"
#include "server/cli/schema_check.h"
#include "stores/mongo_store.h"
#include "stores/mysql_store.h"

/* The names of all migrations. */
#define GATE_ARENA_BYTES (8UL * 1024 * 1024)

static struct fault compare(struct gate *gate, struct arena *arena,
                            const struct migration_status_list *list) {
    struct str sentence = schema_check_sentence(arena, gate->store_name, list);
    if (str_is_absent(sentence)) {
        atomic_store(&gate->is_open, true);
        return fault_none();
    }
    gate->is_refused = true;
    log_error("schema.refused", LOG_TEXT("store", gate->store_name), LOG_STR("problem", sentence));
    return fault_none();
}

static struct fault check_mysql(struct gate *gate, struct arena *arena) {
    struct mysql_store_options options = {
        .url = gate->config->database_url,
        .connect_timeout_ms = gate->config->store_connect_timeout_ms,
        .timeout_ms = gate->config->store_timeout_ms,
        .slow_ms = gate->config->slow_store_ms,
    };
    struct mysql_store *store = NULL;
    TRY(mysql_store_open(&options, &store));
    struct migration_status_list list = {0};
    struct fault fault = mysql_migration_status(store, arena, &list);
    mysql_store_close(store);
    TRY(fault);
    return compare(gate, arena, &list);
}

static struct fault check_mongo(struct gate *gate, struct arena *arena) {
    struct mongo_store_options options = {
        .url = gate->config->mongodb_uri,
        .connect_timeout_ms = gate->config->store_connect_timeout_ms,
        .timeout_ms = gate->config->store_timeout_ms,
        .slow_ms = gate->config->slow_store_ms,
    };
    struct mongo_store *store = NULL;
    TRY(mongo_store_open(&options, &store));
    struct migration_status_list list = {0};
    struct fault fault = mongo_migration_status(store, arena, &list);
    mongo_store_close(store);
    TRY(fault);
    return compare(gate, arena, &list);
}

void gate_init_mysql(struct gate *gate, const struct config *config) {
    *gate = (struct gate){.store_name = "MySQL", .config = config, .check = check_mysql};
}

void gate_init_mongo(struct gate *gate, const struct config *config) {
    *gate = (struct gate){.store_name = "MongoDB", .config = config, .check = check_mongo};
}

void gate_check(struct gate *gate) {
    CHECK(!gate_is_open(gate));
    struct arena arena;
    arena_init(&arena, GATE_ARENA_BYTES);
    struct fault fault = gate->check(gate, &arena);
    if (fault_is(fault, FAULT_INVALID)) {
        gate->is_refused = true;
        log_error("schema.refused", LOG_TEXT("store", gate->store_name),
                  LOG_TEXT("problem", "Its URL cannot be read; `aizy check` says more."));
    } else if (fault_occurred(fault)) {
        log_warn("schema.unknown", LOG_TEXT("store", gate->store_name),
                 LOG_TEXT("reason", fault_row(fault.name)->code));
    }
    arena_release(&arena);
}
