#include "stores/mongo/inventory_ledger.h"

#include "stores/mongo/mongo_command.h"
#include "stores/mongo/mongo_transaction.h"
#include "stores/mongo/product_document.h"
#include "stores/product_store.h"

/* What a level's document becomes. */
enum fate { FATE_KEPT, FATE_UPDATED, FATE_INSERTED, FATE_DELETED, FATE_MOVED };

static enum fate fate_of(const struct ledger_level *level) {
    if (level->is_removed) {
        return level->is_new ? FATE_KEPT : FATE_DELETED;
    }
    if (level->is_new) {
        return FATE_INSERTED;
    }
    if (!str_equals(level->before.sku, level->now.sku)) {
        return FATE_MOVED;
    }
    bool is_same = level->before.seq == level->now.seq && level->before.low_at == level->now.low_at;
    return is_same ? FATE_KEPT : FATE_UPDATED;
}

/* A statement of an update or delete command, and how many there are. */
struct statements {
    bson_t list;
    uint32_t count;
};

static void begin_statement(struct statements *statements, bson_t *statement) {
    char buffer[16];
    const char *key = NULL;
    bson_uint32_to_string(statements->count++, &key, buffer, sizeof(buffer));
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&statements->list, key, statement));
}

static void put_as_it_was(const struct ledger_level *level, bson_t *statement) {
    bson_t query;
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(statement, "q", &query));
    mongo_put_str(&query, "_id", level->before.sku);
    mongo_put_id(&query, "variant_id", level->before.variant_id);
    mongo_put_int64(&query, "seq", level->before.seq);
    CHECK(bson_append_document_end(statement, &query));
}

/* All statements have found their document, or somebody else was faster. */
static struct fault run_exactly(struct mongo_store *store, const char *name, const bson_t *command,
                                uint32_t count) {
    MONGO_BSON(reply);
    TRY(mongo_connection_write(store, name, command, &reply));
    return mongo_get_int64(&reply, "n") == count ? fault_none()
                                                 : mongo_transaction_overtaken(store);
}

static struct fault delete_levels(struct mongo_store *store, const struct ledger *ledger) {
    MONGO_BSON(command);
    struct statements statements = {.count = 0};
    mongo_put_str(&command, "delete", STR("inventory"));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&command, "deletes", &statements.list));
    for (size_t i = 0; i < ledger->count; i++) {
        enum fate fate = fate_of(ledger->levels[i]);
        if (fate == FATE_DELETED || fate == FATE_MOVED) {
            bson_t statement;
            begin_statement(&statements, &statement);
            put_as_it_was(ledger->levels[i], &statement);
            mongo_put_int64(&statement, "limit", 1);
            CHECK(bson_append_document_end(&statements.list, &statement));
        }
    }
    CHECK(bson_append_array_end(&command, &statements.list));
    return statements.count == 0
               ? fault_none()
               : run_exactly(store, "inventory.remove", &command, statements.count);
}

static struct fault insert_levels(struct mongo_store *store, const struct ledger *ledger) {
    MONGO_BSON(command);
    struct statements statements = {.count = 0};
    mongo_put_str(&command, "insert", STR("inventory"));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&command, "documents", &statements.list));
    for (size_t i = 0; i < ledger->count; i++) {
        enum fate fate = fate_of(ledger->levels[i]);
        if (fate == FATE_INSERTED || fate == FATE_MOVED) {
            bson_t document;
            begin_statement(&statements, &document);
            mongo_shape_encode(&level_shape, &ledger->levels[i]->now, &document);
            CHECK(bson_append_document_end(&statements.list, &document));
        }
    }
    CHECK(bson_append_array_end(&command, &statements.list));
    return statements.count == 0
               ? fault_none()
               : run_exactly(store, "inventory.insert", &command, statements.count);
}

static struct fault update_levels(struct mongo_store *store, const struct ledger *ledger) {
    MONGO_BSON(command);
    struct statements statements = {.count = 0};
    mongo_put_str(&command, "update", STR("inventory"));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&command, "updates", &statements.list));
    for (size_t i = 0; i < ledger->count; i++) {
        if (fate_of(ledger->levels[i]) == FATE_UPDATED) {
            bson_t statement;
            bson_t document;
            begin_statement(&statements, &statement);
            put_as_it_was(ledger->levels[i], &statement);
            CHECK(BSON_APPEND_DOCUMENT_BEGIN(&statement, "u", &document));
            mongo_shape_encode(&level_shape, &ledger->levels[i]->now, &document);
            CHECK(bson_append_document_end(&statement, &document));
            CHECK(bson_append_document_end(&statements.list, &statement));
        }
    }
    CHECK(bson_append_array_end(&command, &statements.list));
    return statements.count == 0
               ? fault_none()
               : run_exactly(store, "inventory.update", &command, statements.count);
}

static struct fault insert_movements(struct mongo_store *store, const struct ledger *ledger) {
    MONGO_BSON(command);
    struct statements statements = {.count = 0};
    if (ledger->movement_count == 0) {
        return fault_none();
    }
    mongo_put_str(&command, "insert", STR("movements"));
    CHECK(BSON_APPEND_ARRAY_BEGIN(&command, "documents", &statements.list));
    for (const struct ledger_movement *at = ledger->first; at != NULL; at = at->next) {
        bson_t document;
        begin_statement(&statements, &document);
        mongo_shape_encode(&movement_shape, &at->movement, &document);
        CHECK(bson_append_document_end(&statements.list, &document));
    }
    CHECK(bson_append_array_end(&command, &statements.list));
    struct fault fault = run_exactly(store, "movement.insert", &command, statements.count);
    /* The number has been taken by another transaction: the next try gets the one after. */
    store->is_transient = store->is_transient || fault_is(fault, FAULT_CONFLICT);
    return fault;
}

/* All are removed before any is made, so that two variants may swap SKUs. */
struct fault ledger_write(struct mongo_store *store, struct ledger *ledger) {
    TRY(delete_levels(store, ledger));
    TRY(insert_levels(store, ledger));
    TRY(update_levels(store, ledger));
    return insert_movements(store, ledger);
}

/* What the public sees of it. */
static int64_t shown_of(const struct inventory_level *level) {
    int64_t available = level->available < 0 ? 0 : level->available;
    return available > PRODUCT_PUBLIC_AVAILABLE_MAX ? PRODUCT_PUBLIC_AVAILABLE_MAX : available;
}

static bool is_among(const struct str_list *ids, struct str id) {
    for (size_t i = 0; i < ids->count; i++) {
        if (str_equals(ids->items[i], id)) {
            return true;
        }
    }
    return false;
}

static struct fault show_product(struct mongo_store *store, struct arena *arena, struct str id) {
    MONGO_BSON(filter);
    MONGO_BSON(update);
    bson_t set;
    int64_t matched = 0;
    struct product_record record;
    struct fault fault = product_record_find_by_id(store, arena, id, &record);
    if (fault_is(fault, FAULT_NOT_FOUND)) {
        return fault_none();
    }
    TRY(fault);
    mongo_put_id(&filter, "_id", id);
    mongo_put_int64(&filter, "stock_seq", record.product.stock_seq);
    CHECK(BSON_APPEND_DOCUMENT_BEGIN(&update, "$set", &set));
    mongo_put_int64(&set, "stock_seq", record.product.stock_seq + 1);
    CHECK(BSON_APPEND_BOOL(&set, "in_stock", record.product.in_stock));
    CHECK(bson_append_document_end(&update, &set));
    TRY(mongo_command_update(store, "product.stock", "products", &filter, &update, MONGO_UPDATE_ONE,
                             &matched));
    return matched == 1 ? fault_none() : mongo_transaction_overtaken(store);
}

struct fault ledger_show(struct mongo_store *store, const struct ledger *ledger,
                         struct str_list *shown) {
    *shown =
        (struct str_list){arena_alloc_array(ledger->arena, ledger->count, sizeof(struct str)), 0};
    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_level *level = ledger->levels[i];
        bool is_other = shown_of(&level->before) != shown_of(&level->now);
        if (is_other && !is_among(shown, level->now.product_id)) {
            shown->items[shown->count++] = level->now.product_id;
            TRY(show_product(store, ledger->arena, level->now.product_id));
        }
    }
    return fault_none();
}
