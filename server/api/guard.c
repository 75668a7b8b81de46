#include "server/api/guard.h"

#include "base/clock.h"
#include "base/log.h"
#include "server/api/route.h"
#include "server/security/cart_token.h"
#include "server/security/token_cache.h"

const char *const permission_names[PERMISSION_COUNT] = {
#define PERMISSION(name, text) [PERMISSION_##name] = (text),
#include "server/api/permissions.def"
#undef PERMISSION
};

bool guard_is_needed(const struct job *job) {
    enum access access = job->route->access;
    bool is_guest = str_is_absent(job->request.authorization);
    return access == ACCESS_USER || access == ACCESS_PERMISSION || job->is_managing ||
           (access == ACCESS_USER_OR_CART && !is_guest);
}

static struct fault read_bearer(const struct job *job, struct str *token) {
    struct str header = job->request.authorization;
    struct str scheme = str_slice(header, 0, sizeof("Bearer ") - 1);
    ENSURE(str_equals_ignoring_case(scheme, STR("Bearer ")), FAULT_UNAUTHENTICATED);
    *token = str_trim(str_slice(header, scheme.size, header.size));
    return fault_none();
}

static bool is_from_this_machine(const struct request *request) {
    bool is_loopback =
        str_starts_with(request->address, STR("127.")) || str_equals(request->address, STR("::1"));
    return is_loopback && str_is_absent(request->forwarded) &&
           str_is_absent(request->forwarded_for);
}

struct fault guard_check_reader_of_metrics(const struct job *job) {
    if (is_from_this_machine(&job->request)) {
        return fault_none();
    }
    struct str wanted = job->app->config->metrics_token;
    struct str token;
    ENSURE(!str_is_absent(wanted), FAULT_FORBIDDEN);
    TRY(read_bearer(job, &token));
    ENSURE(str_equals_in_constant_time(token, wanted), FAULT_UNAUTHENTICATED);
    return fault_none();
}

struct fault guard_check_guest(struct job *job) {
    struct str token = job->request.cart_token;
    if (str_is_absent(token)) {
        ENSURE(job->route->gives_cart, FAULT_UNAUTHENTICATED);
        return fault_none();
    }
    ENSURE(cart_token_is_genuine(&job->app->cart_keys, &job->arena, token), FAULT_UNAUTHENTICATED);
    job->cart_token = token;
    return fault_none();
}

struct fault guard_check_token(struct job *job) {
    struct str token;
    TRY(read_bearer(job, &token));
    return token_cache_verify(job->token_cache, &job->app->token_keys, &job->arena, token,
                              clock_now_ms(), &job->claims);
}

struct actor job_actor(const struct job *job) {
    return (struct actor){.user_id = job->caller.id,
                          .address = job->request.address,
                          .user_agent = str_slice(job->request.user_agent, 0, 255),
                          .request_id = str_of(job->request_id)};
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

/* What is asked about together with others must not wait for what they do with mysql next. */
static bool may_be_asked_with_others(const void *item) {
    const struct job *job = item;
    return !job->guard_is_done && guard_is_needed(job) && job->route->stages[0].pool != POOL_MYSQL;
}

size_t guard_gather(struct job *group[static GUARD_GROUP_MAX]) {
    /* A store that is in doubt is asked by one at a time. */
    struct app *app = group[0]->app;
    if (!may_be_asked_with_others(group[0]) || !breaker_is_closed(&app->mysql_breaker)) {
        return 1;
    }
    void *others[GUARD_GROUP_MAX - 1];
    size_t count =
        pool_take(app->pools[POOL_MYSQL], may_be_asked_with_others, others, COUNT_OF(others));
    memcpy(&group[1], others, count * sizeof others[0]);
    return count + 1;
}

void guard_find_callers(struct mysql_store *mysql, struct job *const *jobs, size_t count) {
    CHECK(count <= GUARD_GROUP_MAX);
    struct session_caller callers[GUARD_GROUP_MAX];
    for (size_t i = 0; i < count; i++) {
        callers[i] = (struct session_caller){.session_id = jobs[i]->claims.session_id,
                                             .user_id = jobs[i]->claims.user_id,
                                             .arena = &jobs[i]->arena};
    }
    log_set_request_id(str_of(jobs[0]->request_id));
    session_store_find_callers(mysql, callers, count);
    for (size_t i = 0; i < count; i++) {
        jobs[i]->caller = callers[i].user;
        jobs[i]->caller_fault = callers[i].fault;
        jobs[i]->caller_is_known = true;
    }
}

static struct fault find_caller(struct job *job) {
    if (job->caller_is_known) {
        return job->caller_fault;
    }
    return session_store_find_caller(job->mysql, &job->arena, job->claims.session_id,
                                     job->claims.user_id, &job->caller);
}

struct fault guard_check_caller(struct job *job) {
    const struct route *route = job->route;
    TRY(find_caller(job));
    if (route->access == ACCESS_PERMISSION) {
        ENSURE(job_caller_may(job, route->permission), FAULT_FORBIDDEN);
    }
    if (job->is_managing) {
        ENSURE(job_caller_may(job, route->managing), FAULT_FORBIDDEN);
    }
    return fault_none();
}
