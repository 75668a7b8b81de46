/*
 * seed_products: `aizy seed --products N`, a made-up catalogue (server/catalogue/made_up.h).
 */
#ifndef AIZY_SERVER_CLI_SEED_PRODUCTS_H
#define AIZY_SERVER_CLI_SEED_PRODUCTS_H

#include "server/cli/command.h"
#include "server/cli/context.h"

#define SEED_PRODUCTS_MAX 1000000

/*
 * Makes products number 1 to `count` that are not there yet, through the store's own functions, in
 * batches: memory does not grow with the count. Prints how far it is.
 */
MUST_USE enum command_result seed_products(struct context *context, int64_t count);

#endif
