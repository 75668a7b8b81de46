/*
 * reservation_expiry: gives back what is reserved, once its time is over.
 *
 * Every process has one, a thread with a connection of its own. It looks for what is due every
 * RESERVATION_SWEEP_MS and wakes in between when the next one is, whichever process made it: so one
 * that dies delays nothing. Several of them may meet: each reservation comes to one end, and who is
 * late finds nothing to do. What could not be reached is due still, at the next look.
 */
#ifndef AIZY_SERVER_WORK_RESERVATION_EXPIRY_H
#define AIZY_SERVER_WORK_RESERVATION_EXPIRY_H

#include "server/api/app.h"

struct reservation_expiry;

struct reservation_expiry_options {
    struct app *app;
    /* Whether the store is there, and its schema known to be this program's. */
    bool (*may_ask)(void *context);
    void *context;
};

/* Borrows what the options name. */
struct reservation_expiry *
reservation_expiry_open(const struct reservation_expiry_options *options);

/* Ends the thread, once the batch under way is over; what else is due others end, or the next. */
void reservation_expiry_close(struct reservation_expiry *expiry);

#endif
