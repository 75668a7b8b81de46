#include "server/work/breaker.h"

#include "base/clock.h"
#include "base/log.h"

#define MICROSECONDS_PER_MS 1000

void breaker_init(struct breaker *breaker, const char *store, const struct breaker_limits *limits) {
    *breaker = (struct breaker){.store = store, .limits = *limits};
    atomic_init(&breaker->state, BREAKER_OPEN);
    lock_init(&breaker->lock);
    condition_init(&breaker->changed);
}

void breaker_release(struct breaker *breaker) {
    condition_release(&breaker->changed);
    lock_release(&breaker->lock);
}

const char *breaker_state_text(enum breaker_state state) {
    static const char *const texts[] = {
        [BREAKER_CLOSED] = "closed", [BREAKER_TRYING] = "trying", [BREAKER_OPEN] = "open"};
    return texts[state];
}

static bool count_refused(struct breaker *breaker, bool is_admitted) {
    if (!is_admitted) {
        atomic_fetch_add(&breaker->refused, 1);
    }
    return is_admitted;
}

/* With the lock held. */
static bool has_room_for_trial(struct breaker *breaker) {
    return breaker_state(breaker) == BREAKER_TRYING &&
           clock_monotonic_us() >= breaker->trial_until_us;
}

bool breaker_would_admit(struct breaker *breaker) {
    if (breaker_is_closed(breaker)) {
        return true;
    }
    lock_acquire(&breaker->lock);
    bool is_admitted = breaker_is_closed(breaker) || has_room_for_trial(breaker);
    lock_give(&breaker->lock);
    return is_admitted;
}

bool breaker_may_admit(struct breaker *breaker) {
    return count_refused(breaker, breaker_would_admit(breaker));
}

bool breaker_admits(struct breaker *breaker, bool *is_trial) {
    *is_trial = false;
    if (breaker_is_closed(breaker)) {
        return true;
    }
    lock_acquire(&breaker->lock);
    bool is_closed = breaker_is_closed(breaker);
    *is_trial = has_room_for_trial(breaker);
    if (*is_trial) {
        breaker->trial_since_us = clock_monotonic_us();
        breaker->trial_until_us =
            breaker->trial_since_us + breaker->limits.trial_ms * MICROSECONDS_PER_MS;
        atomic_fetch_add(&breaker->trials, 1);
    }
    lock_give(&breaker->lock);
    return count_refused(breaker, is_closed || *is_trial);
}

/* With the lock held; whether it was another one before. */
static bool change_state(struct breaker *breaker, enum breaker_state state, int64_t begun_us) {
    bool is_news = breaker_state(breaker) != state || !breaker->has_state;
    if (is_news) {
        breaker->has_state = true;
        breaker->known_us = begun_us;
        breaker->changed_at_us = clock_monotonic_us();
        breaker->trial_until_us = 0;
        atomic_store(&breaker->state, (int)state);
    }
    return is_news;
}

/* Outside of the lock: a log line has a lock of its own. */
static void say_down(struct breaker *breaker, bool is_news, const char *reason) {
    if (is_news) {
        atomic_fetch_add(&breaker->opened, 1);
        log_error("store.down", LOG_TEXT("store", breaker->store), LOG_TEXT("reason", reason));
    }
}

static void say_up(struct breaker *breaker, bool is_news) {
    if (is_news) {
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

/* With the lock held: how long to wait for a trial when it opens now. */
static int64_t next_pause_ms(struct breaker *breaker) {
    const struct breaker_limits *limits = &breaker->limits;
    int64_t state_ms = (clock_monotonic_us() - breaker->changed_at_us) / MICROSECONDS_PER_MS;
    if (breaker_is_closed(breaker) && state_ms >= BREAKER_CALM_MS) {
        return limits->pause_ms;
    }
    int64_t longer_ms = breaker->pause_ms == 0 ? limits->pause_ms : breaker->pause_ms * 2;
    return longer_ms < limits->pause_max_ms ? longer_ms : limits->pause_max_ms;
}

/* Of a call that began before the present state did it is known already. */
static void open_by_call(struct breaker *breaker, int64_t begun_us) {
    lock_acquire(&breaker->lock);
    bool is_news = breaker_state(breaker) != BREAKER_OPEN && begun_us >= breaker->known_us;
    if (is_news) {
        breaker->pause_ms = next_pause_ms(breaker);
        breaker->is_doubted = true;
        (void)change_state(breaker, BREAKER_OPEN, begun_us);
    }
    lock_give(&breaker->lock);
    say_down(breaker, is_news, "a call was not answered");
}

/* Silence would have opened it by now. One that has asked nothing has told nothing. */
void breaker_end_trial(struct breaker *breaker) {
    bool is_news = false;
    lock_acquire(&breaker->lock);
    bool is_answered = atomic_load(&breaker->answered_us) >= breaker->trial_since_us;
    if (breaker_state(breaker) == BREAKER_TRYING && is_answered) {
        is_news = change_state(breaker, BREAKER_CLOSED, breaker->trial_since_us);
    }
    breaker->trial_until_us = 0;
    lock_give(&breaker->lock);
    say_up(breaker, is_news);
}

static void note_answer_meanwhile(struct breaker *breaker, int64_t begun_us) {
    lock_acquire(&breaker->lock);
    breaker->is_doubted = breaker->is_doubted && begun_us <= breaker->known_us;
    lock_give(&breaker->lock);
}

void breaker_note(void *context, enum store_outcome outcome, int64_t begun_us) {
    struct breaker *breaker = context;
    if (outcome == STORE_ANSWERED) {
        note_answer(breaker, begun_us);
        if (!breaker_is_closed(breaker)) {
            note_answer_meanwhile(breaker, begun_us);
        }
        return;
    }
    if (outcome == STORE_MUTE && atomic_load(&breaker->answered_us) <= begun_us) {
        open_by_call(breaker, begun_us);
    }
    ask_for_probe(breaker);
}

/* With the lock held: what the watcher's answer makes of it. */
static enum breaker_state state_after_answer(struct breaker *breaker) {
    enum breaker_state state = breaker_state(breaker);
    if (state != BREAKER_OPEN || !breaker->is_doubted) {
        return state == BREAKER_TRYING ? BREAKER_TRYING : BREAKER_CLOSED;
    }
    int64_t open_us = clock_monotonic_us() - breaker->changed_at_us;
    return open_us >= breaker->pause_ms * MICROSECONDS_PER_MS ? BREAKER_TRYING : BREAKER_OPEN;
}

static void note_seen_up(struct breaker *breaker, int64_t begun_us) {
    lock_acquire(&breaker->lock);
    enum breaker_state state = state_after_answer(breaker);
    bool is_news = change_state(breaker, state, begun_us);
    lock_give(&breaker->lock);
    say_up(breaker, is_news && state == BREAKER_CLOSED);
    if (is_news && state == BREAKER_TRYING) {
        log_info("store.trying", LOG_TEXT("store", breaker->store));
    }
}

static void note_seen_down(struct breaker *breaker, int64_t begun_us) {
    lock_acquire(&breaker->lock);
    breaker->is_doubted = false;
    bool is_news = change_state(breaker, BREAKER_OPEN, begun_us);
    lock_give(&breaker->lock);
    say_down(breaker, is_news, "it does not answer when asked");
}

void breaker_note_probe(struct breaker *breaker, bool is_up, int64_t begun_us) {
    if (is_up) {
        note_seen_up(breaker, begun_us);
    } else if (atomic_load(&breaker->answered_us) <= begun_us) {
        note_seen_down(breaker, begun_us);
    }
}

static int64_t interval_ms(struct breaker *breaker) {
    if (breaker->is_probe_due) {
        return BREAKER_DOUBT_MS;
    }
    return breaker_is_closed(breaker) ? BREAKER_INTERVAL_MS : BREAKER_RETRY_MS;
}

bool breaker_await_probe(struct breaker *breaker) {
    lock_acquire(&breaker->lock);
    const int64_t probed_us = clock_monotonic_us();
    bool is_time = false;
    while (!breaker->is_stopping && !is_time) {
        int64_t passed_ms = (clock_monotonic_us() - probed_us) / MICROSECONDS_PER_MS;
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
        .state = breaker_state(breaker),
        .opened = atomic_load(&breaker->opened),
        .refused = atomic_load(&breaker->refused),
        .trials = atomic_load(&breaker->trials),
    };
}
