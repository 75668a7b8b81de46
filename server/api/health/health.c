#include "server/api/health/health.h"

#include "server/api/reply.h"

struct liveness {
    struct str status;
};

static const struct field liveness_fields[] = {
    {.name = "status",
     .type = FIELD_STR,
     .offset = offsetof(struct liveness, status),
     .doc = "Always \"ok\"."},
};

const struct schema liveness_schema = SCHEMA("Liveness", struct liveness, liveness_fields);

struct readiness_reply {
    struct str status, mysql, mongo, change_stream, admin_sync;
};

static const char *const readiness_states[] = {"ok", "degraded", "down", NULL};
static const char *const store_states[] = {"up", "down", "off", NULL};

#define STORE_FIELD(member, text)                                                               \
    {                                                                                           \
        .name = #member, .type = FIELD_STR, .offset = offsetof(struct readiness_reply, member), \
        .choices = store_states, .doc = (text)                                                  \
    }

static const struct field readiness_fields[] = {
    {.name = "status",
     .type = FIELD_STR,
     .offset = offsetof(struct readiness_reply, status),
     .choices = readiness_states,
     .doc = "\"degraded\" when one of the stores, or the change stream, is down."},
    STORE_FIELD(mysql, "The store of people and sessions."),
    STORE_FIELD(mongo, "The store of the catalogue."),
    STORE_FIELD(change_stream, "What tells this process of others' changes of the catalogue; while "
                               "it is down, answers about products are not kept for long."),
    STORE_FIELD(admin_sync, "The copy to the administrators' database."),
};

const struct schema readiness_schema =
    SCHEMA("Readiness", struct readiness_reply, readiness_fields);

const struct schema any_object_schema = {.name = "Document", .size = 1};

struct fault health_live(struct job *job) {
    static const struct liveness live = {STR_INIT("ok")};
    return reply_object(job, &live);
}

static struct str state_text(bool is_up) {
    return is_up ? STR("up") : STR("down");
}

static struct str stream_text(struct app *app) {
    if (app->follower == NULL) {
        return STR("off");
    }
    return state_text(catalogue_follower_figures(app->follower).is_up);
}

struct fault health_ready(struct job *job) {
    bool mysql = breaker_would_admit(&job->app->mysql_breaker);
    bool mongo = breaker_would_admit(&job->app->mongo_breaker);
    bool is_stopping = atomic_load(&job->app->is_stopping);
    struct readiness_reply reply = {.mysql = state_text(mysql),
                                    .mongo = state_text(mongo),
                                    .change_stream = stream_text(job->app),
                                    .admin_sync = STR("off")};
    if (is_stopping || (!mysql && !mongo)) {
        reply.status = STR("down");
        reply_status(job, 503);
        reply_header(job, "retry-after", STR("1"));
    } else {
        bool is_whole = mysql && mongo && !str_equals(reply.change_stream, STR("down"));
        reply.status = is_whole ? STR("ok") : STR("degraded");
    }
    return reply_object(job, &reply);
}

struct fault health_openapi(struct job *job) {
    return reply_json(job, job->app->openapi);
}
