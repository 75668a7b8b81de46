/*
 * log: one JSON object per line, written by a thread of its own.
 *
 * log_info("http.reply", LOG_STR("path", path), LOG_INT("status", 200)) never blocks on the
 * descriptor: the line goes to a bounded buffer (two halves of 512 KiB) and a thread writes it, at
 * the latest 5 ms after, and warnings and errors at once with all that came before them.
 * When the buffer is full the line is dropped and counted, and as soon as there is room again a
 * line says how many were lost. Before log_start and after log_stop (the CLI, unit tests) lines are
 * written to standard error at once. Any thread may log.
 *
 * A line: {"time": "...", "level": "info", "event": "http.reply", "request_id": "...", ...}. The id
 * of the request is that of log_set_request_id in the same thread. Events are lower-case words with
 * dots. Never pass a secret, a token, a code or a body. Values longer than 1,000 bytes are cut.
 */
#ifndef AIZY_BASE_LOG_H
#define AIZY_BASE_LOG_H

#include <stdint.h>

#include "base/fault.h"
#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

enum log_field_kind { LOG_FIELD_END = 0, LOG_FIELD_STR, LOG_FIELD_INT };

struct log_field {
    const char *key;
    struct str text;
    int64_t number;
    enum log_field_kind kind;
};

#define LOG_STR(name, value)                                  \
    (struct log_field) {                                      \
        .key = (name), .text = (value), .kind = LOG_FIELD_STR \
    }
#define LOG_TEXT(name, value) LOG_STR(name, str_of(value))
#define LOG_INT(name, value)                                             \
    (struct log_field) {                                                 \
        .key = (name), .number = (int64_t)(value), .kind = LOG_FIELD_INT \
    }
/* A line of the event alone: log_info("server.stopped", LOG_NOTHING). */
#define LOG_NOTHING           \
    (struct log_field) {      \
        .kind = LOG_FIELD_END \
    }

#define log_debug(event, ...) LOG_LINE(LOG_DEBUG, event, __VA_ARGS__)
#define log_info(event, ...) LOG_LINE(LOG_INFO, event, __VA_ARGS__)
#define log_warn(event, ...) LOG_LINE(LOG_WARN, event, __VA_ARGS__)
#define log_error(event, ...) LOG_LINE(LOG_ERROR, event, __VA_ARGS__)
#define LOG_LINE(level, event, ...) \
    log_write((level), (event), (const struct log_field[]){__VA_ARGS__, {.kind = LOG_FIELD_END}})

/* Lines below `lowest` are not written; LOG_INFO at first. */
void log_set_level(enum log_level lowest);

/* Starts the thread, or starts it anew; lines go to `descriptor`, which stays the caller's. */
void log_start(int descriptor);

/* Writes what is waiting and ends the thread, if there is one. */
void log_stop(void);

/* For the lines of this thread, until changed; an absent str ends it. Copied (64 bytes at most). */
void log_set_request_id(struct str request_id);

/* `fields` ends with a row of kind LOG_FIELD_END; everything is copied before this returns. */
void log_write(enum log_level level, const char *event, const struct log_field *fields);

/* Lines dropped since the start. */
uint64_t log_dropped(void);

#endif
