#include "server/api/money.h"

static const struct {
    char code[4];
    int decimals;
} currencies[] = {
#define CURRENCY(code, decimals) {#code, decimals},
#include "server/api/currencies.def"
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

bool money_parse(struct str text, int exponent, int64_t *minor) {
    size_t point = str_find_byte(text, '.');
    struct str whole = str_slice(text, 0, point);
    struct str fraction = str_slice(text, point + 1, text.size);
    bool has_point = point < text.size;

    if (whole.size == 0 || (has_point && fraction.size == 0) || fraction.size > (size_t)exponent) {
        return false;
    }
    int64_t amount = 0;
    size_t decimals = 0;
    for (size_t i = 0; i < text.size + ((size_t)exponent - fraction.size) - (has_point ? 1 : 0);
         i++) {
        int64_t digit = 0;
        if (i < whole.size) {
            digit = whole.data[i] - '0';
        } else if (decimals < fraction.size) {
            digit = fraction.data[decimals++] - '0';
        }
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(amount, 10, &amount) ||
            __builtin_add_overflow(amount, digit, &amount)) {
            return false;
        }
    }
    *minor = amount;
    return true;
}
