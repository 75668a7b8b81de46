#include "server/work/reservation_expiry.h"

#include <stdlib.h>

#include "base/cache.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/stripes.h"
#include "server/work/chore.h"
#include "stores/reservation_store.h"

#define EXPIRY_ARENA_BYTES ((size_t)64 << 20)
/* Looked at together; how many of them are ended together is bounded by their lines. */
#define DUE_MAX 64
/* A sweep ends then, so that a stopping process does not wait for it. */
#define BATCHES_MAX 100

struct reservation_expiry {
    struct reservation_expiry_options options;
    struct mongo_store *store; /* the thread's */
    struct chore chore;
};

/* What one look found, and what came of it. */
struct sweep {
    struct reservation_expiry *expiry;
    struct arena arena;  /* of one batch */
    size_t skip;         /* that could not be expired: at the next sweep again */
    int64_t next_due_ms; /* of the first that is not due yet; INT64_ABSENT */
    bool is_over;
};

static void drop_answers(struct app *app, const struct str_list *shown) {
    for (size_t i = 0; app->cache != NULL && i < shown->count; i++) {
        cache_drop(app->cache, shown->items[i]);
    }
}

static struct fault expire_holding(struct sweep *sweep, const struct reservation_list *batch) {
    struct app *app = sweep->expiry->options.app;
    struct str_list shown = {0};
    struct stripes_hold hold;
    struct str names[RESERVATION_EXPIRE_MAX_LINES];
    size_t count = 0;
    for (size_t i = 0; i < batch->count; i++) {
        for (size_t at = 0; at < batch->items[i].lines.count; at++) {
            names[count++] = batch->items[i].lines.items[at].sku;
        }
    }
    ENSURE(count > 0, FAULT_INTERNAL);
    ENSURE(stripes_take(app->stock_stripes, names, count, app->config->stock_wait_ms, &hold),
           FAULT_BUSY);
    struct fault fault =
        reservation_store_expire(sweep->expiry->store, &sweep->arena, batch, &shown);
    stripes_give(app->stock_stripes, &hold);
    if (fault_is(fault, FAULT_OUTCOME_UNKNOWN) && app->cache != NULL) {
        cache_flush(app->cache);
    }
    TRY(fault);
    drop_answers(app, &shown);
    log_info("reservations.expired", LOG_INT("count", batch->count));
    return fault_none();
}

/* The first of them that go together. */
static struct reservation_list batch_of(const struct reservation_list *due) {
    struct reservation_list batch = {due->items, 0};
    size_t lines = 0;
    while (batch.count < due->count) {
        lines += due->items[batch.count].lines.count;
        if (batch.count > 0 && lines > RESERVATION_EXPIRE_MAX_LINES) {
            break;
        }
        batch.count++;
    }
    return batch;
}

/* Somebody else has ended one of them, or the store cannot be reached. */
static bool is_told_by_looking_again(struct fault fault) {
    return fault_is(fault, FAULT_CONFLICT) || fault_is(fault, FAULT_NONE);
}

static bool is_out_of_reach(struct fault fault) {
    return fault_is(fault, FAULT_STORE_DOWN) || fault_is(fault, FAULT_OUTCOME_UNKNOWN);
}

/* One that is damaged holds up none of the others. */
static struct fault expire_each(struct sweep *sweep, const struct reservation_list *batch) {
    for (size_t i = 0; i < batch->count; i++) {
        const struct reservation_list one = {&batch->items[i], 1};
        struct fault fault = expire_holding(sweep, &one);
        if (is_out_of_reach(fault)) {
            return fault;
        }
        if (!is_told_by_looking_again(fault)) {
            log_warn("reservation.not_expired", LOG_STR("id", batch->items[i].id),
                     LOG_TEXT("fault", fault_row(fault.name)->code));
            sweep->skip++;
        }
    }
    return fault_none();
}

/* How many are due among those found; notes when the next one is. */
static size_t count_due(struct sweep *sweep, const struct reservation_list *found) {
    int64_t now_ms = clock_now_ms();
    size_t count = 0;
    while (count < found->count && found->items[count].expires_at_ms <= now_ms) {
        count++;
    }
    sweep->next_due_ms = count < found->count ? found->items[count].expires_at_ms : INT64_ABSENT;
    return count;
}

static struct fault sweep_once(struct sweep *sweep) {
    struct reservation_expiry *expiry = sweep->expiry;
    struct reservation_list due;
    int64_t until_ms = clock_now_ms() + expiry->options.app->config->reservation_sweep_ms;
    TRY(reservation_store_due(expiry->store, &sweep->arena, until_ms, DUE_MAX, sweep->skip, &due));
    due.count = count_due(sweep, &due);
    sweep->is_over = due.count == 0;
    if (sweep->is_over) {
        return fault_none();
    }
    const struct reservation_list batch = batch_of(&due);
    struct fault fault = expire_holding(sweep, &batch);
    if (is_told_by_looking_again(fault)) {
        return fault_none();
    }
    return is_out_of_reach(fault) ? fault : expire_each(sweep, &batch);
}

/* How long until there is something to do, as far as can be told now. */
static int64_t run(void *context, struct mongo_store *store) {
    struct reservation_expiry *expiry = context;
    int64_t longest_ms = expiry->options.app->config->reservation_sweep_ms;
    struct sweep sweep = {.expiry = expiry, .next_due_ms = INT64_ABSENT};
    struct fault fault = fault_none();
    expiry->store = store;
    arena_init(&sweep.arena, EXPIRY_ARENA_BYTES);
    for (int i = 0; i < BATCHES_MAX && !sweep.is_over && !fault_occurred(fault); i++) {
        bool may_ask =
            !chore_is_ending(&expiry->chore) && expiry->options.may_ask(expiry->options.context);
        fault = may_ask ? sweep_once(&sweep) : fault_of(FAULT_STORE_DOWN);
        arena_release(&sweep.arena);
    }
    if (fault_occurred(fault)) {
        return longest_ms;
    }
    if (!sweep.is_over) {
        return 0;
    }
    if (sweep.next_due_ms == INT64_ABSENT) {
        return longest_ms;
    }
    int64_t left_ms = sweep.next_due_ms - clock_now_ms();
    return left_ms < 0 ? 0 : left_ms < longest_ms ? left_ms : longest_ms;
}

struct reservation_expiry *
reservation_expiry_open(const struct reservation_expiry_options *options) {
    struct reservation_expiry *expiry = calloc(1, sizeof(*expiry));
    CHECK(expiry != NULL && "out of memory");
    expiry->options = *options;
    chore_start(&expiry->chore,
                &(struct chore_options){"expiry", options->app->config, run, expiry});
    return expiry;
}

void reservation_expiry_close(struct reservation_expiry *expiry) {
    chore_end(&expiry->chore);
    free(expiry);
}
