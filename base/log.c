#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/lock.h"

/* One half gathers lines while the other is being written. */
#define LOG_HALF_MAX_BYTES (512 * 1024)
/* Forty values of the longest kind, every byte escaped. */
#define LOG_LINE_MAX_BYTES (256 * 1024)
#define LOG_VALUE_MAX_BYTES 1000
#define LOG_REQUEST_ID_MAX_BYTES 64
/* What a line may wait for others, so that a busy server neither wakes the thread nor writes for
 * each. */
#define LOG_GATHER_MS 5

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug",
    [LOG_INFO] = "info",
    [LOG_WARN] = "warn",
    [LOG_ERROR] = "error",
};

static struct {
    struct lock lock;
    struct condition changed; /* there while the thread runs */
    struct buf gathering;
    struct buf writing; /* the thread's own while it runs */
    uint64_t unreported;
    pthread_t thread;
    int descriptor;
    bool running; /* lines go to `gathering` */
    bool urgent;  /* something in `gathering` should not wait */
    bool stopping;
} logger = {.lock = {PTHREAD_MUTEX_INITIALIZER}};

/* log_start and log_stop exclude each other; `logger.lock` cannot, because they wait for the
 * thread. */
static struct lock lifecycle = {PTHREAD_MUTEX_INITIALIZER};

static atomic_int lowest_level = LOG_INFO;
static atomic_uint_fast64_t dropped_lines;

static _Thread_local char request_id[LOG_REQUEST_ID_MAX_BYTES];
static _Thread_local size_t request_id_size;

void log_set_level(enum log_level lowest) {
    atomic_store(&lowest_level, (int)lowest);
}

uint64_t log_dropped(void) {
    return atomic_load(&dropped_lines);
}

void log_set_request_id(struct str id) {
    struct str kept = str_slice(id, 0, sizeof request_id);
    if (kept.size > 0) {
        memcpy(request_id, kept.data, kept.size);
    }
    request_id_size = kept.size;
}

static bool write_all(int descriptor, struct str bytes) {
    while (bytes.size > 0) {
        ssize_t written = write(descriptor, bytes.data, bytes.size);
        if (written > 0) {
            bytes = str_slice(bytes, (size_t)written, SIZE_MAX);
        } else if (written < 0 && errno == EAGAIN) {
            struct pollfd ready = {.fd = descriptor, .events = POLLOUT};
            (void)poll(&ready, 1, -1);
        } else if (written == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

static uint64_t count_lines(struct str bytes) {
    uint64_t lines = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        lines += bytes.data[i] == '\n' ? 1 : 0;
    }
    return lines;
}

static struct str cut_value(struct str text) {
    struct str kept = str_slice(text, 0, LOG_VALUE_MAX_BYTES);
    /* Not in the middle of a character. */
    while (kept.size < text.size && kept.size > 0 &&
           ((unsigned char)text.data[kept.size] & 0xC0) == 0x80) {
        kept.size--;
    }
    return kept;
}

/* Keys are words of ours, in which there is nothing to escape. */
static void append_key(struct buf *line, const char *key) {
    buf_append_str(line, STR(", \""));
    buf_append_str(line, str_of(key));
    buf_append_str(line, STR("\": "));
}

/* Breaking a time into its parts costs as much as the rest of a line: once a millisecond will do.
 */
static void append_time(struct buf *line) {
    static _Thread_local char text[CLOCK_TEXT_MS_SIZE];
    static _Thread_local int64_t formatted_ms = INT64_MIN;
    int64_t now_ms = clock_now_ms();
    if (now_ms != formatted_ms) {
        clock_format_with_ms(now_ms, text);
        formatted_ms = now_ms;
    }
    buf_append_str(line, str_of(text));
}

static void append_line(struct buf *line, enum log_level level, const char *event,
                        const struct log_field *fields) {
    buf_append_str(line, STR("{\"time\": \""));
    append_time(line);
    buf_append_str(line, STR("\", \"level\": \""));
    buf_append_str(line, str_of(level_names[level]));
    buf_append_byte(line, '"');
    append_key(line, "event");
    buf_append_json_string(line, str_of(event));
    if (request_id_size > 0) {
        append_key(line, "request_id");
        buf_append_json_string(line, (struct str){request_id, request_id_size});
    }
    for (; fields->kind != LOG_FIELD_END; fields++) {
        append_key(line, fields->key);
        if (fields->kind == LOG_FIELD_INT) {
            buf_append_int64(line, fields->number);
        } else {
            buf_append_json_string(line, cut_value(fields->text));
        }
    }
    buf_append_str(line, STR("}\n"));
}

static bool fits(struct str line) {
    return line.size <= logger.gathering.max_bytes - logger.gathering.size;
}

/* Under the lock, when `gathering` is empty and so has room for it. */
static void report_dropped(void) {
    if (logger.unreported == 0) {
        return;
    }
    const struct log_field fields[] = {LOG_INT("lines", logger.unreported), LOG_NOTHING};
    append_line(&logger.gathering, LOG_WARN, "log.dropped", fields);
    logger.unreported = 0;
}

/* The thread is woken for the first line, and out of its rest for what should not wait. */
static void note_line(enum log_level level, bool is_first) {
    bool is_half_full = logger.gathering.size > logger.gathering.max_bytes / 2;
    logger.urgent |= level >= LOG_WARN || is_half_full;
    if (is_first || logger.urgent) {
        condition_signal(&logger.changed);
    }
}

/* False when there is no thread, so that the caller has to write the line. */
static bool gather(enum log_level level, struct str line) {
    lock_acquire(&logger.lock);
    bool running = logger.running;
    if (running && fits(line)) {
        bool is_first = logger.gathering.size == 0;
        buf_append_str(&logger.gathering, line);
        note_line(level, is_first);
    } else if (running) {
        atomic_fetch_add(&dropped_lines, 1);
        logger.unreported++;
    }
    lock_give(&logger.lock);
    return running;
}

void log_write(enum log_level level, const char *event, const struct log_field *fields) {
    if ((int)level < atomic_load(&lowest_level)) {
        return;
    }
    int saved_errno = errno;
    struct buf line;
    buf_init(&line, LOG_LINE_MAX_BYTES);
    append_line(&line, level, event, fields);
    CHECK(!buf_is_overflowed(&line));
    if (!gather(level, buf_str(&line)) && !write_all(STDERR_FILENO, buf_str(&line))) {
        atomic_fetch_add(&dropped_lines, 1);
    }
    buf_release(&line);
    errno = saved_errno;
}

/* Waits for lines and takes them all into `writing`; false when the log was stopped and is empty.
 */
static bool take_lines(void) {
    lock_acquire(&logger.lock);
    while (logger.gathering.size == 0 && !logger.stopping) {
        condition_wait(&logger.changed, &logger.lock);
    }
    if (!logger.urgent && !logger.stopping) {
        (void)condition_wait_for(&logger.changed, &logger.lock, LOG_GATHER_MS);
    }
    logger.urgent = false;
    struct buf taken = logger.gathering;
    logger.gathering = logger.writing;
    logger.writing = taken;
    if (taken.size == 0) {
        logger.running = false;
    }
    report_dropped();
    lock_give(&logger.lock);
    return taken.size > 0;
}

static void *run_logger(void *unused) {
    (void)unused;
    while (take_lines()) {
        struct str lines = buf_str(&logger.writing);
        if (!write_all(logger.descriptor, lines)) {
            /* Not reported: that line would be lost the same way, and the next, without end. */
            atomic_fetch_add(&dropped_lines, count_lines(lines));
        }
        buf_clear(&logger.writing);
    }
    return NULL;
}

static void stop_thread(void) {
    lock_acquire(&logger.lock);
    bool was_running = logger.running;
    logger.stopping = true;
    if (was_running) {
        condition_signal(&logger.changed);
    }
    lock_give(&logger.lock);
    if (!was_running) {
        return;
    }
    CHECK(pthread_join(logger.thread, NULL) == 0);
    condition_release(&logger.changed);
    buf_release(&logger.gathering);
    buf_release(&logger.writing);
}

void log_start(int descriptor) {
    lock_acquire(&lifecycle);
    stop_thread();
    lock_acquire(&logger.lock);
    buf_init(&logger.gathering, LOG_HALF_MAX_BYTES);
    buf_init(&logger.writing, LOG_HALF_MAX_BYTES);
    condition_init(&logger.changed);
    logger.unreported = 0;
    logger.descriptor = descriptor;
    logger.stopping = false;
    logger.urgent = false;
    logger.running = true;
    atomic_store(&dropped_lines, 0);
    lock_give(&logger.lock);
    /* Signals belong to whoever waits for them. */
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    CHECK(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    CHECK(pthread_create(&logger.thread, NULL, run_logger, NULL) == 0);
    CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    lock_give(&lifecycle);
}

void log_stop(void) {
    lock_acquire(&lifecycle);
    stop_thread();
    lock_give(&lifecycle);
}
