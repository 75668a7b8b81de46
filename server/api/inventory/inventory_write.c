#include "server/api/answer_cache.h"
#include "server/api/inventory/inventory.h"
#include "server/api/inventory/inventory_schema.h"
#include "server/api/reply.h"

struct fault inventory_adjust(struct job *job) {
    const struct inventory_adjust_body *body = job->body;
    const struct inventory_adjustment adjustment = {
        .delta = body->delta,
        .reason = body->reason,
        .reference = body->reference,
        .user_id = job->caller.id,
    };
    struct inventory_level level;
    bool shows = false;

    if (body->delta == 0) {
        violations_add(&job->violations, STR("delta"), "must not be 0");
        return fault_of(FAULT_INVALID);
    }
    TRY(inventory_store_adjust(job->mongo, &job->arena, job->path_values[0], &adjustment,
                               &job->violations, &level, &shows));
    if (shows) {
        answer_cache_note(job, level.product_id);
    }
    return reply_object(job, &level);
}

struct fault inventory_update(struct job *job) {
    const struct inventory_edit *edit = job->body;
    struct inventory_level level;
    if (edit->low_at_given) {
        TRY(inventory_store_set_low_at(job->mongo, &job->arena, job->path_values[0], edit->low_at,
                                       &level));
    } else {
        TRY(inventory_store_find(job->mongo, &job->arena, job->path_values[0], &level));
    }
    return reply_object(job, &level);
}
