#include "base/clock.h"

#include <time.h>

/* 0000-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z. */
#define CLOCK_FIRST_MS (-62167219200000)
#define CLOCK_LAST_MS 253402300799999

#define SECONDS_PER_DAY 86400

static int64_t read_clock_ns(clockid_t id) {
    struct timespec now;
    CHECK(clock_gettime(id, &now) == 0);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t clock_now_ms(void) {
    return read_clock_ns(CLOCK_REALTIME) / 1000000;
}

int64_t clock_monotonic_us(void) {
    return read_clock_ns(CLOCK_MONOTONIC) / 1000;
}

static int64_t floor_seconds(int64_t time_ms) {
    return time_ms / 1000 - (time_ms % 1000 < 0 ? 1 : 0);
}

static void put_digits(char *text, size_t width, int64_t value) {
    for (size_t i = width; i > 0; i--) {
        text[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* Writes the 19 characters before the fraction. */
static void put_seconds(int64_t time_ms, char *text) {
    CHECK(time_ms >= CLOCK_FIRST_MS && time_ms <= CLOCK_LAST_MS);
    time_t seconds = (time_t)floor_seconds(time_ms);
    struct tm parts;
    CHECK(gmtime_r(&seconds, &parts) != NULL);
    memcpy(text, "0000-00-00T00:00:00", 19);
    put_digits(text, 4, parts.tm_year + 1900);
    put_digits(text + 5, 2, parts.tm_mon + 1);
    put_digits(text + 8, 2, parts.tm_mday);
    put_digits(text + 11, 2, parts.tm_hour);
    put_digits(text + 14, 2, parts.tm_min);
    put_digits(text + 17, 2, parts.tm_sec);
}

void clock_format(int64_t time_ms, char text[static CLOCK_TEXT_SIZE]) {
    put_seconds(time_ms, text);
    memcpy(text + 19, "Z", 2);
}

void clock_format_with_ms(int64_t time_ms, char text[static CLOCK_TEXT_MS_SIZE]) {
    put_seconds(time_ms, text);
    memcpy(text + 19, ".000Z", 6);
    put_digits(text + 20, 3, time_ms - floor_seconds(time_ms) * 1000);
}

/* Takes `width` digits off the front; their value must lie between `low` and `high`. */
static bool take_number(struct str *rest, size_t width, int low, int high, int *value) {
    int number = 0;
    if (rest->size < width) {
        return false;
    }
    for (size_t i = 0; i < width; i++) {
        if (rest->data[i] < '0' || rest->data[i] > '9') {
            return false;
        }
        number = number * 10 + (rest->data[i] - '0');
    }
    *rest = str_slice(*rest, width, SIZE_MAX);
    *value = number;
    return number >= low && number <= high;
}

/* Takes the byte off the front when it is `byte`, whose letters are given in upper case. */
static bool take_byte(struct str *rest, char byte) {
    if (!str_equals_ignoring_case(str_slice(*rest, 0, 1), (struct str){&byte, 1})) {
        return false;
    }
    *rest = str_slice(*rest, 1, SIZE_MAX);
    return true;
}

static bool take_fraction(struct str *rest, int *milliseconds) {
    *milliseconds = 0;
    if (!take_byte(rest, '.')) {
        return true;
    }
    int weight = 100;
    int digit = 0;
    if (!take_number(rest, 1, 0, 9, &digit)) {
        return false;
    }
    do {
        *milliseconds += digit * weight;
        weight /= 10;
    } while (take_number(rest, 1, 0, 9, &digit));
    return true;
}

static bool take_offset(struct str *rest, int *offset_minutes) {
    *offset_minutes = 0;
    if (take_byte(rest, 'Z')) {
        return true;
    }
    bool negative = take_byte(rest, '-');
    int hours = 0;
    int minutes = 0;
    if ((!negative && !take_byte(rest, '+')) || !take_number(rest, 2, 0, 23, &hours) ||
        !take_byte(rest, ':') || !take_number(rest, 2, 0, 59, &minutes)) {
        return false;
    }
    *offset_minutes = (hours * 60 + minutes) * (negative ? -1 : 1);
    return true;
}

static bool take_date_and_time(struct str *rest, struct tm *parts) {
    return take_number(rest, 4, 0, 9999, &parts->tm_year) && take_byte(rest, '-') &&
           take_number(rest, 2, 1, 12, &parts->tm_mon) && take_byte(rest, '-') &&
           take_number(rest, 2, 1, 31, &parts->tm_mday) && take_byte(rest, 'T') &&
           take_number(rest, 2, 0, 23, &parts->tm_hour) && take_byte(rest, ':') &&
           take_number(rest, 2, 0, 59, &parts->tm_min) && take_byte(rest, ':') &&
           take_number(rest, 2, 0, 60, &parts->tm_sec);
}

bool clock_parse(struct str text, int64_t *time_ms) {
    struct tm parts = {0};
    struct str rest = text;
    int milliseconds = 0;
    int offset_minutes = 0;
    if (!take_date_and_time(&rest, &parts) || !take_fraction(&rest, &milliseconds) ||
        !take_offset(&rest, &offset_minutes) || rest.size > 0) {
        return false;
    }
    bool is_leap_second = parts.tm_sec == 60;
    if (is_leap_second) {
        parts.tm_sec = 59;
    }
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    int day = parts.tm_mday;
    int64_t seconds = (int64_t)timegm(&parts);
    /* timegm turns 30 February into a day of March. */
    if (parts.tm_mday != day) {
        return false;
    }
    seconds -= (int64_t)offset_minutes * 60;
    /* Leap seconds are the last of a day of UTC, wherever they are told. */
    if (is_leap_second && (seconds + 1) % SECONDS_PER_DAY != 0) {
        return false;
    }
    int64_t result = seconds * 1000 + milliseconds;
    if (result < CLOCK_FIRST_MS || result > CLOCK_LAST_MS) {
        return false;
    }
    *time_ms = result;
    return true;
}
