#include "server/api/encoding.h"

#define WEIGHT_MAX 1000
#define WEIGHT_UNSAID (-1)

static bool is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

/* "0.25" is 250: at most three digits after the point, nothing above 1. */
static int parse_weight(struct str text) {
    int weight = 0;
    int unit = WEIGHT_MAX / 10;
    if (text.size == 0 || text.size > sizeof("0.000") - 1 ||
        (text.data[0] != '0' && text.data[0] != '1') || (text.size > 1 && text.data[1] != '.')) {
        return 0;
    }
    weight = (text.data[0] - '0') * WEIGHT_MAX;
    for (size_t i = 2; i < text.size; i++) {
        if (!is_digit(text.data[i])) {
            return 0;
        }
        weight += (text.data[i] - '0') * unit;
        unit /= 10;
    }
    return weight <= WEIGHT_MAX ? weight : 0;
}

/* Of "gzip;q=0.5" or "gzip": without one it is 1. */
static int weight_of(struct str parameters) {
    struct str rest = parameters;
    struct str parameter;
    while (str_next(&rest, ';', &parameter)) {
        parameter = str_trim(parameter);
        if (str_equals_ignoring_case(str_slice(parameter, 0, 2), STR("q="))) {
            return parse_weight(str_slice(parameter, 2, parameter.size));
        }
    }
    return WEIGHT_MAX;
}

struct weights {
    int gzip, identity, any;
};

/* Most of what browsers list is neither of ours, and every answer from memory comes through here.
 */
static bool may_be_ours(struct str item) {
    return item.size > 0 && strchr("gGxXiI*", item.data[0]) != NULL;
}

static void note(struct weights *weights, struct str item) {
    size_t semicolon = str_find_byte(item, ';');
    struct str coding = str_trim(str_slice(item, 0, semicolon));
    int weight = weight_of(str_slice(item, semicolon, item.size));
    if (str_equals_ignoring_case(coding, STR("gzip")) ||
        str_equals_ignoring_case(coding, STR("x-gzip"))) {
        weights->gzip = weight;
    } else if (str_equals_ignoring_case(coding, STR("identity"))) {
        weights->identity = weight;
    } else if (str_equals(coding, STR("*"))) {
        weights->any = weight;
    }
}

bool encoding_prefers_gzip(struct str accept_encoding) {
    struct weights weights = {WEIGHT_UNSAID, WEIGHT_UNSAID, WEIGHT_UNSAID};
    struct str rest = accept_encoding;
    struct str item;
    if (str_is_empty(accept_encoding)) {
        return false;
    }
    while (str_next(&rest, ',', &item)) {
        item = str_trim(item);
        if (may_be_ours(item)) {
            note(&weights, item);
        }
    }
    int gzip = weights.gzip != WEIGHT_UNSAID ? weights.gzip : weights.any;
    /* Unsaid it is acceptable, but nobody asked for it. */
    return gzip > 0 && gzip >= weights.identity;
}
