#include "stores/plain_letter.h"

#include <stddef.h>

#include "base/check.h"

struct plain_row {
    int32_t letter;
    const char *plain;
};

static const struct plain_row plain_rows[] = {
    {0x00e6, "ae"}, {0x0153, "oe"}, {0x00f8, "o"}, {0x0142, "l"}, {0x0111, "d"},
    {0x00f0, "d"},  {0x00fe, "th"}, {0x0131, "i"}, {0x0127, "h"},
};

const char *plain_letter(int32_t code_point) {
    for (size_t i = 0; i < COUNT_OF(plain_rows); i++) {
        if (plain_rows[i].letter == code_point) {
            return plain_rows[i].plain;
        }
    }
    return NULL;
}
