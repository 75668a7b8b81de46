#include "stores/mongo/mongo_connection.h"

/* The first host of the URI, without user and password. */
static const char *address_of(const struct mongo_store *store) {
    const mongoc_host_list_t *hosts = mongoc_uri_get_hosts(store->uri);
    const char *service = mongoc_uri_get_srv_hostname(store->uri);
    return hosts != NULL ? hosts->host_and_port : service != NULL ? service : "the server";
}

static bool is_authentication(const bson_error_t *error) {
    return error->domain == MONGOC_ERROR_SASL || error->domain == MONGOC_ERROR_SCRAM ||
           (error->domain == MONGOC_ERROR_CLIENT &&
            error->code == MONGOC_ERROR_CLIENT_AUTHENTICATE) ||
           (error->domain == MONGOC_ERROR_SERVER && error->code == 18);
}

static bool is_refused_by_role(const bson_error_t *error) {
    return error->domain == MONGOC_ERROR_SERVER && error->code == 13;
}

static struct str explain(const struct mongo_store *store, struct arena *arena) {
    const char *address = address_of(store);
    const bson_error_t *error = &store->error;
    if (is_authentication(error)) {
        return arena_printf(arena,
                            "the server at %s does not accept the user and password of the URI: "
                            "mend them, or name the database that knows the user with "
                            "?authSource=admin",
                            address);
    }
    if (is_refused_by_role(error) && mongoc_uri_get_username(store->uri) == NULL) {
        return arena_printf(arena,
                            "the server at %s wants a user: write mongodb://user:password@... in "
                            "the URI",
                            address);
    }
    if (is_refused_by_role(error)) {
        return arena_printf(arena,
                            "the user may not use the database '%s': give it the role readWrite "
                            "and dbAdmin there",
                            mongoc_uri_get_database(store->uri));
    }
    if (mongoc_uri_get_tls(store->uri)) {
        return arena_printf(arena,
                            "cannot reach a MongoDB server over TLS at %s: start it, or mend "
                            "the address, tls and tlsCAFile in the URI",
                            address);
    }
    if (mongoc_uri_get_replica_set(store->uri) != NULL) {
        return arena_printf(arena,
                            "cannot reach a primary of the replica set '%s' at %s: start the "
                            "servers, or mend address and replicaSet in the URI",
                            mongoc_uri_get_replica_set(store->uri), address);
    }
    return arena_printf(arena,
                        "cannot reach a MongoDB server at %s: start it, or mend the address in "
                        "the URI",
                        address);
}

static struct fault ask(struct mongo_store *store, const char *command_name, bson_t *reply) {
    MONGO_BSON(command);
    mongo_put_int64(&command, command_name, 1);
    return mongo_connection_read(store, "store.diagnose", &command, reply);
}

/* A read of the database itself: hello and ping need no rights. */
static struct fault try_reading(struct mongo_store *store) {
    MONGO_BSON(command);
    MONGO_BSON(reply);
    mongo_put_str(&command, "count", STR("schema_migrations"));
    return mongo_connection_read(store, "store.diagnose", &command, &reply);
}

struct str mongo_store_diagnose(struct mongo_store *store, struct arena *arena) {
    MONGO_BSON(hello);
    if (fault_occurred(ask(store, "hello", &hello))) {
        return explain(store, arena);
    }
    bool is_router = str_equals(mongo_get_str(&hello, "msg"), STR("isdbgrid"));
    if (str_is_absent(mongo_get_str(&hello, "setName")) && !is_router) {
        return arena_printf(arena,
                            "the server at %s is a standalone mongod, which has no transactions: "
                            "start mongod with --replSet rs0 and run: mongosh --eval "
                            "'rs.initiate()'",
                            address_of(store));
    }
    if (fault_occurred(try_reading(store))) {
        return explain(store, arena);
    }
    return (struct str){0};
}
