#include "server/work/breaker.h"

#include "base/clock.h"
#include "base/log.h"

void breaker_init(struct breaker *breaker, const char *store) {
    *breaker = (struct breaker){.store = store};
    lock_init(&breaker->lock);
    condition_init(&breaker->changed);
}

void breaker_release(struct breaker *breaker) {
    condition_release(&breaker->changed);
    lock_release(&breaker->lock);
}

bool breaker_admits(struct breaker *breaker) {
    bool is_closed = breaker_is_closed(breaker);
    if (!is_closed) {
        atomic_fetch_add(&breaker->refused, 1);
    }
    return is_closed;
}

static void open_it(struct breaker *breaker, const char *reason) {
    bool was_closed = atomic_exchange(&breaker->is_closed, false);
    bool had_state = atomic_exchange(&breaker->has_state, true);
    if (was_closed || !had_state) {
        atomic_fetch_add(&breaker->opened, 1);
        log_error("store.down", LOG_TEXT("store", breaker->store), LOG_TEXT("reason", reason));
    }
}

static void close_it(struct breaker *breaker) {
    bool was_closed = atomic_exchange(&breaker->is_closed, true);
    atomic_store(&breaker->has_state, true);
    if (!was_closed) {
        log_info("store.up", LOG_TEXT("store", breaker->store));
    }
}

/* Calls end in another order than they began in; the youngest counts. */
static void note_answer(struct breaker *breaker, int64_t begun_us) {
    int_least64_t known_us = atomic_load(&breaker->answered_us);
    while (known_us < begun_us &&
           !atomic_compare_exchange_weak(&breaker->answered_us, &known_us, begun_us)) {}
}

static void ask_for_probe(struct breaker *breaker) {
    lock_acquire(&breaker->lock);
    breaker->is_probe_due = true;
    condition_broadcast(&breaker->changed);
    lock_give(&breaker->lock);
}

void breaker_note(void *context, enum store_outcome outcome, int64_t begun_us) {
    struct breaker *breaker = context;
    if (outcome == STORE_ANSWERED) {
        note_answer(breaker, begun_us);
        return;
    }
    if (outcome == STORE_MUTE && atomic_load(&breaker->answered_us) <= begun_us) {
        open_it(breaker, "a call was not answered");
    }
    ask_for_probe(breaker);
}

void breaker_note_probe(struct breaker *breaker, bool is_up, int64_t begun_us) {
    if (is_up) {
        note_answer(breaker, begun_us);
        close_it(breaker);
    } else if (atomic_load(&breaker->answered_us) <= begun_us) {
        open_it(breaker, "it does not answer when asked");
    }
}

static int64_t interval_ms(struct breaker *breaker) {
    if (breaker->is_probe_due) {
        return BREAKER_PAUSE_MS;
    }
    return breaker_is_closed(breaker) ? BREAKER_INTERVAL_MS : BREAKER_RETRY_MS;
}

bool breaker_await_probe(struct breaker *breaker) {
    lock_acquire(&breaker->lock);
    const int64_t probed_us = clock_monotonic_us();
    bool is_time = false;
    while (!breaker->is_stopping && !is_time) {
        int64_t passed_ms = (clock_monotonic_us() - probed_us) / 1000;
        int64_t left_ms = interval_ms(breaker) - passed_ms;
        is_time = left_ms <= 0;
        if (!is_time) {
            (void)condition_wait_for(&breaker->changed, &breaker->lock, left_ms);
        }
    }
    breaker->is_probe_due = false;
    bool goes_on = !breaker->is_stopping;
    lock_give(&breaker->lock);
    return goes_on;
}

void breaker_stop(struct breaker *breaker) {
    lock_acquire(&breaker->lock);
    breaker->is_stopping = true;
    condition_broadcast(&breaker->changed);
    lock_give(&breaker->lock);
}

struct breaker_figures breaker_figures(struct breaker *breaker) {
    return (struct breaker_figures){
        .is_closed = breaker_is_closed(breaker),
        .opened = atomic_load(&breaker->opened),
        .refused = atomic_load(&breaker->refused),
    };
}
