#include "base/clock.h"
#include "base/stripes.h"
#include "server/api/answer_cache.h"
#include "server/api/inventory/inventory.h"
#include "server/api/inventory/reservation_schema.h"
#include "server/api/reply.h"
#include "server/security/cart_token.h"
#include "stores/product.h"

/* What a stage of this file finds in job->state. */
struct reserving {
    struct str owner;
    struct str cart_token;          /* made just now; absent */
    struct reservation reservation; /* of a route that names one */
};

/* Of a user, or of the cart whose token was shown; absent: a guest without one. */
static struct str owner_of(struct job *job) {
    if (job->caller.id != 0) {
        return arena_printf(&job->arena, "user:%lld", (long long)job->caller.id);
    }
    if (str_is_absent(job->cart_token)) {
        return (struct str){NULL, 0};
    }
    struct str digest = cart_token_owner(&job->arena, job->cart_token);
    return arena_printf(&job->arena, "cart:%.*s", STR_ARG(digest));
}

static struct fault run_holding(struct job *job, const struct str *names, size_t count,
                                job_step *run) {
    struct stripes *stripes = job->app->stock_stripes;
    struct stripes_hold hold;
    ENSURE(stripes_take(stripes, names, count, job->app->config->stock_wait_ms, &hold), FAULT_BUSY);
    struct fault fault = run(job);
    stripes_give(stripes, &hold);
    return fault;
}

struct fault inventory_holding_sku(struct job *job, job_step *run) {
    return run_holding(job, &job->path_values[0], 1, run);
}

static struct fault check_lines(struct job *job, const struct reservation_line_list *lines) {
    bool is_well = true;
    for (size_t i = 0; i < lines->count; i++) {
        for (size_t at = 0; at < i; at++) {
            if (str_equals(lines->items[i].sku, lines->items[at].sku)) {
                struct str field = arena_printf(&job->arena, "lines[%zu].sku", i);
                violations_add(&job->violations, field, "comes twice");
                is_well = false;
            }
        }
    }
    ENSURE(is_well, FAULT_INVALID);
    return fault_none();
}

/* With the SKUs the caller, so that his limits are counted right. */
struct fault reservation_holding_lines(struct job *job, job_step *run) {
    const struct reservation_body *body = job->body;
    struct reserving *reserving = ARENA_NEW(&job->arena, struct reserving);
    struct str names[RESERVATION_LINES_MAX + 1];
    TRY(check_lines(job, &body->lines));
    if (job->caller.id == 0 && str_is_absent(job->cart_token)) {
        reserving->cart_token = cart_token_make(&job->app->cart_keys, &job->arena);
        job->cart_token = reserving->cart_token;
    }
    reserving->owner = owner_of(job);
    job->state = reserving;
    for (size_t i = 0; i < body->lines.count; i++) {
        names[i] = body->lines.items[i].sku;
    }
    names[body->lines.count] = reserving->owner;
    return run_holding(job, names, body->lines.count + 1, run);
}

static bool is_owner(const struct reserving *reserving) {
    return !str_is_absent(reserving->owner) &&
           str_equals(reserving->owner, reserving->reservation.owner);
}

static struct fault find(struct job *job, struct reserving **found) {
    struct reserving *reserving = ARENA_NEW(&job->arena, struct reserving);
    ENSURE(product_id_is_valid(job->path_values[0]), FAULT_NOT_FOUND);
    TRY(reservation_store_find(job->mongo, &job->arena, job->path_values[0],
                               &reserving->reservation));
    reserving->owner = owner_of(job);
    job->state = *found = reserving;
    return fault_none();
}

/* What is read here, before the transaction, never changes: whose it is, and its lines. */
struct fault reservation_holding_found(struct job *job, job_step *run) {
    struct reserving *reserving = NULL;
    struct str names[RESERVATION_LINES_MAX];
    TRY(find(job, &reserving));
    const struct reservation_line_list *lines = &reserving->reservation.lines;
    ENSURE(lines->count >= 1 && lines->count <= RESERVATION_LINES_MAX, FAULT_INTERNAL);
    for (size_t i = 0; i < lines->count; i++) {
        names[i] = lines->items[i].sku;
    }
    return run_holding(job, names, lines->count, run);
}

static struct fault answer(struct job *job, const struct reservation *reservation) {
    const struct reserving *reserving = job->state;
    bool is_over =
        reservation->status == RESERVATION_ACTIVE && reservation->expires_at_ms <= clock_now_ms();
    const struct reservation_view view = {
        .id = reservation->id,
        .lines = reservation->lines,
        .status = (int)(is_over ? RESERVATION_EXPIRED : reservation->status),
        .expires_at_ms = reservation->expires_at_ms,
        .cart_token = reserving->cart_token,
    };
    if (!str_is_absent(view.cart_token)) {
        reply_header(job, "x-cart-token", view.cart_token);
    }
    return reply_object(job, &view);
}

static void note_shown(struct job *job, const struct str_list *shown) {
    for (size_t i = 0; i < shown->count; i++) {
        answer_cache_note(job, shown->items[i]);
    }
}

struct fault reservation_create(struct job *job) {
    const struct reservation_body *body = job->body;
    const struct reserving *reserving = job->state;
    const struct config *config = job->app->config;
    bool is_guest = job->caller.id == 0;
    int64_t ttl_seconds =
        body->ttl_seconds == INT64_ABSENT ? RESERVATION_TTL_DEFAULT_SECONDS : body->ttl_seconds;
    struct reservation_request request = {
        .owner = reserving->owner,
        .user_id = is_guest ? INT64_ABSENT : job->caller.id,
        .lines = body->lines,
        .ttl_ms = ttl_seconds * 1000,
        .owner_limit = {config->reservations_per_caller, config->reserved_units_per_caller},
        .place_limit = {config->reservations_per_address, config->reserved_units_per_address},
    };
    struct reservation reservation;
    struct str_list shown;

    if (is_guest) {
        request.place = cart_token_place(&job->app->cart_keys, &job->arena, job->request.address);
    }
    TRY(reservation_store_make(job->mongo, &job->arena, &request, &job->violations, &reservation,
                               &shown));
    note_shown(job, &shown);
    reply_header(
        job, "location",
        arena_printf(&job->arena, "/api/inventory/reservations/%.*s", STR_ARG(reservation.id)));
    return answer(job, &reservation);
}

struct fault reservation_show(struct job *job) {
    struct reserving *reserving = NULL;
    TRY(find(job, &reserving));
    bool is_staff = job->caller.id != 0 && job_caller_may(job, PERMISSION_INVENTORY_READ);
    ENSURE(is_owner(reserving) || is_staff, FAULT_NOT_FOUND);
    return answer(job, &reserving->reservation);
}

static struct fault end(struct job *job, enum reservation_status status) {
    const struct reserving *reserving = job->state;
    struct reservation reservation = reserving->reservation;
    struct str_list shown;
    int64_t user_id = job->caller.id == 0 ? INT64_ABSENT : job->caller.id;
    TRY(reservation_store_end(job->mongo, &job->arena, status, user_id, &reservation, &shown));
    note_shown(job, &shown);
    return answer(job, &reservation);
}

struct fault reservation_release(struct job *job) {
    ENSURE(is_owner(job->state), FAULT_NOT_FOUND);
    return end(job, RESERVATION_RELEASED);
}

struct fault reservation_commit(struct job *job) {
    return end(job, RESERVATION_COMMITTED);
}
