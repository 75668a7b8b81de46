/*
 * admin_database: whether the administrators' database can be reached.
 */
#ifndef AIZY_SINKS_ADMIN_DATABASE_H
#define AIZY_SINKS_ADMIN_DATABASE_H

#include <stdint.h>

#include "base/arena.h"

/*
 * Connects to `url` (ADMIN_DATABASE_URL: postgresql:// or postgres://), asks one question and
 * disconnects. Absent when all is well, else what is wrong and how to mend it as one sentence in
 * the arena, which never has the password. Waits for `timeout_ms` at most.
 *
 * How the URL is read: sinks/postgres_url.h. May be called in any thread.
 */
struct str admin_database_diagnose(struct str url, int64_t timeout_ms, struct arena *arena);

#endif
