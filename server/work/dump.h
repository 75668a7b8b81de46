/*
 * dump: the state of what works, into the log, for whoever asks by SIGUSR1.
 *
 * A line for each pool ("dump.pool"), store ("dump.store"), the parked jobs ("dump.parked") and the
 * cache ("dump.cache"). Nothing is stopped or waited for. The jobs under way are the HTTP layer's
 * to tell (server/http/server.h).
 */
#ifndef AIZY_SERVER_WORK_DUMP_H
#define AIZY_SERVER_WORK_DUMP_H

#include "server/api/app.h"

/* In any thread. */
void dump_work(struct app *app);

#endif
