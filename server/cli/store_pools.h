/*
 * store_pools: the pools of `aizy serve`, each with its workers and their connections.
 */
#ifndef AIZY_SERVER_CLI_STORE_POOLS_H
#define AIZY_SERVER_CLI_STORE_POOLS_H

#include "server/api/app.h"
#include "server/cli/gate.h"

struct store_pools {
    struct app *app;
    struct gate *mysql_gate;
    struct gate *mongo_gate;
};

/* Fills app->pools. Everything is borrowed until store_pools_close. */
void store_pools_open(struct store_pools *pools);

/* Runs what waits, ends the threads. Nothing submits any more. */
void store_pools_close(struct store_pools *pools);

#endif
