#include "base/money.h"

#include <inttypes.h>
#include <stdio.h>

static const struct {
    char code[4];
    int decimals;
} currencies[] = {
#define CURRENCY(code, decimals) {#code, decimals},
#include "base/currencies.def"
#undef CURRENCY
};

int currency_exponent(struct str code) {
    for (size_t i = 0; i < COUNT_OF(currencies); i++) {
        if (str_equals(code, str_of(currencies[i].code))) {
            return currencies[i].decimals;
        }
    }
    return -1;
}

static bool append_digit(char byte, int64_t *amount) {
    return byte >= '0' && byte <= '9' && !__builtin_mul_overflow(*amount, 10, amount) &&
           !__builtin_add_overflow(*amount, byte - '0', amount);
}

bool money_parse(struct str text, int exponent, int64_t *minor) {
    CHECK(exponent >= 0);
    size_t point = str_find_byte(text, '.');
    struct str whole = str_slice(text, 0, point);
    struct str fraction = str_slice(text, point + 1, text.size);
    bool has_point = point < text.size;
    int64_t amount = 0;

    if (whole.size == 0 || (has_point && fraction.size == 0) || fraction.size > (size_t)exponent) {
        return false;
    }
    for (size_t i = 0; i < whole.size; i++) {
        if (!append_digit(whole.data[i], &amount)) {
            return false;
        }
    }
    for (size_t i = 0; i < (size_t)exponent; i++) {
        if (!append_digit(i < fraction.size ? fraction.data[i] : '0', &amount)) {
            return false;
        }
    }
    *minor = amount;
    return true;
}

void money_print(int64_t minor, int exponent, char text[static MONEY_TEXT_BYTES]) {
    CHECK(minor >= 0 && exponent >= 0 && exponent <= 4);
    int64_t unit = 1;
    for (int i = 0; i < exponent; i++) {
        unit *= 10;
    }
    if (exponent == 0) {
        (void)snprintf(text, MONEY_TEXT_BYTES, "%" PRId64, minor);
    } else {
        (void)snprintf(text, MONEY_TEXT_BYTES, "%" PRId64 ".%0*" PRId64, minor / unit, exponent,
                       minor % unit);
    }
}
