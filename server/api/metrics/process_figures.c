#include "server/api/metrics/process_figures.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static void read_status(struct process_figures *figures) {
    FILE *file = fopen("/proc/self/status", "re");
    char line[256];
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            figures->resident_bytes = strtoll(line + 6, NULL, 10) * 1024;
        } else if (strncmp(line, "Threads:", 8) == 0) {
            figures->threads = strtoll(line + 8, NULL, 10);
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
}

static int64_t count_descriptors(void) {
    DIR *folder = opendir("/proc/self/fd");
    int64_t count = 0;
    if (folder == NULL) {
        return 0;
    }
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        count += entry->d_name[0] != '.';
    }
    (void)closedir(folder);
    /* Without that of the folder itself. */
    return count - 1;
}

static int64_t microseconds_of(struct timeval time) {
    return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

struct process_figures process_figures_read(void) {
    struct process_figures figures = {.descriptors = count_descriptors()};
    struct rlimit limit;
    struct rusage usage;
    read_status(&figures);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        figures.descriptors_max = (int64_t)limit.rlim_cur;
    }
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        figures.cpu_us = microseconds_of(usage.ru_utime) + microseconds_of(usage.ru_stime);
    }
    return figures;
}
