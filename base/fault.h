/*
 * Faults: how anything that may fail says so.
 *
 * A function that may fail returns `struct fault` and is marked MUST_USE. A fault names a row of
 * faults.def and nothing more, so that no private detail can reach a client: where a fault arises,
 * its detail (SQLSTATE, driver text) goes to the log, together with the id of the request.
 *
 *     MUST_USE struct fault user_store_find(..., struct user *user);
 *
 *     TRY(user_store_find(store, id, &user));
 *     ENSURE(user.is_active, FAULT_ACCOUNT_INACTIVE);
 *
 * TRY and ENSURE are the only macros of this project that leave a function. A function that holds
 * something to release calls what may fail in a function of its own.
 */
#ifndef AIZY_BASE_FAULT_H
#define AIZY_BASE_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"

enum fault_name {
    FAULT_NONE = 0,
#define FAULT(name, status, code, retryable, sentence) FAULT_##name,
#include "base/faults.def"
#undef FAULT
    FAULT_COUNT
};

struct fault {
    enum fault_name name;
};

/* What a row of faults.def says. */
struct fault_row {
    const char *code;
    const char *sentence;
    int status;
    bool retryable;
};

static inline struct fault fault_none(void) {
    return (struct fault){FAULT_NONE};
}

static inline struct fault fault_of(enum fault_name name) {
    return (struct fault){name};
}

static inline bool fault_is(struct fault fault, enum fault_name name) {
    return fault.name == name;
}

static inline bool fault_occurred(struct fault fault) {
    return fault.name != FAULT_NONE;
}

/* The row of a fault other than FAULT_NONE; static. */
const struct fault_row *fault_row(enum fault_name name);

#define TRY(expression)                                              \
    do {                                                             \
        struct fault fault_of_try_ = (expression);                   \
        if (__builtin_expect(fault_of_try_.name != FAULT_NONE, 0)) { \
            return fault_of_try_;                                    \
        }                                                            \
    } while (0)

#define ENSURE(condition, fault_name)            \
    do {                                         \
        if (__builtin_expect(!(condition), 0)) { \
            return fault_of(fault_name);         \
        }                                        \
    } while (0)

#endif
