/*
 * store_watch: what a store tells of each of its calls, so that somebody notices that it is gone.
 *
 * Both drivers' choke points report. What the server answers, an error included, shows that it is
 * there; what it means for the caller is another matter.
 */
#ifndef AIZY_STORES_STORE_WATCH_H
#define AIZY_STORES_STORE_WATCH_H

#include <stdint.h>

enum store_outcome {
    STORE_ANSWERED,  /* whatever it said */
    STORE_UNREACHED, /* no connection, or one that broke */
    STORE_MUTE,      /* nothing came in the time that a call may take */
};

struct store_watch {
    /* In the thread of the call, once for each; `begun_us` on the monotonic clock. NULL: nobody is
     * told. */
    void (*note)(void *context, enum store_outcome outcome, int64_t begun_us);
    void *context;
};

static inline void store_watch_note(const struct store_watch *watch, enum store_outcome outcome,
                                    int64_t begun_us) {
    if (watch->note != NULL) {
        watch->note(watch->context, outcome, begun_us);
    }
}

#endif
