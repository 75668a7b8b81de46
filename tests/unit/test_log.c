#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/log.h"

#define WRITERS 4
#define LINES_EACH 5000

static struct buf output;

static int set_up(void **state) {
    (void)state;
    buf_init(&output, 64 << 20);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    log_stop();
    log_set_level(LOG_INFO);
    log_set_request_id((struct str){0});
    buf_release(&output);
    return 0;
}

static int open_scratch_file(void) {
    char name[] = "/tmp/aizy_test_log_XXXXXX";
    int descriptor = mkstemp(name);
    assert_true(descriptor >= 0);
    assert_int_equal(unlink(name), 0);
    return descriptor;
}

/* All that is in it, from the start. */
static void read_back(int descriptor) {
    char piece[65536];
    ssize_t size = 0;
    assert_int_equal(lseek(descriptor, 0, SEEK_SET), 0);
    while ((size = read(descriptor, piece, sizeof piece)) > 0) {
        buf_append(&output, piece, (size_t)size);
    }
    assert_int_equal(close(descriptor), 0);
    assert_false(buf_is_overflowed(&output));
}

static json_t *parse_line(struct str line) {
    json_error_t error;
    json_t *object = json_loadb(line.data, line.size, JSON_REJECT_DUPLICATES, &error);
    assert_true(json_is_object(object));
    return object;
}

static const char *text_of(const json_t *object, const char *name) {
    return json_string_value(json_object_get(object, name));
}

static void writes_a_line_of_json(void **state) {
    (void)state;
    int descriptor = open_scratch_file();
    char long_value[1500];
    memset(long_value, 'x', sizeof long_value);
    /* A character across the cut: it goes whole. */
    memcpy(long_value + 998, "\xE2\x82\xAC", 3);
    log_start(descriptor);
    log_set_request_id(STR("req-1"));
    log_info("http.reply", LOG_TEXT("path", "/a\"\n"), LOG_INT("status", 200),
             LOG_STR("user", ((struct str){0})),
             LOG_STR("long", ((struct str){long_value, sizeof long_value})));
    log_set_request_id((struct str){0});
    log_error("server.stopped", LOG_NOTHING);
    log_stop();
    read_back(descriptor);

    struct str rest = buf_str(&output);
    struct str line;
    assert_true(str_next(&rest, '\n', &line));
    json_t *object = parse_line(line);
    assert_int_equal(strlen(text_of(object, "time")), 24);
    assert_string_equal(text_of(object, "level"), "info");
    assert_string_equal(text_of(object, "event"), "http.reply");
    assert_string_equal(text_of(object, "request_id"), "req-1");
    assert_string_equal(text_of(object, "path"), "/a\"\n");
    assert_int_equal(json_integer_value(json_object_get(object, "status")), 200);
    assert_true(json_is_null(json_object_get(object, "user")));
    assert_int_equal(strlen(text_of(object, "long")), 998);
    json_decref(object);

    assert_true(str_next(&rest, '\n', &line));
    object = parse_line(line);
    assert_string_equal(text_of(object, "level"), "error");
    assert_null(json_object_get(object, "request_id"));
    json_decref(object);
    assert_true(str_is_empty(rest));
}

static void writes_from_the_lowest_level_on(void **state) {
    (void)state;
    int descriptor = open_scratch_file();
    log_start(descriptor);
    log_debug("one", LOG_NOTHING);
    log_set_level(LOG_DEBUG);
    log_debug("two", LOG_NOTHING);
    log_set_level(LOG_ERROR);
    log_warn("three", LOG_NOTHING);
    log_error("four", LOG_NOTHING);
    log_stop();
    read_back(descriptor);
    assert_null(strstr(output.data, "\"one\""));
    assert_non_null(strstr(output.data, "\"two\""));
    assert_null(strstr(output.data, "\"three\""));
    assert_non_null(strstr(output.data, "\"four\""));
}

static void starts_and_stops_any_number_of_times(void **state) {
    (void)state;
    int first = open_scratch_file();
    int second = open_scratch_file();
    log_stop();
    log_start(first);
    log_info("first.before", LOG_NOTHING);
    log_start(second);
    log_info("second", LOG_NOTHING);
    log_stop();
    log_stop();
    read_back(first);
    assert_non_null(strstr(output.data, "first.before"));
    assert_null(strstr(output.data, "\"second\""));
    buf_clear(&output);
    read_back(second);
    assert_non_null(strstr(output.data, "\"second\""));
}

static void *write_many(void *argument) {
    const char *name = argument;
    log_set_request_id(str_of(name));
    for (int i = 0; i < LINES_EACH; i++) {
        log_info("test.line", LOG_INT("number", i));
    }
    return NULL;
}

/* Lines of a thread stay in order, none is torn, and what is missing was counted. */
static void takes_lines_from_many_threads(void **state) {
    (void)state;
    static const char *const names[WRITERS] = {"a", "b", "c", "d"};
    pthread_t writers[WRITERS];
    int descriptor = open_scratch_file();
    log_start(descriptor);
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_create(&writers[i], NULL, write_many, (void *)names[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_join(writers[i], NULL), 0);
    }
    log_stop();
    read_back(descriptor);

    json_int_t last[WRITERS] = {-1, -1, -1, -1};
    uint64_t written = 0;
    struct str rest = buf_str(&output);
    struct str line;
    while (str_next(&rest, '\n', &line)) {
        json_t *object = parse_line(line);
        if (strcmp(text_of(object, "event"), "test.line") == 0) {
            int writer = text_of(object, "request_id")[0] - 'a';
            json_int_t number = json_integer_value(json_object_get(object, "number"));
            assert_true(number > last[writer]);
            last[writer] = number;
            written++;
        }
        json_decref(object);
    }
    assert_true(written + log_dropped() == WRITERS * LINES_EACH);
}

static void *read_all(void *argument) {
    char piece[65536];
    ssize_t size = 0;
    int descriptor = *(int *)argument;
    while ((size = read(descriptor, piece, sizeof piece)) > 0) {
        buf_append(&output, piece, (size_t)size);
    }
    return NULL;
}

/* A reader that stands still costs lines, never time; afterwards the log says how many. */
static void drops_what_nobody_reads(void **state) {
    (void)state;
    int ends[2];
    pthread_t reader;
    /* Not blocking, so that the thread meets EAGAIN as well. */
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    log_start(ends[1]);
    char value[900];
    memset(value, 'x', sizeof value);
    uint64_t written = 0;
    while (log_dropped() < 100) {
        log_info("test.line", LOG_STR("value", ((struct str){value, sizeof value})));
        written++;
        assert_true(written < 100000);
    }
    uint64_t dropped = log_dropped();
    assert_int_equal(fcntl(ends[0], F_SETFL, 0), 0);
    assert_int_equal(pthread_create(&reader, NULL, read_all, &ends[0]), 0);
    log_stop();
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(pthread_join(reader, NULL), 0);
    assert_int_equal(close(ends[0]), 0);

    uint64_t seen = 0;
    uint64_t reported = 0;
    struct str rest = buf_str(&output);
    struct str line;
    while (str_next(&rest, '\n', &line)) {
        json_t *object = parse_line(line);
        if (strcmp(text_of(object, "event"), "log.dropped") == 0) {
            reported += (uint64_t)json_integer_value(json_object_get(object, "lines"));
        } else {
            seen++;
        }
        json_decref(object);
    }
    assert_true(reported == dropped);
    assert_true(seen + dropped == written);
}

/* A descriptor that is gone loses lines, but neither hangs nor ends the program. */
static void survives_a_descriptor_that_is_gone(void **state) {
    (void)state;
    int ends[2];
    (void)signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(close(ends[0]), 0);
    log_start(ends[1]);
    log_info("test.one", LOG_NOTHING);
    log_info("test.two", LOG_NOTHING);
    log_stop();
    assert_true(log_dropped() == 2);
    assert_int_equal(close(ends[1]), 0);
    (void)signal(SIGPIPE, SIG_DFL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_a_line_of_json, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_from_the_lowest_level_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(starts_and_stops_any_number_of_times, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_lines_from_many_threads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(drops_what_nobody_reads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(survives_a_descriptor_that_is_gone, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
