#include "server/api/author.h"

struct product_author author_of_job(const struct job *job) {
    return (struct product_author){.user_id = job->caller.id,
                                   .address = job->request.address,
                                   .request_id = str_of(job->request_id),
                                   .default_currency = job->app->config->currency};
}
