/*
 * activation: sockets that systemd, or whoever starts the program, has opened for it, as
 * sd_listen_fds(3) says: descriptors from 3 on, LISTEN_FDS of them, meant for the process
 * LISTEN_PID.
 */
#ifndef AIZY_SERVER_HTTP_ACTIVATION_H
#define AIZY_SERVER_HTTP_ACTIVATION_H

#include <stddef.h>

#include "base/check.h"

#define ACTIVATION_FIRST_DESCRIPTOR 3

/*
 * How many there are, 0: none, or not for this process. Removes the variables, so that no child
 * takes them for its own. Before any thread starts, once.
 */
MUST_USE size_t activation_take(void);

/* NULL, or why the descriptor cannot be served: it must be a TCP socket that is listened on. */
const char *activation_problem(int descriptor);

#endif
