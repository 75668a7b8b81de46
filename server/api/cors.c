#include "server/api/cors.h"

#include "server/api/reply.h"
#include "server/api/route.h"

static bool origin_is_allowed(const struct job *job) {
    const struct str_list *origins = &job->app->cors_origins;
    for (size_t i = 0; i < origins->count; i++) {
        if (str_equals(origins->items[i], job->request.origin)) {
            return true;
        }
    }
    return false;
}

void cors_answer_options(struct job *job, unsigned allowed_methods) {
    reply_status(job, 204);
    reply_header(job, "allow", route_allow_text(allowed_methods, &job->arena));
    if (str_is_absent(job->request.cors_method) || !origin_is_allowed(job)) {
        return;
    }
    reply_header(job, "access-control-allow-methods", STR("GET, POST, PUT, PATCH, DELETE"));
    reply_header(job, "access-control-allow-headers",
                 STR("Content-Type, Authorization, X-API-Key, If-Match, If-None-Match, "
                     "Idempotency-Key, X-Cart-Token"));
    reply_header(job, "access-control-max-age", STR("600"));
}

void cors_finish(struct job *job) {
    reply_header(job, "vary",
                 job->reply.ready != NULL ? STR("Accept-Encoding, Origin") : STR("Origin"));
    if (!origin_is_allowed(job)) {
        return;
    }
    reply_header(job, "access-control-allow-origin", job->request.origin);
    reply_header(job, "access-control-allow-credentials", STR("true"));
    reply_header(job, "access-control-expose-headers",
                 STR("ETag, Location, Retry-After, X-Request-Id, RateLimit-Limit, "
                     "RateLimit-Remaining, RateLimit-Reset, X-Cart-Token"));
}
