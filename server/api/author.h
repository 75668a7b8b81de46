/*
 * author: the caller of a request as the author of what it changes in the catalogue, for the audit
 * trail.
 */
#ifndef AIZY_SERVER_API_AUTHOR_H
#define AIZY_SERVER_API_AUTHOR_H

#include "server/api/job.h"
#include "stores/product_store.h"

/* Borrows from the job, and lives as long. */
struct product_author author_of_job(const struct job *job);

#endif
