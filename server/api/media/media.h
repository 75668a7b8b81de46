/*
 * media: GET /media/:name, the files of uploaded images.
 */
#ifndef AIZY_SERVER_API_MEDIA_MEDIA_H
#define AIZY_SERVER_API_MEDIA_MEDIA_H

#include "server/api/job.h"

struct fault media_show(struct job *job); /* in the files pool */

#endif
