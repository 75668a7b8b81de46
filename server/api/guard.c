#include "server/api/guard.h"

#include "base/clock.h"
#include "server/api/route.h"
#include "server/security/cart_token.h"
#include "server/security/token_cache.h"
#include "stores/session_store.h"

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
