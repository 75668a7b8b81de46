/*
 * fault_injection: lets a test make one call of a store's driver fail. For builds with AIZY_DEBUG;
 * in others the functions are empty and FAULT_INJECT_FILE is refused, as it is in production.
 *
 * FAULT_INJECT_FILE names a file that does not exist yet. Whoever writes it (under another name,
 * then renames it, so that it is whole) arms a fault for the process:
 *
 *     mysql:7:fail     the 7th call of a driver from now on fails without having been sent
 *     mysql:7:hang     ... is not carried out, and no answer comes in the time it may take
 *     mongo:7:lost     ... is carried out, and its answer is lost
 *     mongo:7+:fail    the 7th and all later ones, until "<file>.fired" is removed
 *
 * When the fault strikes the file is renamed to "<file>.fired"; removing it before disarms it.
 * Connecting, preparing a statement, a statement and each step of a transaction are calls. Only
 * stores with a watch take part (store_watch.h), which are those of the pools.
 */
#ifndef AIZY_STORES_FAULT_INJECTION_H
#define AIZY_STORES_FAULT_INJECTION_H

#include <stdint.h>

#include "base/str.h"
#include "stores/store_watch.h"

enum fault_injection { INJECT_NOTHING = 0, INJECT_FAIL, INJECT_HANG, INJECT_LOST };

#ifdef AIZY_DEBUG

/* Before any thread starts; copied. CHECKs that the path is short enough to be one. */
void fault_injection_init(struct str path);

/* For the choke points, once for each call: what is to happen to it. INJECT_HANG has waited. */
enum fault_injection fault_injection_next(const char *store, const struct store_watch *watch,
                                          int64_t timeout_ms);

#else

static inline void fault_injection_init(struct str path) {
    (void)path;
}

static inline enum fault_injection
fault_injection_next(const char *store, const struct store_watch *watch, int64_t timeout_ms) {
    (void)store;
    (void)watch;
    (void)timeout_ms;
    return INJECT_NOTHING;
}

#endif

#endif
