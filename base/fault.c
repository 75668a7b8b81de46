#include "base/fault.h"

static const struct fault_row fault_rows[FAULT_COUNT] = {
#define FAULT(name, http_status, public_code, may_succeed_later, public_sentence) \
    [FAULT_##name] = {.code = (public_code),                                      \
                      .sentence = (public_sentence),                              \
                      .status = (http_status),                                    \
                      .retryable = (may_succeed_later)},
#include "base/faults.def"
#undef FAULT
};

const struct fault_row *fault_row(enum fault_name name) {
    CHECK(name > FAULT_NONE && name < FAULT_COUNT);
    return &fault_rows[name];
}
