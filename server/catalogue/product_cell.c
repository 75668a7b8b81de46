#include "server/catalogue/product_cell.h"

#include "base/money.h"
#include "server/api/schema.h"
#include "stores/product.h"

static const char *read_text(const struct cell_context *context, struct str cell, void *target) {
    *(struct str *)target = arena_copy(context->arena, str_trim(cell));
    return NULL;
}

static void write_text(const struct cell_context *context, const void *value, struct buf *text) {
    (void)context;
    buf_append_str(text, *(const struct str *)value);
}

const struct cell_kind cell_text = {read_text, write_text};

static const char *read_text_as_is(const struct cell_context *context, struct str cell,
                                   void *target) {
    *(struct str *)target = arena_copy(context->arena, cell);
    return NULL;
}

const struct cell_kind cell_text_as_is = {read_text_as_is, write_text};

static const char *read_choice(const struct cell_context *context, struct str cell, void *target) {
    struct str wanted = str_trim(cell);
    struct str names = STR("");
    for (size_t i = 0; context->choices[i] != NULL; i++) {
        struct str choice = str_of(context->choices[i]);
        if (str_equals_ignoring_case(wanted, choice)) {
            *(struct str *)target = choice;
            return NULL;
        }
        const char *joint = i == 0 ? "" : context->choices[i + 1] == NULL ? " or " : ", ";
        names = arena_printf(context->arena, "%.*s%s%s", STR_ARG(names), joint, choice.data);
    }
    return arena_printf(context->arena, "must be %.*s", STR_ARG(names)).data;
}

const struct cell_kind cell_choice = {read_choice, write_text};

static const char *read_currency(const struct cell_context *context, struct str cell,
                                 void *target) {
    struct str code = str_trim(cell);
    (void)read_text(context, code, target);
    return currency_exponent(code) >= 0 ? NULL : "must be a code of ISO 4217 such as USD";
}

const struct cell_kind cell_currency = {read_currency, write_text};

static const char *read_integer(const struct cell_context *context, struct str cell, void *target) {
    (void)context;
    bool is_integer = str_to_int64(str_trim(cell), target) && *(int64_t *)target != INT64_ABSENT;
    return is_integer ? NULL : "must be a whole number";
}

static void write_integer(const struct cell_context *context, const void *value, struct buf *text) {
    (void)context;
    if (*(const int64_t *)value != INT64_ABSENT) {
        buf_append_int64(text, *(const int64_t *)value);
    }
}

const struct cell_kind cell_integer = {read_integer, write_integer};

/* What was sold below zero is not on hand. */
static const char *read_quantity(const struct cell_context *context, struct str cell,
                                 void *target) {
    const char *complaint = read_integer(context, cell, target);
    int64_t *quantity = target;
    if (complaint == NULL && *quantity < 0) {
        *quantity = 0;
    }
    return complaint;
}

const struct cell_kind cell_quantity = {read_quantity, write_integer};

/* Weights come from other units and have a fraction then; half a gram more or less is nothing. */
static const char *read_grams(const struct cell_context *context, struct str cell, void *target) {
    static const char complaint[] = "must be a number of grams";
    struct str text = str_trim(cell);
    size_t point = str_find_byte(text, '.');
    struct str fraction = str_slice(text, point + 1, text.size);
    for (size_t i = 0; i < fraction.size; i++) {
        if (fraction.data[i] < '0' || fraction.data[i] > '9') {
            return complaint;
        }
    }
    if (read_integer(context, str_slice(text, 0, point), target) != NULL) {
        return complaint;
    }
    int64_t *grams = target;
    bool is_rounded_up = fraction.size > 0 && fraction.data[0] >= '5' && *grams < INT64_MAX;
    *grams += is_rounded_up ? 1 : 0;
    return NULL;
}

const struct cell_kind cell_grams = {read_grams, write_integer};

static const char *read_money(const struct cell_context *context, struct str cell, void *target) {
    return money_parse(str_trim(cell), context->exponent, target)
               ? NULL
               : "must be an amount such as 19.99, with no more decimals than the currency has";
}

static void write_money(const struct cell_context *context, const void *value, struct buf *text) {
    char amount[MONEY_TEXT_BYTES];
    if (*(const int64_t *)value != INT64_ABSENT) {
        money_print(*(const int64_t *)value, context->exponent, amount);
        buf_append_str(text, str_of(amount));
    }
}

const struct cell_kind cell_money = {read_money, write_money};

/*
 * Takes the tag in quotes that *rest begins with, and the comma behind it; `out` has room for it.
 * False, and nothing taken, when the quote opens nothing.
 */
static bool take_quoted_tag(struct str *rest, char *out, struct str *tag) {
    size_t size = 0;
    for (size_t at = 1; at < rest->size; at++) {
        bool is_quote = rest->data[at] == '"';
        bool is_doubled = is_quote && at + 1 < rest->size && rest->data[at + 1] == '"';
        if (is_quote && !is_doubled) {
            struct str after = str_trim(str_slice(*rest, at + 1, rest->size));
            bool is_closed = after.size == 0 || after.data[0] == ',';
            *tag = (struct str){out, size};
            *rest = is_closed ? str_slice(after, 1, after.size) : *rest;
            return is_closed;
        }
        at += is_doubled ? 1 : 0;
        out[size++] = rest->data[at];
    }
    return false;
}

static void add_tag(struct str_list *tags, struct str tag) {
    bool is_known = str_is_empty(tag);
    for (size_t i = 0; i < tags->count && !is_known; i++) {
        is_known = str_equals(tags->items[i], tag);
    }
    if (!is_known) {
        tags->items[tags->count++] = tag;
    }
}

/*
 * Tags are separated by commas. One that has a comma, or begins with a quote, is written in quotes,
 * its own quotes twice; a quote elsewhere means itself, as in 12" vinyl. One more than a product
 * may have is enough to be refused.
 */
static const char *read_tags(const struct cell_context *context, struct str cell, void *target) {
    struct str_list *tags = target;
    struct str rest = str_trim(cell);
    char *out = arena_alloc(context->arena, rest.size);
    tags->items = arena_alloc_array(context->arena, PRODUCT_TAGS_MAX + 1, sizeof(*tags->items));
    while (rest.size > 0 && tags->count <= PRODUCT_TAGS_MAX) {
        struct str tag = {0};
        if (rest.data[0] != '"' || !take_quoted_tag(&rest, out, &tag)) {
            (void)str_next(&rest, ',', &tag);
            memcpy(out, tag.data, tag.size);
            tag.data = out;
        }
        out += tag.size;
        add_tag(tags, str_trim(tag));
        rest = str_trim(rest);
    }
    return NULL;
}

static void write_tags(const struct cell_context *context, const void *value, struct buf *text) {
    const struct str_list *tags = value;
    (void)context;
    for (size_t i = 0; i < tags->count; i++) {
        struct str tag = tags->items[i];
        bool is_quoted = str_starts_with(tag, STR("\"")) || str_find_byte(tag, ',') < tag.size;
        buf_append_str(text, i == 0 ? STR("") : STR(", "));
        buf_append_str(text, is_quoted ? STR("\"") : STR(""));
        for (size_t at = 0; at < tag.size; at++) {
            buf_append_str(text, is_quoted && tag.data[at] == '"' ? STR("\"") : STR(""));
            buf_append_byte(text, tag.data[at]);
        }
        buf_append_str(text, is_quoted ? STR("\"") : STR(""));
    }
}

const struct cell_kind cell_tags = {read_tags, write_tags};

/* JSON is read by the rows of a schema, as a body is; the cell is the one member's value. */
struct json_member {
    struct str_pair_list attributes;
    struct product_option_list options;
};

static const struct field option_fields[] = {
    {.name = "name",
     .type = FIELD_STR,
     .offset = offsetof(struct product_option, name),
     .is_required = true,
     .max = PRODUCT_LABEL_MAX_CHARACTERS},
    {.name = "values",
     .type = FIELD_STRS,
     .offset = offsetof(struct product_option, values),
     .is_required = true,
     .max = PRODUCT_OPTION_VALUES_MAX},
};
static const struct schema option_schema =
    SCHEMA("ProductFileOption", struct product_option, option_fields);

static const struct field attributes_field[] = {
    {.name = "value",
     .type = FIELD_PAIRS,
     .offset = offsetof(struct json_member, attributes),
     .max = PRODUCT_ATTRIBUTES_MAX},
};
static const struct schema attributes_schema =
    SCHEMA("ProductFileAttributes", struct json_member, attributes_field);

static const struct field options_field[] = {
    {.name = "value",
     .type = FIELD_OBJECTS,
     .offset = offsetof(struct json_member, options),
     .object = &option_schema,
     .max = PRODUCT_OPTIONS_MAX},
};
static const struct schema options_schema =
    SCHEMA("ProductFileOptions", struct json_member, options_field);

/* NULL when the cell is not the schema's. */
static const struct json_member *read_json(const struct cell_context *context,
                                           const struct schema *schema, struct str cell) {
    struct violations violations;
    violations_init(&violations, context->arena);
    struct schema_decoding decoding = {.arena = context->arena, .violations = &violations};
    struct str json = arena_printf(context->arena, "{\"value\":%.*s}", STR_ARG(cell));
    void *member = NULL;
    return fault_occurred(schema_decode(schema, json, &decoding, &member)) ? NULL : member;
}

static void write_json(const struct schema *schema, const struct json_member *member,
                       struct buf *text) {
    static const struct str begin = STR_INIT("{\"value\":");
    struct buf json;
    buf_init(&json, text->max_bytes);
    schema_encode(schema, member, &json);
    struct str value = str_slice(buf_str(&json), begin.size, json.size - begin.size - 1);
    buf_append_str(text, value);
    text->overflowed = text->overflowed || buf_is_overflowed(&json);
    buf_release(&json);
}

static const char *read_attributes(const struct cell_context *context, struct str cell,
                                   void *target) {
    const struct json_member *member = read_json(context, &attributes_schema, cell);
    if (member == NULL) {
        return "must be JSON such as {\"Material\": \"Wool\"}, with at most 100 names";
    }
    *(struct str_pair_list *)target = member->attributes;
    return NULL;
}

static void write_attributes(const struct cell_context *context, const void *value,
                             struct buf *text) {
    const struct str_pair_list *attributes = value;
    (void)context;
    if (attributes->count > 0) {
        write_json(&attributes_schema, &(struct json_member){.attributes = *attributes}, text);
    }
}

const struct cell_kind cell_attributes = {read_attributes, write_attributes};

static const char *read_options(const struct cell_context *context, struct str cell, void *target) {
    const struct json_member *member = read_json(context, &options_schema, cell);
    if (member == NULL) {
        return "must be JSON such as [{\"name\": \"Size\", \"values\": [\"S\", \"M\"]}]";
    }
    *(struct product_option_list *)target = member->options;
    return NULL;
}

static void write_options(const struct cell_context *context, const void *value, struct buf *text) {
    const struct product_option_list *options = value;
    (void)context;
    if (options->count > 0) {
        write_json(&options_schema, &(struct json_member){.options = *options}, text);
    }
}

const struct cell_kind cell_options = {read_options, write_options};
