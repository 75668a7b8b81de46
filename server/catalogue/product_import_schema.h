/*
 * product_import_schema: the report of an import as JSON, for the command line and the API.
 */
#ifndef AIZY_SERVER_CATALOGUE_PRODUCT_IMPORT_SCHEMA_H
#define AIZY_SERVER_CATALOGUE_PRODUCT_IMPORT_SCHEMA_H

#include "server/api/schema.h"

extern const struct schema product_import_report_schema; /* struct product_import_report */

#endif
