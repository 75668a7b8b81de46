#include "server/api/guard.h"

#include "base/clock.h"
#include "server/api/route.h"
#include "stores/session_store.h"

const char *const permission_names[PERMISSION_COUNT] = {
#define PERMISSION(name, text) [PERMISSION_##name] = (text),
#include "server/api/permissions.def"
#undef PERMISSION
};

bool guard_is_needed(const struct job *job) {
    return job->route->access != ACCESS_ANYONE || job->is_managing;
}

struct fault guard_check_token(struct job *job) {
    struct str header = job->request.authorization;
    struct str scheme = str_slice(header, 0, sizeof("Bearer ") - 1);
    ENSURE(str_equals_ignoring_case(scheme, STR("Bearer ")), FAULT_UNAUTHENTICATED);

    struct str token = str_trim(str_slice(header, scheme.size, header.size));
    return token_verify_access(&job->app->token_keys, &job->arena, token, clock_now_ms(),
                               &job->claims);
}

bool job_caller_may(const struct job *job, enum permission permission) {
    CHECK(permission > PERMISSION_NONE && permission < PERMISSION_COUNT);
    struct str wanted = str_of(permission_names[permission]);
    for (size_t i = 0; i < job->caller.permissions.count; i++) {
        if (str_equals(job->caller.permissions.items[i], wanted)) {
            return true;
        }
    }
    return false;
}

struct fault guard_check_caller(struct job *job) {
    const struct route *route = job->route;
    TRY(session_store_find_caller(job->mysql, &job->arena, job->claims.session_id,
                                  job->claims.user_id, &job->caller));
    if (route->access == ACCESS_PERMISSION) {
        ENSURE(job_caller_may(job, route->permission), FAULT_FORBIDDEN);
    }
    if (job->is_managing) {
        ENSURE(job_caller_may(job, route->managing), FAULT_FORBIDDEN);
    }
    return fault_none();
}
