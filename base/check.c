#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void check_failed(const char *condition, const char *file, int line) {
    char text[512];
    int length =
        snprintf(text, sizeof text, "aizy: %s:%d: CHECK(%s) failed\n", file, line, condition);
    size_t size = length < 0 ? 0 : (size_t)length;
    if (size >= sizeof text) {
        size = sizeof text - 1;
        text[size - 1] = '\n';
    }
    /* Whether it was written changes nothing: the process ends either way. */
    ssize_t written = write(STDERR_FILENO, text, size);
    (void)written;
    abort();
}
