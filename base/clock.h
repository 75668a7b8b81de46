/*
 * clock: what time it is, and times as text.
 *
 * A time of the calendar is a count of milliseconds since 1970-01-01T00:00:00Z (`..._ms`, int64);
 * INT64_ABSENT (base/str.h) stands for "no time". How long something takes is measured with the
 * monotonic clock.
 */
#ifndef AIZY_BASE_CLOCK_H
#define AIZY_BASE_CLOCK_H

#include <stdint.h>

#include "base/str.h"

int64_t clock_now_ms(void);
int64_t clock_monotonic_us(void);

/* "2026-02-06T07:51:00Z" and its NUL. */
#define CLOCK_TEXT_SIZE 21

/* RFC 3339 in UTC, whole seconds (rounded down). CHECKs that the year is 0000 to 9999. */
void clock_format(int64_t time_ms, char text[static CLOCK_TEXT_SIZE]);

/* The same with milliseconds, for logs: "2026-02-06T07:51:00.123Z". */
#define CLOCK_TEXT_MS_SIZE 25
void clock_format_with_ms(int64_t time_ms, char text[static CLOCK_TEXT_MS_SIZE]);

/*
 * Reads RFC 3339 (section 5.6): 'T' and 'Z' in either case, fractions of any length (below a
 * millisecond cut off), offsets; a leap second reads as the second before. False when it is not
 * one, or out of the years 0000 to 9999.
 */
MUST_USE bool clock_parse(struct str text, int64_t *time_ms);

#endif
