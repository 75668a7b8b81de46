#include "server/http/activation.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* The number that the variable is; -1 when it is none, or is not set. */
static long number_of(const char *variable) {
    const char *text = getenv(variable);
    char *end = NULL;
    if (text == NULL || text[0] < '0' || text[0] > '9') {
        return -1;
    }
    long number = strtol(text, &end, 10);
    return *end == '\0' ? number : -1;
}

size_t activation_take(void) {
    long process = number_of("LISTEN_PID");
    long count = number_of("LISTEN_FDS");
    long descriptors_max = sysconf(_SC_OPEN_MAX);
    (void)unsetenv("LISTEN_PID");
    (void)unsetenv("LISTEN_FDS");
    (void)unsetenv("LISTEN_FDNAMES");
    bool is_meant = process == (long)getpid() && count > 0 &&
                    count <= descriptors_max - ACTIVATION_FIRST_DESCRIPTOR;
    return is_meant ? (size_t)count : 0;
}

static bool has_option(int descriptor, int name, int wanted) {
    int value = -1;
    socklen_t size = sizeof value;
    return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 && value == wanted;
}

const char *activation_problem(int descriptor) {
    if (!has_option(descriptor, SO_TYPE, SOCK_STREAM)) {
        return "it is no stream socket";
    }
    if (!has_option(descriptor, SO_DOMAIN, AF_INET) &&
        !has_option(descriptor, SO_DOMAIN, AF_INET6)) {
        return "it is no socket of IPv4 or IPv6";
    }
    return has_option(descriptor, SO_ACCEPTCONN, 1) ? NULL : "nobody listens on it";
}
