/*
 * CHECK: what must be true, in every build.
 *
 * A failed CHECK is an error of the programmer, never of the input: it writes one line to standard
 * error and aborts. What may fail returns a `struct fault` instead; the two are never mixed.
 */
#ifndef AIZY_BASE_CHECK_H
#define AIZY_BASE_CHECK_H

#define CHECK(condition)                                  \
    do {                                                  \
        if (__builtin_expect(!(condition), 0)) {          \
            check_failed(#condition, __FILE__, __LINE__); \
        }                                                 \
    } while (0)

/* Never returns. Safe from any thread; takes no lock, so that a failure within one still shows. */
__attribute__((noreturn, cold)) void check_failed(const char *condition, const char *file,
                                                  int line);

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_index, first_argument) \
    __attribute__((format(printf, format_index, first_argument)))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
