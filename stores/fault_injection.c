#include "stores/fault_injection.h"

#ifdef AIZY_DEBUG

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/lock.h"
#include "base/log.h"

#define FIRED_ENDING ".fired"
#define FAULT_TEXT_MAX_BYTES 63
#define STORE_NAME_MAX_BYTES 15

static const char *const kinds[] = {
    [INJECT_NOTHING] = "", [INJECT_FAIL] = "fail", [INJECT_HANG] = "hang", [INJECT_LOST] = "lost"};

/* What the file says. */
struct armed {
    ino_t inode; /* which file it was: a new one counts from the start */
    struct timespec written;
    char store[STORE_NAME_MAX_BYTES + 1];
    int64_t number;
    bool goes_on; /* later calls too */
    enum fault_injection kind;
};

static struct {
    char path[PATH_MAX];
    char fired_path[PATH_MAX];
    struct lock lock; /* guards what follows */
    struct armed armed;
    int64_t calls;
    bool is_going_on;
} injection;

void fault_injection_init(struct str path) {
    CHECK(path.size > 0 && path.size + sizeof(FIRED_ENDING) <= PATH_MAX);
    (void)snprintf(injection.path, sizeof(injection.path), "%.*s", STR_ARG(path));
    (void)snprintf(injection.fired_path, sizeof(injection.fired_path), "%.*s%s", STR_ARG(path),
                   FIRED_ENDING);
    lock_init(&injection.lock);
    log_warn("fault.injection", LOG_STR("file", path));
}

static enum fault_injection kind_of(struct str text) {
    for (enum fault_injection kind = INJECT_FAIL; kind <= INJECT_LOST; kind++) {
        if (str_equals(text, str_of(kinds[kind]))) {
            return kind;
        }
    }
    return INJECT_NOTHING;
}

static void parse(struct str text, struct armed *armed) {
    struct str store;
    struct str number;
    struct str kind;
    bool is_whole = str_next(&text, ':', &store) && str_next(&text, ':', &number) &&
                    str_next(&text, ':', &kind);
    CHECK(is_whole && store.size <= STORE_NAME_MAX_BYTES && "see fault_injection.h");
    memcpy(armed->store, store.data, store.size);
    armed->goes_on = str_ends_with(number, STR("+"));
    number.size -= armed->goes_on ? 1 : 0;
    CHECK(str_to_int64(number, &armed->number) && armed->number > 0 && "see fault_injection.h");
    armed->kind = kind_of(kind);
    CHECK(armed->kind != INJECT_NOTHING && "see fault_injection.h");
}

/* False while nothing is armed. */
static bool read_armed(struct armed *armed) {
    char text[FAULT_TEXT_MAX_BYTES + 1] = {0};
    struct stat status;
    int descriptor = open(injection.path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return false;
    }
    ssize_t size = read(descriptor, text, FAULT_TEXT_MAX_BYTES);
    CHECK(size > 0 && fstat(descriptor, &status) == 0);
    CHECK(close(descriptor) == 0);
    *armed = (struct armed){.inode = status.st_ino, .written = status.st_mtim};
    parse((struct str){text, (size_t)size}, armed);
    return true;
}

static bool is_same_file(const struct armed *left, const struct armed *right) {
    return left->inode == right->inode && left->written.tv_sec == right->written.tv_sec &&
           left->written.tv_nsec == right->written.tv_nsec;
}

static enum fault_injection count_call(const char *store) {
    struct armed armed;
    if (injection.is_going_on) {
        injection.is_going_on = access(injection.fired_path, F_OK) == 0;
    }
    if (injection.is_going_on) {
        bool is_meant = strcmp(injection.armed.store, store) == 0;
        return is_meant ? injection.armed.kind : INJECT_NOTHING;
    }
    if (!read_armed(&armed) || strcmp(armed.store, store) != 0) {
        return INJECT_NOTHING;
    }
    injection.calls = is_same_file(&armed, &injection.armed) ? injection.calls + 1 : 1;
    injection.armed = armed;
    if (injection.calls < armed.number) {
        return INJECT_NOTHING;
    }
    CHECK(rename(injection.path, injection.fired_path) == 0);
    injection.is_going_on = armed.goes_on;
    return armed.kind;
}

enum fault_injection fault_injection_next(const char *store, const struct store_watch *watch,
                                          int64_t timeout_ms) {
    if (injection.path[0] == '\0' || watch->note == NULL) {
        return INJECT_NOTHING;
    }
    lock_acquire(&injection.lock);
    enum fault_injection kind = count_call(store);
    lock_give(&injection.lock);
    if (kind != INJECT_NOTHING) {
        log_warn("fault.injected", LOG_TEXT("store", store), LOG_TEXT("kind", kinds[kind]));
    }
    if (kind == INJECT_HANG) {
        const struct timespec pause = {timeout_ms / 1000, timeout_ms % 1000 * 1000000};
        (void)nanosleep(&pause, NULL);
    }
    return kind;
}

#endif
